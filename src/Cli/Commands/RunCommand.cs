using System.CommandLine;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Running;
using Etl.Topics;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Runs all that is due of one DAG and ends.</summary>
internal static class RunCommand
{
    private static readonly Argument<string> DagArgument = new("dag") { Description = $"One of: {string.Join(", ", Composition.Dags.Select(dag => dag.Name))}" };

    public static Command New()
    {
        var command = new Verb("run", "Land what has come, then build, check and publish what is due", "etl run trucks") { DagArgument };
        command.SetAction(Invocation.Of((invocation, parsed, cancel) => RunAsync(invocation, parsed.GetValue(DagArgument)!, cancel)));
        return command;
    }

    public static Product Find(string dag) => Composition.Products.FirstOrDefault(product => product.Dag.Name == dag)
        ?? throw new NotFoundException($"found no DAG \"{dag}\", expected one of: {string.Join(", ", Composition.Dags.Select(known => known.Name))}");

    private static async Task<int> RunAsync(Invocation invocation, string dag, CancellationToken cancel)
    {
        var product = Find(dag);
        var topics = await invocation.OpenTopicsAsync(cancel);
        await DemandTopicsAsync(topics, product, cancel);
        var engine = await invocation.OpenWorkAsync(cancel);
        using var progress = new ProgressLine(invocation.Terminal, $"run {dag}");
        var report = await engine.NewRun(invocation.Clock).RunAsync(product.Dag, topics.FeedsOf(product, engine, invocation.Clock), now => progress.Report(Sum(now)), cancel);
        progress.Dispose();
        Answer(invocation.Terminal, report, progress.Elapsed);
        return CodeOf(report);
    }

    /// <summary>5 where some of it could not be done, 1 where nothing could.</summary>
    public static int CodeOf(RunReport report) =>
        !report.Failed.Any() && !report.Halts.Any() ? ExitCodes.Ok : report.Built + report.Published + report.Checked > 0 || report.Landed > 0 ? ExitCodes.DoneInPart : ExitCodes.WorkFailed;

    public static string Sum(RunReport report) => $"{report.Landed:N0} landed, {report.Built:N0} built, {report.Published:N0} published";

    public static void Answer(Terminal terminal, RunReport report, TimeSpan took)
    {
        terminal.Answer(
            new
            {
                report.Dag, report.Read, report.Landed, report.Rejected, report.Built, report.Unchanged, report.Checked, report.Published, report.Retried,
                Failed = report.Failed.Count(), Waiting = report.Open.Count - report.Failed.Count(), Halted = report.Halts.Select(halt => new { halt.Topic, halt.Partition, halt.Reason }), Seconds = Math.Round(took.TotalSeconds, 3),
            },
            people => people.MarkupLine(IsNothing(report)
                ? $"{report.Dag}: nothing to do, everything is up to date"
                : $"{report.Dag}: landed {report.Landed:N0}{(report.Rejected > 0 ? $", rejected {report.Rejected:N0} (see `etl rejects list`)" : "")}, built {report.Built:N0}{Steps(report)}, checked {report.Checked:N0}, published {report.Published:N0} [grey]({took.TotalSeconds:F1} s)[/]"));
        if (terminal.IsJson) return;
        foreach (var halt in report.Halts) terminal.Say($"[red]halted[/] {Markup.Escape(halt.Topic)} partition {halt.Partition}: {Markup.Escape(halt.Reason)}");
        foreach (var slot in report.Failed.Take(10)) terminal.Say($"[red]{slot.State.ToString().ToLowerInvariant()}[/] {slot.Id.Step} {slot.Id.Window}: {Markup.Escape(slot.Reason)}");
        int waiting = report.Open.Count - report.Failed.Count();
        if (waiting > 0 && !IsNothing(report)) terminal.Note($"{waiting:N0} windows wait, the first: {Markup.Escape(report.Open.First(slot => slot.State is SlotState.Waiting or SlotState.Queued or SlotState.Running) is var first ? $"{first.Id.Step} {first.Id.Window}, {first.Reason}" : "")}");
    }

    private static bool IsNothing(RunReport report) => report.Read + report.Built + report.Unchanged + report.Checked + report.Published == 0 && !report.Failed.Any() && !report.Halts.Any();

    private static string Steps(RunReport report) => report.BuiltByStep.Count == 0 ? "" : $" ({string.Join(", ", report.BuiltByStep.Select(step => $"{step.Key} {step.Value:N0}"))})";

    private static async Task DemandTopicsAsync(TopicAccess topics, Product product, CancellationToken cancel)
    {
        using var admin = new TopicAdmin(topics.Kafka);
        foreach (var topic in product.Topics)
        {
            if (await admin.FindAsync(topic.Name, cancel) is null)
                throw new NotFoundException($"topic {topic.Name} is not there at {topics.Kafka.BootstrapServers}; make it with `etl topic create {topic.Name}`, or make events with `etl simulate {product.Dag.Name}`");
        }
    }
}
