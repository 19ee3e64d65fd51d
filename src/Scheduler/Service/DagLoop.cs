using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;

namespace Etl.Scheduler.Service;

/// <summary>Plans and runs the slots of one DAG and lane until it is stopped, and sleeps while nothing changes. Polls have loops of their own: a slow source holds up nothing.</summary>
/// <remarks>Each lane has its own loop, so live slots never wait for the end of a claim of backfill's. The live one plans for both, and wakes the other.</remarks>
public sealed class DagLoop
{
    /// <summary>A look even where nobody rang: another process may have queued something.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    /// <summary>The same for a loop that is woken by the one that plans.</summary>
    private static readonly TimeSpan WokenLookEvery = TimeSpan.FromMinutes(10);

    /// <summary>The same while other processes work on the same, and for how long after they landed something together.</summary>
    private static readonly TimeSpan OthersLookEvery = TimeSpan.FromMilliseconds(500), OthersFor = TimeSpan.FromSeconds(30);

    /// <summary>Calls of a source whose days are claimed together.</summary>
    private const int CallsPerClaim = 10;

    private static readonly TimeSpan TroubleWaitMax = TimeSpan.FromSeconds(30);

    private readonly WorkParts _parts;
    private readonly PlanPass? _pass;
    private readonly Worker _worker;
    private readonly List<Step> _steps;
    private DagLoop? _other;
    private LoopPass? _last;
    private TimeSpan _patience;
    private Task? _rings;
    private volatile bool _isResting;
    private long _idleHead = -1;
    private long _others; // time stamp; 0: never

    private DagLoop(Dag dag, WorkParts parts, bool polls, Lane lane)
    {
        (Dag, _parts, IsOfPolls, Lane) = (dag, parts, polls, lane);
        var planner = new Planner(dag, step => parts.Jobs.JobOf(step) is not null);
        _steps = [.. planner.WindowSteps.Where(step => step is PollStep == polls)];
        _pass = polls || lane != Lane.Live ? null : new(planner, parts.Metadata);
        int days = _steps.Max(step => (int?)(parts.Jobs.JobOf(step) is IGroupJob group && polls ? group.GroupMax : 1)) ?? 1;
        var options = polls ? parts.Options with { SlotsPerClaim = Math.Clamp(days * CallsPerClaim, parts.Options.SlotsPerClaim, 1_000) } : parts.Options; // so that a call gets as many days as it can take
        _worker = new(planner, parts.Metadata, parts.Committer, parts.Jobs, parts.Runner, options) { Lane = lane, Places = polls ? null : parts.Places, Pools = parts.Pools, Live = parts.Live };
        Wake = new(parts.Clock);
    }

    /// <summary>The loops of a DAG: for each lane one for what it builds and publishes, and one for its polls where it has some. The one that plans comes first.</summary>
    public static IReadOnlyList<DagLoop> Of(Dag dag, WorkParts parts)
    {
        DagLoop New(bool polls, Lane lane) => new(dag, parts, polls, lane);
        var (live, backfill, polls) = (New(false, Lane.Live), New(false, Lane.Backfill), New(true, Lane.Live));
        (live._other, backfill._other) = (backfill, live);
        return polls._steps.Count > 0 ? [live, backfill, polls, New(true, Lane.Backfill)] : [live, backfill];
    }

    public Dag Dag { get; }

    /// <summary>Whether it runs the polls, and not what reads their events.</summary>
    public bool IsOfPolls { get; }

    public Lane Lane { get; }

    /// <summary>Whether it plans, for both lanes.</summary>
    public bool Plans => _pass is not null;

    public Wake Wake { get; }

    public IReadOnlyList<Step> Steps => _steps;

    /// <summary>The last pass that has ended; null before the first.</summary>
    public LoopPass? Last => Volatile.Read(ref _last);

    /// <summary>Other processes land a part of what this one reads, so what they queue is looked for as soon as there is nothing in hand, for a while.</summary>
    public void WorkWithOthers() => Volatile.Write(ref _others, _parts.Clock.GetTimestamp());

    private bool WorksWithOthers => Volatile.Read(ref _others) is not 0 and var since && _parts.Clock.GetElapsedTime(since) < OthersFor;

    /// <summary>Whether all that was done since then has been told, and where it plans, followed up: a pass has begun later and ended; or it has nothing in hand.</summary>
    /// <param name="stamp">Time stamp of the process's clock.</param>
    public bool HasPassed(long stamp) => Last?.Began >= stamp || (_isResting && !Plans);

    /// <param name="onOutcome">Told of each attempt that ended.</param>
    /// <param name="onIdle">Told when nothing is left to do for now.</param>
    /// <param name="stop">Take nothing new.</param>
    /// <param name="kill">Give up what runs.</param>
    public async Task RunAsync(long token, Action<SlotOutcome> onOutcome, Action onIdle, Action<string> say, CancellationToken stop, CancellationToken kill)
    {
        var (said, isLost) = ("", false);
        for (int troubles = 0; !stop.IsCancellationRequested;)
        {
            try
            {
                if (isLost) await GiveBackAsync(token, "its worker lost the store's answer", kill);
                isLost = false;
                if (await OnceAsync(token, onOutcome, kill)) continue;
                (troubles, said) = (0, "");
                if (_patience > TimeSpan.Zero)
                {
                    var patience = Task.Delay(_patience, _parts.Clock, stop);
                    await RestAsync(_worker.HeldBack.Count > 0 ? Task.WhenAny(patience, _worker.PlaceGiven, Task.Delay(Pools.LookEvery, _parts.Clock, stop)) : patience); // its turn in a pool is kept: it must not sleep through it
                    continue;
                }
                onIdle();
                RingAtPlace(stop);
                for (var look = await NextLookAsync(stop); ; look = UsualLook) // idle still: nothing is to be tried again
                {
                    var rest = Wake.SleepAsync(look, stop);
                    await RestAsync(rest);
                    if (await rest) break;
                    if (await IsStillIdleAsync(stop)) continue;
                    if (WorksWithOthers) WorkWithOthers(); // and goes on as long as something comes
                    break;
                }
                if (Lane == Lane.Live && !IsOfPolls) _parts.Places.LiveBegins(_worker); // before it is planned: no step of backfill begins meanwhile
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested || kill.IsCancellationRequested) { return; }
            catch (Exception error) when (error is not OutOfMemoryException) // also our bugs: the other DAGs go on
            {
                _parts.Places.LiveEnds(_worker);
                isLost = true;
                string message = error is StoreException ? error.Message : error.ToString();
                if (said != message) say($"{Dag.Name}: waits, {said = message}");
                try { await Task.Delay(PauseAfter(++troubles), _parts.Clock, stop); }
                catch (OperationCanceledException) { return; }
            }
        }
    }

    /// <summary>Slots that it has claimed and has not in hand, as it was stopped, or the answer to a claim or to an end was lost with the connection: due at once, not when their lease is over. To be called between two passes.</summary>
    public async Task GiveBackAsync(long token, string reason, CancellationToken cancel)
    {
        var left = await _parts.Metadata.Ledger.ListAsync(new() { Steps = [.. _steps.Select(step => step.FullName)], States = [SlotState.Running], Lane = Lane }, cancel);
        await _parts.Metadata.Ledger.MoveAsync([.. left.Where(slot => slot.Token == token).Select(slot => new SlotMove(slot, SlotState.Queued, reason))], cancel);
    }

    /// <summary>Wakes the loop when a place in a pool is free that it waits for; once for each, however often it looks meanwhile.</summary>
    private void RingAtPlace(CancellationToken stop)
    {
        if (_worker.HeldBack.Count == 0 || _rings == _worker.PlaceGiven) return;
        _rings = _worker.PlaceGiven;
        _ = _rings.ContinueWith(_ => Wake.Ring(), stop, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private async Task RestAsync(Task sleep)
    {
        _isResting = true;
        try { await sleep; }
        finally { _isResting = false; }
    }

    private static TimeSpan PauseAfter(int troubles) => TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(troubles - 1, 10)), TroubleWaitMax.TotalSeconds));

    /// <summary>One pass of planning and one group of slots.</summary>
    /// <returns>false when there was nothing to do, or the source asked for patience.</returns>
    public async Task<bool> OnceAsync(long token, Action<SlotOutcome> onOutcome, CancellationToken kill)
    {
        var (began, frontiers) = (_parts.Clock.GetTimestamp(), new Dictionary<string, DateTimeOffset?>(StringComparer.Ordinal));
        Planned planned = default;
        bool follows = _worker.MayFollow;
        long head = follows ? -1 : await _parts.Metadata.Commits.HeadAsync(kill); // first: what comes after it is not taken for seen
        if (!follows)
        {
            foreach (string dataset in Lands) frontiers[dataset] = await _parts.Metadata.Catalog.FrontierAsync(dataset, kill);
            if (_pass is not null) planned = await _pass.RunAsync(kill);
        }
        if (planned.Backfill > 0 || planned.HasBackfill) _other?.Wake.Ring();
        var outcomes = await _worker.RunGroupAsync(_steps, token, kill);
        foreach (var outcome in outcomes) onOutcome(outcome);
        if (outcomes.Count > 0 && !Plans) _other?.Wake.Ring(); // what follows is to be planned
        // A source that asked all for patience is left alone by those too that have not asked yet.
        _patience = outcomes.Count > 0 && outcomes.All(outcome => outcome.Result is JobResult.RetryIn) ? outcomes.Min(outcome => ((JobResult.RetryIn)outcome.Result).Delay) : TimeSpan.Zero;
        bool worked = follows || planned.Live > 0 || outcomes.Count > 0; // where something followed, a pass of planning is still to come
        _idleHead = worked ? -1 : head;
        Volatile.Write(ref _last, follows && Plans ? Last is { } before ? before with { IsIdle = false } : null : new(began, frontiers, IsIdle: !worked));
        if (!worked) _parts.Places.LiveEnds(_worker);
        return worked && _patience == TimeSpan.Zero;
    }

    /// <summary>Whether a look that nobody asked for would find what the last pass left: no commit, no new frontier, nothing due. Small questions instead of a pass.</summary>
    private async Task<bool> IsStillIdleAsync(CancellationToken cancel)
    {
        if (Last is not { IsIdle: true } last || (Plans && await _parts.Metadata.Commits.HeadAsync(cancel) != _idleHead)) return false;
        foreach (string dataset in Lands)
            if (await _parts.Metadata.Catalog.FrontierAsync(dataset, cancel) != last.Frontiers.GetValueOrDefault(dataset)) return false;
        return (await _parts.Metadata.Ledger.ListAsync(new() { Steps = [.. _steps.Select(step => step.FullName)], States = [SlotState.Queued, SlotState.Running, SlotState.Retrying], Lane = Lane, Max = 1 }, cancel)).Count == 0;
    }

    private IEnumerable<string> Lands => !Plans ? [] : Dag.Steps.OfType<LandStep>().Select(land => land.Dataset).Distinct(StringComparer.Ordinal);

    private TimeSpan UsualLook => WorksWithOthers ? OthersLookEvery : _other is null || Plans ? LookEvery : WokenLookEvery;

    /// <summary>Until the first slot that is to be tried again, or the usual; soon where a pool was full: another process may have its places.</summary>
    private async Task<TimeSpan> NextLookAsync(CancellationToken cancel)
    {
        var look = await NextDueAsync(cancel);
        if (WorksWithOthers && look > OthersLookEvery) return OthersLookEvery;
        return _worker.HeldBack.Count > 0 && look > Pools.LookEvery ? Pools.LookEvery : look;
    }

    private async Task<TimeSpan> NextDueAsync(CancellationToken cancel)
    {
        var later = await _parts.Metadata.Ledger.ListAsync(new() { Steps = [.. _steps.Except(_worker.HeldBack).Select(step => step.FullName)], States = [SlotState.Retrying, SlotState.Queued], Lane = Lane }, cancel);
        if (later.Count == 0) return UsualLook;
        var now = await _parts.Metadata.NowAsync(cancel);
        var wait = later.Min(slot => slot.NotBefore ?? now) - now;
        return wait > LookEvery ? LookEvery : TimeSpan.FromMilliseconds(Math.Max(20, Math.Ceiling(wait.TotalMilliseconds)));
    }
}

/// <summary>A pass of a loop that has ended: planned, where it plans, and one group run, whose outcomes have been told.</summary>
/// <param name="Began">Time stamp of the process's clock.</param>
/// <param name="Frontiers">By dataset, as read before the pass: all that they close has been planned.</param>
/// <param name="IsIdle">Whether it found nothing to do.</param>
public sealed record LoopPass(long Began, IReadOnlyDictionary<string, DateTimeOffset?> Frontiers, bool IsIdle);

/// <summary>What every loop works with.</summary>
public sealed record WorkParts(IMetadata Metadata, Committer Committer, IJobCatalog Jobs, StepRunner Runner, WorkerOptions Options, TimeProvider Clock)
{
    /// <summary>Of all DAGs of the process.</summary>
    public LanePlaces Places { get; } = new(Options.BackfillParallelism, Clock);

    /// <summary>Of all DAGs of the process.</summary>
    public Pools Pools { get; } = new(Metadata.Pools, Options.PoolSizes);

    /// <summary>Of all DAGs of the process; whoever runs loops runs it too.</summary>
    public LiveLogs Live { get; } = new(Metadata.Logs, Metadata.Feeds, Clock);
}
