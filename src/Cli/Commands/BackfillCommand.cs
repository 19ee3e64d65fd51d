using System.CommandLine;
using System.Globalization;
using Etl.Cli.Backfilling;
using Etl.Cli.Hosting;
using Etl.Cli.Parameters;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Backfilling;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Ranges of a DAG done again, or at last: planned, started, held and ended.</summary>
internal static class BackfillCommand
{
    private const int Most = 10_000;

    private static readonly Argument<string> DagArgument = new("dag") { Description = $"One of: {string.Join(", ", Composition.Dags.Select(dag => dag.Name))}" };
    private static readonly Argument<long> IdArgument = new("backfill") { Description = "Its number, as `etl backfill list` names it" };
    private static readonly Option<BackfillFrom> FromOption = new("--from") { Description = "source: poll the days again; topic: land what the topics hold, then build; lake: build from what has landed", Required = true, HelpName = "WHERE" };
    private static readonly Option<string> StartOption = new("--start") { Description = "First local date of the DAG's zone, included", Required = true, HelpName = "DATE" };
    private static readonly Option<string> EndOption = new("--end") { Description = "Last local date, included", Required = true, HelpName = "DATE" };
    private static readonly Option<string> PolicyOption = new("--policy") { Description = "Which windows, some of: missing, failed, stale, separated by commas, or all", DefaultValueFactory = _ => "missing,failed", HelpName = "WHICH" };
    internal static readonly Option<BackfillOrder> OrderOption = new("--order") { Description = "newest or oldest first", HelpName = "ORDER" };
    internal static readonly Option<int> ParallelismOption = new("--parallelism") { Description = $"Units under way at once (calls of a source, days of a lake), 1 to {BackfillRequest.ParallelismMax}", DefaultValueFactory = _ => 4, HelpName = "N" };
    private static readonly Option<string[]> ParamOption = new("--param", "-p") { Description = "NAME=VALUE of the DAG, once for each; the dates are the range's", HelpName = "K=V", DefaultValueFactory = _ => [] };
    private static readonly Option<string?> PlanOption = new("--plan") { Description = "Start only if the plan is still this one, as `etl backfill plan` showed it", HelpName = "HASH" };
    internal static readonly Option<bool> QueueOption = new("--queue") { Description = "Wait for an open backfill of the DAG whose range it meets; else it is refused" };
    internal static readonly Option<bool> WaitOption = new("--wait") { Description = "End when it has ended: do the work here, or wait for the `etl up` that has the folder" };
    private static readonly Option<string?> ListDagOption = new("--dag") { Description = "Only those of this DAG", HelpName = "DAG" };
    private static readonly Option<int> MaxOption = new("--max") { Description = $"How many, the newest first, 1 to {Most:N0}", DefaultValueFactory = _ => 20, HelpName = "N" };

    public static Command New()
    {
        var plan = new Verb("plan", "What a backfill would do, and nothing done: windows by step, calls, rows known, and the plan's hash",
            "etl backfill plan historic_main --from source --start 2024-01-01 --end 2024-03-31") { DagArgument, FromOption, StartOption, EndOption, PolicyOption, OrderOption, CallTexts.SetOption, ParamOption };
        plan.SetAction(Invocation.Of(async (invocation, parsed, cancel) =>
        {
            var request = await RequestAsync(invocation, parsed, cancel);
            var planned = await PlanAsync(await OpenAsync(invocation, request, cancel), invocation, request, cancel);
            invocation.Terminal.Answer(BackfillView.Document(planned), people => BackfillView.Draw(planned, people));
            return ExitCodes.Ok;
        }));
        var start = new Verb("start", "Do exactly what the plan says, in the backfill lane",
            "etl backfill start trucks --from lake --start 2026-03-01 --end 2026-03-31 --policy stale --wait") { DagArgument, FromOption, StartOption, EndOption, PolicyOption, OrderOption, ParallelismOption, CallTexts.SetOption, ParamOption, PlanOption, QueueOption, WaitOption };
        start.SetAction(Invocation.Of(async (invocation, parsed, cancel) => await StartAsync(invocation, await RequestAsync(invocation, parsed, cancel), parsed, parsed.GetValue(PlanOption), "started", cancel)));
        var list = new Verb("list", "The newest backfills, with how far they are", "etl backfill list --dag trucks") { ListDagOption, MaxOption };
        list.SetAction(Invocation.Of(ListAsync));
        var show = new Verb("show", "One backfill: what it was asked for, how far it is, rate and estimate", "etl backfill show 1") { IdArgument };
        show.SetAction(Invocation.Of(async (invocation, parsed, cancel) => Answer(invocation, await FindAsync(await invocation.OpenKnownAsync(cancel), parsed, cancel))));
        var pause = new Verb("pause", "Take no further windows; those under way end", "etl backfill pause 1") { IdArgument };
        pause.SetAction(Invocation.Of((invocation, parsed, cancel) => MoveAsync(invocation, parsed, "pause", [BackfillState.Running], BackfillState.Paused, cancel)));
        var resume = new Verb("resume", "Go on where it was paused", "etl backfill resume 1 --wait") { IdArgument, WaitOption };
        resume.SetAction(Invocation.Of((invocation, parsed, cancel) => MoveAsync(invocation, parsed, "resume", [BackfillState.Paused], BackfillState.Running, cancel)));
        var stop = new Verb("cancel", "End it: windows under way end, the others are left as they are", "etl backfill cancel 1") { IdArgument };
        stop.SetAction(Invocation.Of((invocation, parsed, cancel) => MoveAsync(invocation, parsed, "cancel", [BackfillState.Queued, BackfillState.Running, BackfillState.Paused], BackfillState.Cancelled, cancel)));
        return new Verb("backfill", "Do a range of a DAG's windows again, or at last, beside live work: plan, start, list, show, pause, resume, cancel", "etl backfill list") { plan, start, list, show, pause, resume, stop };
    }

    /// <summary>0 done or going on, 1 nothing of it was done, 5 some of it.</summary>
    internal static int CodeOf(Backfill backfill) => backfill.State switch
    {
        BackfillState.Failed or BackfillState.Cancelled => backfill.DoneWindows > 0 ? ExitCodes.DoneInPart : ExitCodes.WorkFailed,
        _ => ExitCodes.Ok,
    };

    /// <exception cref="UsageException">One of them is none.</exception>
    internal static BackfillPolicy PolicyOf(string text)
    {
        var policy = BackfillPolicy.None;
        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            policy |= name.ToLowerInvariant() switch
            {
                "missing" => BackfillPolicy.Missing,
                "failed" => BackfillPolicy.Failed,
                "stale" => BackfillPolicy.Stale,
                "all" => BackfillPolicy.All,
                _ => throw new UsageException($"--policy: found \"{name}\", expected some of: missing, failed, stale, or all"),
            };
        return policy;
    }

    /// <param name="hash">Of the plan that it must still be; null for whatever it is now.</param>
    internal static async Task<int> StartAsync(Invocation invocation, BackfillRequest request, ParseResult parsed, string? hash, string reason, CancellationToken cancel)
    {
        int parallelism = parsed.GetValue(ParallelismOption);
        if (parallelism is < 1 or > BackfillRequest.ParallelismMax) throw new UsageException($"--parallelism: found {parallelism}, expected 1 to {BackfillRequest.ParallelismMax}");
        var engine = await OpenAsync(invocation, request, cancel);
        var plan = await PlanAsync(engine, invocation, request, cancel);
        if (hash is not null && hash != plan.Hash) throw new ConflictException($"--plan: found {plan.Hash} now, expected {hash}: windows have been done or added since; look at the plan again");
        if (plan.Windows.Count == 0 && plan.Request.From != BackfillFrom.Topic) // what a topic holds may not have landed: it is known when it has
        {
            invocation.Terminal.Answer(BackfillView.Document(plan), people => BackfillView.Draw(plan, people));
            return ExitCodes.Ok;
        }
        var (made, meets) = await engine.Metadata.Backfills.StartAsync(new(request.Dag.Name, request.From, request.First, request.Last, request.Policy, request.Order, parallelism, request.Parameters, plan.Hash, $"{reason} from the command line{(request.ParameterSet.Length > 0 ? $" with set {request.ParameterSet}" : "")}"), plan.ForStore(), parsed.GetValue(QueueOption), cancel);
        if (made is null) throw new ConflictException($"{request.Dag.Name}: backfill {meets!.Id} is {meets.State.ToString().ToLowerInvariant()} for {BackfillView.Day(meets.First)} to {BackfillView.Day(meets.Last)}, which meets this range; wait for it, or give --queue");
        if (meets is not null) invocation.Terminal.Note($"backfill {made.Id} waits for backfill {meets.Id}, whose range it meets");
        return await GoOnAsync(invocation, engine, made, parsed.GetValue(WaitOption), cancel);
    }

    private static async Task<int> ListAsync(Invocation invocation, ParseResult parsed, CancellationToken cancel)
    {
        int max = parsed.GetValue(MaxOption);
        if (max is < 1 or > Most) throw new UsageException($"--max: found {max}, expected 1 to {Most:N0}");
        string? dag = parsed.GetValue(ListDagOption);
        if (dag is not null) RunCommand.Find(dag);
        var engine = await invocation.OpenKnownAsync(cancel);
        var backfills = await engine.Metadata.Backfills.ListAsync(new() { Dag = dag, Max = max }, cancel);
        var now = invocation.Clock.GetUtcNow();
        invocation.Terminal.Answer(backfills.Select(backfill => BackfillView.Document(backfill, now)), people => people.Write(BackfillView.Table(backfills, now)));
        if (backfills.Count == 0) invocation.Terminal.Note("no backfill; `etl backfill plan` shows what one would do, `etl backfill start` does it");
        return ExitCodes.Ok;
    }

    private static async Task<int> MoveAsync(Invocation invocation, ParseResult parsed, string verb, BackfillState[] from, BackfillState to, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        var backfill = await FindAsync(engine, parsed, cancel);
        if (!from.Contains(backfill.State)) throw new ConflictException($"backfill {backfill.Id} is {backfill.State.ToString().ToLowerInvariant()}; {verb} takes one that is {string.Join(" or ", from.Select(state => state.ToString().ToLowerInvariant()))}");
        if (!await engine.Metadata.Backfills.MoveAsync(backfill.Id, backfill.State, to, $"{to.ToString().ToLowerInvariant()} from the command line", cancel)) throw new ConflictException($"backfill {backfill.Id} was changed by somebody else meanwhile; look at it with `etl backfill show {backfill.Id}`");
        backfill = await FindAsync(engine, parsed, cancel);
        if (to == BackfillState.Running) return await GoOnAsync(invocation, engine, backfill, parsed.GetValue(WaitOption), cancel);
        Answer(invocation, backfill);
        return ExitCodes.Ok;
    }

    private static async Task<int> GoOnAsync(Invocation invocation, Engine engine, Backfill backfill, bool wait, CancellationToken cancel)
    {
        if (wait) backfill = await new BackfillRunner(invocation, engine).WaitAsync(backfill, cancel);
        else if (invocation.Folder.IsOwner) invocation.Terminal.Note("`etl up` carries it out; it does not run on this folder now");
        return Answer(invocation, backfill);
    }

    private static int Answer(Invocation invocation, Backfill backfill)
    {
        var now = invocation.Clock.GetUtcNow();
        invocation.Terminal.Answer(BackfillView.Document(backfill, now), people =>
        {
            people.MarkupLine($"[bold]backfill {backfill.Id}[/] of {backfill.Dag} from {backfill.From.ToString().ToLowerInvariant()}, {BackfillView.Day(backfill.First)} to {BackfillView.Day(backfill.Last)}, {BackfillView.Text(backfill.Policy)}, {backfill.Order.ToString().ToLowerInvariant()} first, {backfill.Parallelism} at once, plan {backfill.Hash}");
            people.MarkupLine($"{BackfillView.Word(backfill.State)}, {Markup.Escape(BackfillView.Counts(backfill, now))}{(backfill.UnderWay > 0 ? $", {backfill.UnderWay:N0} under way" : "")}{(backfill.Reason.Length > 0 ? $" [grey]({Markup.Escape(backfill.Reason)})[/]" : "")}");
            if (backfill.Parameters != "{}") people.MarkupLine($"parameters {Markup.Escape(backfill.Parameters)}");
        });
        return CodeOf(backfill);
    }

    private static async Task<Backfill> FindAsync(Engine engine, ParseResult parsed, CancellationToken cancel) =>
        await engine.Metadata.Backfills.FindAsync(parsed.GetValue(IdArgument), cancel) ?? throw new NotFoundException($"found no backfill {parsed.GetValue(IdArgument)}, expected one of `etl backfill list`");

    /// <summary>What is wrong with the words is told before the folder is opened.</summary>
    internal static async Task<Engine> OpenAsync(Invocation invocation, BackfillRequest request, CancellationToken cancel)
    {
        if (request.Faults().ToList() is { Count: > 0 } faults) throw new UsageException(string.Join("; ", faults));
        var engine = await invocation.OpenKnownAsync(cancel);
        engine.MustBeSound(request.Dag);
        return engine;
    }

    internal static async Task<BackfillPlan> PlanAsync(Engine engine, Invocation invocation, BackfillRequest request, CancellationToken cancel)
    {
        try { return await new BackfillPlanner(engine.Metadata, engine.Jobs, invocation.Clock).PlanAsync(request, cancel); }
        catch (ArgumentException error) { throw new UsageException(error.Message); }
    }

    private static async Task<BackfillRequest> RequestAsync(Invocation invocation, ParseResult parsed, CancellationToken cancel)
    {
        var request = RequestOf(parsed);
        if (parsed.GetValue(CallTexts.SetOption) is not { } set) return request;
        if (request.From != BackfillFrom.Source) throw new UsageException($"--set: found {set}, but only a source is asked with parameters; leave it out, or give --from source");
        var given = await CallTexts.OfAsync(invocation, request.Dag, set, request.Texts, isBackfill: true, cancel);
        return request with { Texts = given.Texts, ParameterSet = given.Set };
    }

    private static BackfillRequest RequestOf(ParseResult parsed) => new(RunCommand.Find(parsed.GetValue(DagArgument)!).Dag, parsed.GetValue(FromOption), DateOf("--start", parsed.GetValue(StartOption)!), DateOf("--end", parsed.GetValue(EndOption)!),
        PolicyOf(parsed.GetValue(PolicyOption)!), parsed.GetValue(OrderOption), TriggerCommand.Texts(parsed.GetValue(ParamOption)!));

    internal static DateOnly DateOf(string option, string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date
        : throw new UsageException($"{option}: found \"{text}\", expected a date such as 2024-01-31");
}
