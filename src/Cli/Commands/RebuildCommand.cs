using System.CommandLine;
using Etl.Cli.Backfilling;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Backfilling;

namespace Etl.Cli.Commands;

/// <summary>Builds results again from what has landed: a backfill from the lake, of all windows or of one dataset's.</summary>
internal static class RebuildCommand
{
    private static readonly Argument<string> OfArgument = new("of") { Description = "A DAG, or one of its results such as truck_hourly", HelpName = "dag|dataset" };
    private static readonly Option<string> FromOption = new("--from") { Description = "First local date of the DAG's zone, included", Required = true, HelpName = "DATE" };
    private static readonly Option<string> ToOption = new("--to") { Description = "Last local date, included", Required = true, HelpName = "DATE" };
    private static readonly Option<string> PolicyOption = new("--policy") { Description = "Which windows, some of: missing, failed, stale, separated by commas, or all", DefaultValueFactory = _ => "all", HelpName = "WHICH" };
    private static readonly Option<bool> YesOption = new("--yes", "-y") { Description = "Start it; without it, and without --plan, the plan is shown and nothing done" };
    private static readonly Option<string?> PlanOption = new("--plan") { Description = "Start it if the plan is still this one, as it was shown", HelpName = "HASH" };

    public static Command New()
    {
        var rebuild = new Verb("rebuild", "Build results again from what has landed; what comes out otherwise is published. Shows the plan; --yes starts it",
            "etl rebuild truck_hourly --from 2026-03-01 --to 2026-03-31 --policy stale") { OfArgument, FromOption, ToOption, PolicyOption, YesOption, PlanOption, BackfillCommand.OrderOption, BackfillCommand.ParallelismOption, BackfillCommand.QueueOption, BackfillCommand.WaitOption };
        rebuild.SetAction(Invocation.Of(async (invocation, parsed, cancel) =>
        {
            var request = RequestOf(parsed);
            invocation.MustKnowData(isElsewhere: invocation.Settings.Metadata.Store != "sqlite");
            if (parsed.GetValue(YesOption) || parsed.GetValue(PlanOption) is not null)
                return await BackfillCommand.StartAsync(invocation, request, parsed, parsed.GetValue(PlanOption), $"rebuild of {parsed.GetValue(OfArgument)}", cancel);
            var plan = await BackfillCommand.PlanAsync(await BackfillCommand.OpenAsync(invocation, request, cancel), invocation, request, cancel);
            invocation.Terminal.Answer(BackfillView.Document(plan), people => BackfillView.Draw(plan, people));
            if (plan.Windows.Count > 0) invocation.Terminal.Note($"nothing is done yet; --yes starts it, --plan {plan.Hash} exactly this");
            return ExitCodes.Ok;
        }));
        return rebuild;
    }

    private static BackfillRequest RequestOf(ParseResult parsed)
    {
        string of = parsed.GetValue(OfArgument)!;
        var build = Composition.Dags.SelectMany(dag => dag.Steps).OfType<BuildStep>().FirstOrDefault(step => step.Dataset == of || step.FullName == of);
        var dag = build?.Dag ?? Composition.Dags.FirstOrDefault(dag => dag.Name == of) ?? throw new NotFoundException(
            $"found no DAG or result \"{of}\", expected one of: {string.Join(", ", Composition.Dags.Select(each => each.Name).Concat(Composition.Dags.SelectMany(each => each.Steps).OfType<BuildStep>().Select(step => step.Dataset)))}");
        return new(dag, BackfillFrom.Lake, BackfillCommand.DateOf("--from", parsed.GetValue(FromOption)!), BackfillCommand.DateOf("--to", parsed.GetValue(ToOption)!), BackfillCommand.PolicyOf(parsed.GetValue(PolicyOption)!),
            parsed.GetValue(BackfillCommand.OrderOption), new Dictionary<string, string>()) { Only = build };
    }
}
