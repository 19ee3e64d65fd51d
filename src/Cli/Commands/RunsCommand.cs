using System.CommandLine;
using System.Globalization;
using Etl.Cli.Dags;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Cli.Slots;
using Etl.Cli.Watching;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Service;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>The runs of DAGs: what was made of each fire, and another try.</summary>
internal static class RunsCommand
{
    private const int Most = 10_000, SlotsShown = 20;

    private static readonly Argument<long> IdArgument = new("run") { Description = "Number of the run, as `etl runs list` names it" };
    private static readonly Option<string?> DagOption = new("--dag") { Description = "Only those of this DAG", HelpName = "DAG" };
    private static readonly Option<RunState?> StateOption = new("--state") { Description = "Only those in this state: queued, running, done, failed, cancelled", HelpName = "STATE" };
    private static readonly Option<int> MaxOption = new("--max") { Description = $"How many, the newest first, 1 to {Most:N0}", DefaultValueFactory = _ => 20, HelpName = "N" };
    private static readonly Option<bool> PreviewOption = new("--preview") { Description = "Say what would be tried again, and change nothing" };

    private static readonly Argument<string[]> OfArgument = new("of") { Description = $"Number of a run; or a slot: {SlotWords.Form}", Arity = new(1, 3), HelpName = "run|slot" };
    private static readonly Option<string?> AttemptOption = new("--attempt") { Description = "Of a slot: this attempt of its last round; or ROUND.ATTEMPT", HelpName = "N" };
    private static readonly Option<string?> KeyOption = new("--key") { Description = "Of a slot: which of several of one window, by its key or how it begins", HelpName = "KEY" };
    private static readonly Option<bool> FailedOption = new("--failed") { Description = "Of a run: only attempts that failed or were put off" };

    private static readonly Option<bool> FollowOption = new("--follow", "-f") { Description = "Go on showing what is said, until the run or slot has ended; with --json one line each" };

    private static readonly Option<double?> TimeoutOption = new("--timeout") { Description = "Give up after so many seconds, exit code 6; without it, wait as long as it takes", HelpName = "SECONDS" };

    public static Command New()
    {
        var list = new Verb("list", "The newest runs", "etl runs list --dag main --state failed") { DagOption, StateOption, MaxOption };
        list.SetAction(Invocation.Of((invocation, parsed, cancel) => ListAsync(invocation, parsed.GetValue(DagOption), parsed.GetValue(StateOption), parsed.GetValue(MaxOption), cancel)));
        var show = new Verb("show", "One run: parameters, times, what came of it, and what of it is not done", "etl runs show 1") { IdArgument };
        show.SetAction(Invocation.Of((invocation, parsed, cancel) => ShowAsync(invocation, parsed.GetValue(IdArgument), cancel)));
        var retry = new Verb("retry", "Queue an ended run again: what failed in it is tried once more, by `etl up`", "etl runs retry 1 --preview") { IdArgument, PreviewOption };
        retry.SetAction(Invocation.Of((invocation, parsed, cancel) => RetryAsync(invocation, parsed.GetValue(IdArgument), parsed.GetValue(PreviewOption), cancel)));
        var stop = new Verb("cancel", "End a run that has not ended; what of it runs now ends by itself", "etl runs cancel 1") { IdArgument };
        stop.SetAction(Invocation.Of((invocation, parsed, cancel) => CancelAsync(invocation, parsed.GetValue(IdArgument), cancel)));
        var logs = new Verb("logs", "What the attempts of a run or a slot said: what they read and decided, how they failed, when they are tried again", "etl runs logs trucks/truck_hourly 2026-03-01T06:00Z") { OfArgument, FollowOption, AttemptOption, KeyOption, FailedOption, MaxOption };
        logs.SetAction(Invocation.Of(LogsAsync));
        var watch = new Verb("watch", "Follow a run until it ends; ends as the run does: 0 done, 5 in part, 1 failed", "etl runs watch 1 --timeout 600") { IdArgument, TimeoutOption };
        watch.SetAction(Invocation.Of((invocation, parsed, cancel) => WatchAsync(invocation, parsed.GetValue(IdArgument), parsed.GetValue(TimeoutOption), cancel)));
        return new Verb("runs", "Runs of DAGs: list, show, logs, watch, retry, cancel", "etl runs list") { list, show, logs, watch, retry, stop };
    }

    private static async Task<int> ListAsync(Invocation invocation, string? dag, RunState? state, int max, CancellationToken cancel)
    {
        if (max is < 1 or > Most) throw new UsageException($"--max: found {max}, expected 1 to {Most:N0}");
        if (dag is not null) RunCommand.Find(dag);
        var engine = await invocation.OpenKnownAsync(cancel);
        var runs = await engine.Metadata.Runs.ListAsync(new() { Dags = dag is null ? null : [dag], States = state is { } one ? [one] : null, Max = max }, cancel);
        invocation.Terminal.Answer(runs.Select(RunView.Brief), people => RunView.Draw(people, runs));
        invocation.Terminal.Note(runs.Count == 0 ? "no run; `etl trigger DAG` makes one, and so do schedules while `etl up` runs" : runs.Count == max ? $"the newest {max:N0}; more with --max" : $"{Counted.Of(runs.Count, "run")}; `etl runs show RUN` tells more");
        return ExitCodes.Ok;
    }

    private static async Task<int> ShowAsync(Invocation invocation, long id, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        var run = await FindAsync(engine, id, cancel);
        var polls = await PollsAsync(engine, run, cancel);
        var failed = await FailedAsync(engine, run, cancel);
        invocation.Terminal.Answer(
            new { Run = RunView.Brief(run), Polls = polls.GroupBy(slot => slot.State).ToDictionary(group => group.Key.ToString().ToLowerInvariant(), group => group.Count()), Failed = failed.Select(slot => new { slot.Id.Step, Window = slot.Id.Window.ToString(), slot.Reason }) },
            people =>
            {
                people.MarkupLine($"[bold]run {run.Id}[/] of {run.Dag}: {StateText.Word(run.State)}{(run.Round > 1 ? $", round {run.Round}" : "")}{(run.Reason.Length > 0 ? $", {Markup.Escape(run.Reason)}" : "")}");
                people.MarkupLine($"fire        {Second(run.Fire)}, {run.Kind.ToString().ToLowerInvariant()}, {run.Lane.ToString().ToLowerInvariant()} lane");
                if (run.To > run.From) people.MarkupLine($"interval    {Second(run.From)} to {Second(run.To)}");
                people.MarkupLine($"made        {Second(run.Created)} by etl {Markup.Escape(run.CodeVersion)}");
                if (run.Started is { } started) people.MarkupLine($"began       {Second(started)}{(run.Ended is { } ended ? $", ended {Second(ended)} ({RunView.Took(run)})" : "")}");
                people.MarkupLine($"made of it  {run.Windows:N0} windows, {run.Rows:N0} rows");
                if (run.Parameters != "{}") people.MarkupLine($"parameters  {Markup.Escape(run.Parameters)}{(run.ParameterSet.Length > 0 ? $" [grey]from set {run.ParameterSet}[/]" : "")}");
                if (polls.Count > 0) people.MarkupLine($"polls       {string.Concat(polls.TakeLast(60).Select(slot => StateText.Cell(slot.State)))} {polls.Count:N0} days of places");
                foreach (var slot in failed.Take(SlotsShown)) people.MarkupLine($"  [red]✗[/] {slot.Id.Step} {slot.Id.Window}: {Markup.Escape(slot.Reason)}");
                if (failed.Count > SlotsShown) people.MarkupLine($"  and {failed.Count - SlotsShown:N0} more");
            });
        return ExitCodes.Ok;
    }

    private static async Task<int> RetryAsync(Invocation invocation, long id, bool preview, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        var run = await FindAsync(engine, id, cancel);
        if (!run.IsEnded) throw new ConflictException($"run {id} is {run.State.ToString().ToLowerInvariant()}; only one that has ended can be tried again");
        var failed = await FailedAsync(engine, run, cancel);
        var open = (await PollsAsync(engine, run, cancel)).Where(slot => SlotTransitions.IsEnd(slot.State) && slot.State != SlotState.Done).Concat(failed).DistinctBy(slot => slot.Id).ToList();
        if (!preview && !await engine.Metadata.Runs.MoveAsync(run, RunState.Queued, "tried again from the command line", cancel)) throw new ConflictException($"run {id} was changed by somebody else meanwhile; look at it with `etl runs show {id}`");
        invocation.Terminal.Answer(new { Run = id, Preview = preview, Again = open.Select(slot => new { slot.Id.Step, Window = slot.Id.Window.ToString(), slot.State, slot.Reason }) }, people =>
        {
            people.MarkupLine($"run {id} of {run.Dag}: {(preview ? "would be queued" : "queued")} again, round {run.Round + 1}; {(open.Count == 0 ? "nothing of it has failed: what is missing or stale is done" : $"{open.Count:N0} failed windows are tried once more")}");
            foreach (var slot in open.Take(SlotsShown)) people.MarkupLine($"  {StateText.Cell(slot.State)} {slot.Id.Step} {slot.Id.Window}: {Markup.Escape(slot.Reason)}");
        });
        if (!preview && invocation.Folder.IsOwner) invocation.Terminal.Note("`etl up` carries it out; it does not run on this folder now");
        return ExitCodes.Ok;
    }

    private static async Task<int> CancelAsync(Invocation invocation, long id, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        var run = await FindAsync(engine, id, cancel);
        if (run.IsEnded) throw new ConflictException($"run {id} is {run.State.ToString().ToLowerInvariant()} already; only one that has not ended can be cancelled");
        if (!await engine.Metadata.Runs.MoveAsync(run, RunState.Cancelled, "cancelled from the command line", cancel)) throw new ConflictException($"run {id} was changed by somebody else meanwhile; look at it with `etl runs show {id}`");
        // Only what this run has put in, and nobody works on.
        var own = (await PollsAsync(engine, run, cancel)).Where(slot => slot.State is SlotState.Queued or SlotState.Retrying && slot.Reason.StartsWith($"run {id},", StringComparison.Ordinal));
        var cancelled = await engine.Metadata.Ledger.MoveAsync([.. own.Select(slot => new SlotMove(slot, SlotState.Cancelled, $"run {id} was cancelled"))], cancel);
        invocation.Terminal.Answer(new { Run = id, State = RunState.Cancelled, Cancelled = cancelled.Count }, people => people.MarkupLine($"run {id} of {run.Dag} is cancelled, and {cancelled.Count:N0} polls that had not begun"));
        return ExitCodes.Ok;
    }

    private static async Task<int> WatchAsync(Invocation invocation, long id, double? timeout, CancellationToken cancel)
    {
        if (timeout is { } given && !(given > 0 && given <= 864_000)) throw new UsageException($"--timeout: found {given}, expected more than 0 and at most 864,000 seconds");
        var engine = await invocation.OpenKnownAsync(cancel);
        var run = await FindAsync(engine, id, cancel);
        run = await new RunWatch(invocation, engine, Wanted(run), timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : null).FollowAsync(run, cancel);
        invocation.Terminal.Answer(RunView.Brief(run), _ => { });
        if (run.State == RunState.Failed) invocation.Terminal.Note($"`etl runs logs {id} --failed` tells what failed, `etl runs retry {id}` tries it again");
        return RunWatch.CodeOf(run);
    }

    private static Task<int> LogsAsync(Invocation invocation, ParseResult parsed, CancellationToken cancel)
    {
        int max = parsed.GetValue(MaxOption);
        if (max is < 1 or > Most) throw new UsageException($"--max: found {max}, expected 1 to {Most:N0}");
        string[] of = parsed.GetValue(OfArgument)!;
        var (attempt, key) = (parsed.GetValue(AttemptOption), parsed.GetValue(KeyOption));
        bool follows = parsed.GetValue(FollowOption);
        if (follows && attempt is not null) throw new UsageException("--follow, --attempt: found both, expected one of them: an attempt that is followed is the one that runs");
        var logs = new LogReport(invocation, max);
        if (of is not [var number] || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long id)) return follows ? logs.FollowSlotAsync(of, key, cancel) : logs.OfSlotAsync(of, key, attempt, cancel);
        if (attempt is not null || key is not null) throw new UsageException("--attempt, --key: expected with a slot, found a run; name the slot, such as trucks/truck_hourly 2026-03-01T06:00Z");
        return follows ? logs.FollowRunAsync(engine => FindAsync(engine, id, cancel), Wanted, parsed.GetValue(FailedOption), cancel) : logs.OfRunAsync(engine => FindAsync(engine, id, cancel), Wanted, parsed.GetValue(FailedOption), cancel);
    }

    private static string Second(DateTimeOffset at) => RowsView.Text(at.AddTicks(-(at.UtcTicks % TimeSpan.TicksPerSecond)));

    private static async Task<Run> FindAsync(Engine engine, long id, CancellationToken cancel) =>
        await engine.Metadata.Runs.FindAsync(id, cancel) ?? throw new NotFoundException($"found no run {id}, expected one of `etl runs list`");

    private static async Task<IReadOnlyList<Slot>> PollsAsync(Engine engine, Run run, CancellationToken cancel) => await engine.Metadata.Ledger.FindAsync(Wanted(run), cancel);

    private static Task<IReadOnlyList<Slot>> FailedAsync(Engine engine, Run run, CancellationToken cancel) => Composition.Products.FirstOrDefault(product => product.Dag.Name == run.Dag) is { } product
        ? engine.Metadata.Ledger.ListAsync(RunCalls.FailedIn(Wanted(run), [.. Composition.WithFed(product).SelectMany(fed => fed.Dag.Steps).Where(step => step is not LandStep)]), cancel)
        : Task.FromResult<IReadOnlyList<Slot>>([]);

    /// <summary>None where the DAG is not known any more, or the parameters are not good.</summary>
    private static IReadOnlyList<SlotId> Wanted(Run run)
    {
        if (Composition.Dags.FirstOrDefault(dag => dag.Name == run.Dag) is not { } dag) return [];
        try { return [.. RunCalls.CallOf(dag, run).Slots]; }
        catch (ArgumentException) { return []; }
    }
}
