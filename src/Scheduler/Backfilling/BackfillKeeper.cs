using System.Collections.Concurrent;
using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Running;
using Etl.Scheduler.Service;

namespace Etl.Scheduler.Backfilling;

/// <summary>Carries out backfills: queues their windows unit by unit in the backfill lane, never more at once than each allows, and says what became of them.</summary>
/// <remarks>Safe in several processes and at any crash: what is under way is in the store, and queueing a window again changes nothing.</remarks>
public sealed class BackfillKeeper(IReadOnlyList<DagLoop> loops, WorkParts parts)
{
    public static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1), TendEvery = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>Looked at after a start: older ones have been settled long since.</summary>
    private const int CancelledMax = 100;

    private readonly ConcurrentDictionary<long, BackfillEnd> _ends = [];
    private readonly HashSet<long> _landed = [];
    private HashSet<long>? _seen; // open at the last look; null before the first
    private volatile bool _isBusy;
    private string _waits = "";

    public Wake Wake { get; } = new(parts.Clock);

    /// <summary>Whether one runs: then each step of the feeds' frontiers matters.</summary>
    public bool IsBusy => _isBusy;

    /// <summary>Looks again at once where it does not already: somebody saw one open in the store.</summary>
    public void Open()
    {
        if (!_isBusy) Wake.Ring();
    }

    /// <summary>Looks again at once, if one runs.</summary>
    public void Ring()
    {
        if (_isBusy) Wake.Ring();
    }

    public void Note(SlotOutcome outcome)
    {
        foreach (var end in _ends.Values) end.Note(outcome);
    }

    /// <param name="onEnd">Told of each backfill that ended here.</param>
    public async Task RunAsync(Action<Backfill> onEnd, Action<string> say, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await TendAsync(onEnd, stop);
                await Wake.SleepAsync(_isBusy ? TendEvery : LookEvery, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { return; }
            catch (StoreException error) when (error.IsTransient)
            {
                if (_waits != error.Message) say($"backfills wait, {_waits = error.Message}");
                try { await Task.Delay(RetryAfter, parts.Clock, stop); }
                catch (OperationCanceledException) { return; }
            }
        }
    }

    /// <summary>One look at all open backfills of this process's DAGs.</summary>
    internal async Task TendAsync(Action<Backfill> onEnd, CancellationToken cancel)
    {
        var open = await parts.Metadata.Backfills.ListAsync(new() { States = [BackfillState.Queued, BackfillState.Running, BackfillState.Paused] }, cancel);
        if (open.Any(backfill => backfill.State == BackfillState.Queued) && await parts.Metadata.Backfills.AdvanceAsync(cancel) > 0)
            open = await parts.Metadata.Backfills.ListAsync(new() { States = [BackfillState.Running, BackfillState.Paused] }, cancel);
        bool busy = false;
        foreach (var backfill in open.Where(backfill => backfill.State != BackfillState.Queued).OrderBy(backfill => backfill.Id))
        {
            if (loops.FirstOrDefault(loop => loop.Dag.Name == backfill.Dag) is not { } own) continue; // another process's DAG
            busy |= backfill.State == BackfillState.Running || backfill.UnderWay > 0;
            await TendAsync(backfill, own.Dag, onEnd, cancel);
        }
        var cancelled = await CancelledAsync(open, cancel);
        foreach (var backfill in cancelled)
            if (loops.FirstOrDefault(loop => loop.Dag.Name == backfill.Dag) is { } own) await SettleAsync(backfill, Related(own.Dag), cancel);
        _seen = [.. open.Concat(cancelled).Select(backfill => backfill.Id)];
        _isBusy = busy || cancelled.Count > 0;
    }

    /// <summary>Those that were cancelled while windows were under way: how these ended is noted still.</summary>
    private async Task<IReadOnlyList<Backfill>> CancelledAsync(IReadOnlyList<Backfill> open, CancellationToken cancel)
    {
        if (_seen is null) return [.. (await parts.Metadata.Backfills.ListAsync(new() { States = [BackfillState.Cancelled], Max = CancelledMax }, cancel)).Where(backfill => backfill.UnderWay > 0)];
        var cancelled = new List<Backfill>();
        foreach (long id in _seen.Except(open.Select(backfill => backfill.Id)))
            if (await parts.Metadata.Backfills.FindAsync(id, cancel) is { State: BackfillState.Cancelled, UnderWay: > 0 } backfill) cancelled.Add(backfill);
        return cancelled;
    }

    private async Task TendAsync(Backfill backfill, Dag dag, Action<Backfill> onEnd, CancellationToken cancel)
    {
        var related = Related(dag);
        HashSet<int> waiting = backfill.UnderWay > 0 ? await SettleAsync(backfill, related, cancel) : [];
        if (backfill.State != BackfillState.Running) return;
        if (backfill.From == BackfillFrom.Topic && !await HasLandedAsync(backfill, dag, cancel)) return;
        var taken = await parts.Metadata.Backfills.TakeAsync(backfill.Id, waiting, cancel);
        if (taken.Count > 0)
        {
            await QueueAsync(backfill, taken, cancel);
            foreach (var loop in related) loop.Wake.Ring();
            return;
        }
        var now = await parts.Metadata.Backfills.FindAsync(backfill.Id, cancel);
        if (now is null || now.UnderWay > 0 || now.DoneWindows + now.FailedWindows < now.Windows) return;
        await EndAsync(now, related, onEnd, cancel);
    }

    /// <summary>Notes which windows have ended, and queues those that a crash has left between plan and ledger.</summary>
    /// <returns>Numbers of those that wait for others.</returns>
    private async Task<HashSet<int>> SettleAsync(Backfill backfill, IReadOnlyList<DagLoop> related, CancellationToken cancel)
    {
        var under = await parts.Metadata.Backfills.WindowsAsync(backfill.Id, BackfillWindowState.UnderWay, BackfillPlan.WindowsMax, cancel);
        var slots = (await parts.Metadata.Ledger.FindAsync([.. under.Select(window => window.Slot)], cancel)).ToDictionary(slot => slot.Id);
        List<BackfillWindow> lost = [];
        List<int> done = [], failed = [];
        HashSet<int> waiting = [];
        List<Slot> waits = [];
        foreach (var window in under)
        {
            if (!slots.TryGetValue(window.Slot, out var slot) || slot.Round == window.Round) lost.Add(window);
            else if (slot.State is SlotState.Done or SlotState.Skipped) done.Add(window.Number);
            else if (slot.State is SlotState.Failed or SlotState.Cancelled) failed.Add(window.Number);
            else if (slot.State == SlotState.Waiting)
            {
                waiting.Add(window.Number);
                waits.Add(slot);
            }
        }
        if (waits.Count > 0 && waits.Count + done.Count + failed.Count == under.Count) failed.AddRange(await BlockedAsync(under, waits, related, cancel)); // nothing moves any more but by hand
        await parts.Metadata.Backfills.EndAsync(backfill.Id, done, BackfillWindowState.Done, cancel);
        await parts.Metadata.Backfills.EndAsync(backfill.Id, failed, BackfillWindowState.Failed, cancel);
        if (lost.Count > 0) await QueueAsync(backfill, lost, cancel);
        return waiting;
    }

    /// <summary>Those whose inputs have failed: they wait until somebody acts, and the backfill does not.</summary>
    private async Task<IEnumerable<int>> BlockedAsync(IReadOnlyList<BackfillWindow> under, IReadOnlyList<Slot> waits, IReadOnlyList<DagLoop> related, CancellationToken cancel)
    {
        var failed = await parts.Metadata.Ledger.ListAsync(new()
        {
            Steps = StepsOf(related), States = [SlotState.Failed, SlotState.Cancelled], From = waits.Min(slot => slot.Id.Window.Start), To = waits.Max(slot => slot.Id.Window.End), Max = 100_000,
        }, cancel);
        var blocked = waits.Where(slot => failed.Any(other => other.Id.Window.Start < slot.Id.Window.End && other.Id.Window.End > slot.Id.Window.Start)).Select(slot => slot.Id).ToHashSet();
        return under.Where(window => blocked.Contains(window.Slot)).Select(window => window.Number);
    }

    /// <summary>Insert-if-absent and compare-and-set: a slot that somebody queued since the plan was made is left alone.</summary>
    private async Task QueueAsync(Backfill backfill, IReadOnlyList<BackfillWindow> windows, CancellationToken cancel)
    {
        string reason = $"backfill {backfill.Id}";
        await parts.Metadata.Ledger.PlanAsync([.. windows.Where(window => window.Round == 0).Select(window => new PlannedSlot(window.Slot, Lane.Backfill, SlotState.Queued, reason))], cancel);
        var again = windows.Where(window => window.Round > 0).ToDictionary(window => window.Slot, window => window.Round);
        var slots = await parts.Metadata.Ledger.FindAsync([.. again.Keys], cancel);
        await parts.Metadata.Ledger.MoveAsync([.. slots.Where(slot => SlotTransitions.IsEnd(slot.State) && slot.Round == again[slot.Id]).Select(slot => new SlotMove(slot, SlotState.Queued, reason) { Lane = Lane.Backfill })], cancel);
    }

    private async Task<bool> HasLandedAsync(Backfill backfill, Dag dag, CancellationToken cancel)
    {
        if (_landed.Contains(backfill.Id)) return true;
        foreach (var land in dag.Steps.OfType<LandStep>())
            if (!(await parts.Metadata.Catalog.FrontierAsync(land.Dataset, cancel) + land.Lateness >= backfill.Created)) return false;
        return _landed.Add(backfill.Id);
    }

    private async Task EndAsync(Backfill backfill, IReadOnlyList<DagLoop> related, Action<Backfill> onEnd, CancellationToken cancel)
    {
        if (!_ends.TryGetValue(backfill.Id, out var end))
        {
            var range = new BackfillRequest(related.First(loop => loop.Dag.Name == backfill.Dag).Dag, backfill.From, backfill.First, backfill.Last, backfill.Policy, backfill.Order, new Dictionary<string, string>());
            _ends[backfill.Id] = end = new(related, StepsOf(related), range, await parts.Metadata.NowAsync(cancel));
        }
        if (await end.ResultAsync(backfill, parts, cancel) is not { } result) return;
        if (!await parts.Metadata.Backfills.MoveAsync(backfill.Id, BackfillState.Running, result.State, result.Reason, cancel)) return;
        _ends.TryRemove(backfill.Id, out _);
        _landed.Remove(backfill.Id);
        onEnd(backfill with { State = result.State, Reason = result.Reason });
    }

    /// <summary>Of the DAG, and of those that land what its polls fetch.</summary>
    private IReadOnlyList<DagLoop> Related(Dag dag)
    {
        var fed = BackfillRequest.Fed(dag);
        return [.. loops.Where(loop => loop.Dag == dag || fed.Contains(loop.Dag))];
    }

    private static IReadOnlyCollection<string> StepsOf(IReadOnlyList<DagLoop> related) => [.. related.SelectMany(loop => loop.Steps).Select(step => step.FullName).Distinct(StringComparer.Ordinal)];
}
