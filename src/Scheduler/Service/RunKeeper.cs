using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Backfilling;
using Etl.Scheduler.Running;

namespace Etl.Scheduler.Service;

/// <summary>Takes due runs, puts what they ask for into the ledger, wakes whoever does it, and says what became of each.</summary>
/// <param name="backfills">Told where one is open; while one runs, it too waits for each new frontier.</param>
public sealed class RunKeeper(IReadOnlyList<DagLoop> loops, IReadOnlyList<FeedSupervisor> feeds, IRunCalls calls, WorkParts parts, BackfillKeeper? backfills = null)
{
    public const int RunsMax = 64;

    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(4), LongestRun = TimeSpan.FromHours(24);

    private static readonly TimeSpan SettleEvery = TimeSpan.FromSeconds(1);

    /// <summary>A killed process's runs are another's after it, as its slots are.</summary>
    private TimeSpan Lease => parts.Options.Lease;

    private readonly Lock _gate = new();
    private List<OpenRun> _open = [];
    private string _waits = "";

    public Wake Wake { get; } = new(parts.Clock);

    public void Note(SlotOutcome outcome)
    {
        foreach (var open in Open) open.Note(outcome);
    }

    /// <param name="onEnd">Told of each run that ended here.</param>
    public async Task RunAsync(long token, Action<Run, RunEnd> onEnd, Action<string> say, CancellationToken stop)
    {
        var renewed = parts.Clock.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (parts.Clock.GetElapsedTime(renewed) > Lease / 3)
                {
                    await RenewAsync(stop);
                    renewed = parts.Clock.GetTimestamp();
                }
                await TakeAsync(token, onEnd, stop);
                await SettleAsync(onEnd, stop);
                await Wake.SleepAsync(Open.Count > 0 ? SettleEvery : LookEvery, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { return; }
            catch (StoreException error) when (error.IsTransient)
            {
                if (_waits != error.Message) say($"runs wait, {_waits = error.Message}");
                try { await Task.Delay(LookEvery, parts.Clock, stop); }
                catch (OperationCanceledException) { return; }
            }
        }
    }

    /// <summary>Gives the runs back: the next process goes on with them at once.</summary>
    public async Task ReleaseAsync()
    {
        foreach (var open in Open) await parts.Metadata.Runs.EndAsync(open.Run, open.Later("its worker was stopped; goes on with the next one"), CancellationToken.None);
        Open = [];
    }

    private List<OpenRun> Open
    {
        get { lock (_gate) return _open; }
        set { lock (_gate) _open = value; }
    }

    private async Task TakeAsync(long token, Action<Run, RunEnd> onEnd, CancellationToken stop)
    {
        int room = RunsMax - Open.Count;
        if (room <= 0) return;
        bool isNew = false;
        var work = await parts.Metadata.Runs.OpenAsync(stop);
        if (work.IsBackfillRunning) backfills?.Open();
        foreach (var run in loops.Count == 0 || !work.IsRunDue ? [] : await parts.Metadata.Runs.ClaimAsync([.. loops.Select(loop => loop.Dag.Name).Distinct(StringComparer.Ordinal)], room, token, Lease, stop)) // a process of feeds alone takes none
        {
            if (Open.Any(open => open.Run.Id == run.Id)) continue;
            var own = loops.First(loop => loop.Dag.Name == run.Dag);
            IReadOnlyList<SlotId> polls;
            try { polls = await calls.OpenAsync(own.Dag, run, stop); }
            catch (Exception error) when (error is ArgumentException or WorkException)
            {
                string remedy = error is ArgumentException ? $". A run keeps its parameters: make another one with `etl trigger {run.Dag} --param NAME=VALUE`" : "";
                await EndAsync(run, new(RunState.Failed, 0, 0, error.Message + remedy), onEnd, stop);
                continue;
            }
            var fed = own.Dag.Steps.OfType<PollStep>().SelectMany(poll => poll.Into).Select(land => land.Dag).Append(own.Dag).ToHashSet();
            IReadOnlyList<DagLoop> related = [own, .. loops.Where(loop => loop != own && fed.Contains(loop.Dag))]; // its own first
            if (run.Round > 1) await AgainAsync(run, polls, related, stop);
            isNew = true;
            Open = [.. Open, new OpenRun(run, parts.Clock.GetTimestamp(), polls, related)];
            foreach (var loop in related) loop.Wake.Ring();
        }
        // Runs and backfills of other processes, too, may wait for what the feeds of this one land.
        bool isAwaited = Open.Count > 0 || work.IsRunRunning || (loops.Count == 0 ? work.IsBackfillRunning : backfills?.IsBusy == true);
        foreach (var feed in feeds)
        {
            bool wakes = isAwaited && (isNew || !feed.IsAwaited);
            feed.IsAwaited = isAwaited;
            if (wakes) feed.Wake.Ring();
        }
    }

    /// <summary>A run that is done again gives what failed in its windows another chance; where it polls nothing, all that failed of its DAG.</summary>
    private async Task AgainAsync(Run run, IReadOnlyList<SlotId> polls, IReadOnlyList<DagLoop> related, CancellationToken stop)
    {
        var failed = await parts.Metadata.Ledger.ListAsync(RunCalls.FailedIn(polls, [.. related.SelectMany(loop => loop.Steps)]), stop);
        await parts.Metadata.Ledger.MoveAsync([.. failed.Select(slot => new SlotMove(slot, SlotState.Queued, $"run {run.Id}, round {run.Round}") { Lane = run.Lane })], stop);
    }

    private async Task SettleAsync(Action<Run, RunEnd> onEnd, CancellationToken stop)
    {
        foreach (var open in Open)
        {
            var (end, wait) = await open.SettleAsync(parts, stop);
            if (end is null && parts.Clock.GetElapsedTime(open.Since) > LongestRun) // not by the wall clock, which may jump
                end = open.Later("") with { State = RunState.Failed, Reason = $"not ended after {LongestRun.TotalHours:0} hours: {wait}" };
            if (end is null) continue;
            await EndAsync(open.Run, end, onEnd, stop);
            Open = [.. Open.Where(other => other != open)];
        }
    }

    private async Task EndAsync(Run run, RunEnd end, Action<Run, RunEnd> onEnd, CancellationToken stop)
    {
        if (await parts.Metadata.Runs.EndAsync(run, end, stop)) onEnd(run, end);
    }

    private async Task RenewAsync(CancellationToken stop)
    {
        var open = Open;
        var kept = (await parts.Metadata.Runs.RenewAsync([.. open.Select(each => each.Run)], Lease, stop)).Select(run => run.Id).ToHashSet();
        Open = [.. open.Where(each => kept.Contains(each.Run.Id))]; // the others were cancelled, or are somebody else's
    }
}
