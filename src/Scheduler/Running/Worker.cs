using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;

namespace Etl.Scheduler.Running;

/// <summary>Claims due slots in groups and runs them, several at a time. Safety rests on tokens and versions, not on the lease.</summary>
public sealed class Worker(Planner planner, IMetadata metadata, Committer committer, IJobCatalog jobs, StepRunner runner, WorkerOptions options)
{
    private static readonly TimeSpan QuickGroup = TimeSpan.FromMilliseconds(200), SlowGroup = TimeSpan.FromSeconds(2);

    private readonly WorkerOptions _options = options.Checked();
    private readonly FollowOn _follow = new(planner);
    private readonly IReadOnlyList<string> _pools = [.. planner.WindowSteps.Select(step => step.Limits.Pool).OfType<string>().Distinct(StringComparer.Ordinal)];
    private int _take = options.SlotsPerClaim;

    /// <summary>The one lane that it works for; null for both, by their shares.</summary>
    public Lane? Lane { get; init; }

    /// <summary>Shared with the other workers of the process, so that backfill keeps out of live work's way; null where steps hardly use a processor.</summary>
    public LanePlaces? Places { get; init; }

    /// <summary>Shared with the other workers of the process, so that they hear of places that are given back.</summary>
    public Pools Pools { get; init; } = new(metadata.Pools, options.PoolSizes);

    /// <summary>Of the process; null: what attempts say is kept when they end, and not before.</summary>
    public LiveLogs? Live { get; init; }

    /// <summary>Steps that the last claim left out, as their pool is full; a look is worth while when a place was given back since.</summary>
    public IReadOnlyList<Step> HeldBack { get; private set; } = [];

    /// <summary>Ends when this process has given a place of a pool back since the last claim.</summary>
    public Task PlaceGiven { get; private set; } = Task.CompletedTask;

    /// <summary>Whether slots may follow the last group at once: no pass of planning is needed before the next.</summary>
    public bool MayFollow => !_follow.IsEmpty;

    /// <summary>Claims up to one group of due slots, runs them and commits their ends.</summary>
    /// <returns>What each of those that ran came to; empty when none was due.</returns>
    public async Task<IReadOnlyList<SlotOutcome>> RunGroupAsync(IReadOnlyCollection<Step> steps, long token, CancellationToken cancel)
    {
        await using var hold = new PoolHold(Pools, $"{planner.Dag.Name} {Lane} {(steps.Any(step => step is PollStep) ? "polls" : "")}", Lane ?? Contracts.Workflow.Lane.Live, token, _options.Lease, cancel);
        var claimed = await FollowAsync(token, cancel);
        bool follows = claimed.Count > 0;
        if (!follows) claimed = await ClaimAsync(steps, hold, token, cancel);
        if (claimed.Count == 0) return [];
        if (Lane == Contracts.Workflow.Lane.Live) Places?.LiveBegins(this);
        CrashPoints.Reached(CrashPoint.SlotClaimed);
        long started = runner.Clock.GetTimestamp();
        var outcomes = await RunAsync(await GateAsync(claimed, cancel), hold, cancel);
        if (follows || claimed.Count < _take) // nothing else was due: what is done as a chain keeps nobody waiting
            foreach (var outcome in outcomes) _follow.Add(outcome);
        if (!follows) Adapt(runner.Clock.GetElapsedTime(started), steps);
        return outcomes;
    }

    /// <summary>Due slots of the steps without a pool, and of each pool as many as it has places for. Places are asked for only where something is due.</summary>
    private async Task<IReadOnlyList<Slot>> ClaimAsync(IReadOnlyCollection<Step> steps, PoolHold hold, long token, CancellationToken cancel)
    {
        Task<IReadOnlyList<Slot>> DueAsync(IEnumerable<Step> of, int most) => metadata.Ledger.ClaimAsync(new([.. of.Select(step => step.FullName)], most, token, _options.Lease) { Lane = Lane }, cancel);
        (HeldBack, PlaceGiven) = ([], Pools.Given);
        var pools = steps.Where(step => step.Limits.Pool is not null).GroupBy(step => step.Limits.Pool!).ToList();
        if (pools.Count == 0) return await DueAsync(steps, _take);
        var free = steps.Where(step => step.Limits.Pool is null).ToList();
        List<Slot> claimed = free.Count > 0 ? [.. await DueAsync(free, _take)] : [];
        foreach (var pool in pools)
        {
            int due = await metadata.Ledger.DueAsync([.. pool.Select(step => step.FullName)], Lane, _options.Parallelism, cancel);
            if (due == 0) continue;
            if (await hold.TakeAsync(pool.Key, due)) claimed.AddRange(await DueAsync(pool, Math.Min(hold.Of(pool.Key) * pool.Max(GroupMaxOf), WorkerOptions.SlotsPerClaimMax)));
            else HeldBack = [.. HeldBack, .. pool];
        }
        return claimed;
    }

    private int GroupMaxOf(Step step) => jobs.JobOf(step) is IGroupJob group ? group.GroupMax : 1;

    /// <summary>Gives back places that are not needed; and sends back units without a place: days of a source that no one call can do together.</summary>
    private async Task<IReadOnlyList<IReadOnlyList<Slot>>> SeatedAsync(IReadOnlyList<IReadOnlyList<Slot>> units, PoolHold hold, CancellationToken cancel)
    {
        if (_pools.Count == 0) return units;
        List<IReadOnlyList<Slot>> seated = [], early = [];
        foreach (var pool in units.GroupBy(PoolOf))
        {
            int places = pool.Key is null ? int.MaxValue : hold.Of(pool.Key);
            while (pool.Key is not null && places < pool.Count() && await hold.TakeAsync(pool.Key, pool.Count() - places)) places = hold.Of(pool.Key);
            seated.AddRange(pool.Take(places));
            early.AddRange(pool.Skip(places));
        }
        foreach (string pool in _pools) await hold.GiveAsync(pool, Math.Max(0, hold.Of(pool) - seated.Count(unit => PoolOf(unit) == pool)));
        if (early.Count > 0) await metadata.Ledger.MoveAsync([.. early.SelectMany(unit => unit).Select(slot => new SlotMove(slot, SlotState.Queued, $"its pool {PoolOf([slot])} was full"))], cancel);
        return seated;
    }

    private string? PoolOf(IReadOnlyList<Slot> unit) => planner.Find(unit[0].Id.Step)!.Limits.Pool;

    private async Task<IReadOnlyList<Slot>> FollowAsync(long token, CancellationToken cancel)
    {
        if (_follow.IsEmpty) return [];
        var taken = await metadata.Ledger.FollowAsync(_follow.Next, token, _options.Lease, cancel);
        _follow.Took(taken);
        return taken;
    }

    /// <summary>An end is on its way to the store while the next job runs: the store takes many at once. No more ends wait than one claim has slots.</summary>
    private async Task<IReadOnlyList<SlotOutcome>> RunAsync(IReadOnlyList<Slot> slots, PoolHold hold, CancellationToken cancel)
    {
        var units = await SeatedAsync(WorkUnits.Of(slots, slot => GroupMaxOf(planner.Find(slot.Id.Step)!)), hold, cancel);
        var ends = new Task<IReadOnlyList<SlotOutcome>>?[units.Count];
        await using var keeper = LeaseKeeper.Start(metadata.Ledger, [.. units.SelectMany(unit => unit)], _options.Lease, runner.Clock, cancel, hold);
        try
        {
            await Parallel.ForAsync(0, units.Count, new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism, CancellationToken = keeper.Stop }, async (index, stop) =>
            {
                var unit = units[index];
                var ran = Lane == Contracts.Workflow.Lane.Backfill && Places is not null ? await Places.BackfillAsync(() => RunUnitAsync(unit, stop), stop) : await RunUnitAsync(unit, stop);
                ends[index] = EndAsync(unit, ran, keeper, hold, cancel);
            });
        }
        catch (OperationCanceledException) when (keeper.IsLost && !cancel.IsCancellationRequested)
        {
            throw new StoreException($"the leases of {slots.Count} slots could not be renewed in time; whoever holds them now runs them", isTransient: true);
        }
        finally { await Task.WhenAll(ends.OfType<Task>()); } // what has run is kept, whatever became of the others
        return [.. ends.SelectMany(end => end!.Result)];
    }

    /// <summary>Slots that end at once are claimed in larger groups, slow ones in smaller: what one worker holds, others cannot take. Those that one call does together stay together.</summary>
    private void Adapt(TimeSpan elapsed, IReadOnlyCollection<Step> steps)
    {
        if (elapsed < QuickGroup) _take = Math.Min(_take * 2, WorkerOptions.SlotsPerClaimMax);
        else if (elapsed > SlowGroup && !steps.All(step => GroupMaxOf(step) > 1)) _take = Math.Max(_take / 2, Math.Min(_options.SlotsPerClaim, _options.Parallelism * 2));
    }

    private async Task<UnitRun> RunUnitAsync(IReadOnlyList<Slot> slots, CancellationToken cancel)
    {
        var step = planner.Find(slots[0].Id.Step)!;
        JobContext[] contexts = [.. slots.Select(slot => ContextOf(slot, step))];
        string[] digests = new string[slots.Count];
        for (int index = 0; index < slots.Count; index++) digests[index] = await jobs.DigestAsync(step, slots[index].Id.Window, cancel);
        var results = jobs.JobOf(step) switch
        {
            IGroupJob group => await runner.RunAsync(group, contexts, cancel),
            { } job => [await runner.RunAsync(job, contexts[0], cancel)],
            null => [.. slots.Select(_ => new JobResult.Skipped($"{step.Name} cannot run here: its sink is not configured"))],
        };
        return new(results, digests, contexts);
    }

    /// <summary>Handed in together, the ends of a unit share a transaction.</summary>
    private async Task<IReadOnlyList<SlotOutcome>> EndAsync(IReadOnlyList<Slot> slots, UnitRun ran, LeaseKeeper keeper, PoolHold hold, CancellationToken cancel)
    {
        var step = planner.Find(slots[0].Id.Step)!;
        var moment = runner.NewMoment();
        foreach (var context in ran.Contexts) Live?.End(context.Log);
        int[] putOff = new int[slots.Count];
        for (int index = 0; index < slots.Count; index++) putOff[index] = await PutOffAsync(slots[index], ran.Results[index], cancel);
        var commits = await Task.WhenAll(slots.Select((slot, index) => committer.CommitAsync(runner.EndOf(slot, ran.Results[index], ran.Digests[index], planner.InputsOf(slot.Id), putOff[index], moment, ran.Contexts[index].Log, ran.Contexts[index].Step), cancel)));
        keeper.End(slots);
        if (PoolOf(slots) is { } pool) await hold.GiveAsync(pool, 1);
        return [.. slots.Select((slot, index) => new SlotOutcome(slot, step, ran.Results[index], commits[index]))];
    }

    /// <summary>Attempts of the round that went back to the queue, as the source asked for patience or a check was not done: asked for only where a failure makes it matter.</summary>
    private async Task<int> PutOffAsync(Slot slot, JobResult result, CancellationToken cancel) =>
        slot.Attempt == 1 || result is not JobResult.Failed { Class: FailureClass.Transient or FailureClass.Throttled } ? 0
            : (await metadata.Ledger.AttemptsAsync(slot.Id, cancel)).Count(attempt => attempt.Round == slot.Round && attempt.State == SlotState.Queued);

    private JobContext ContextOf(Slot slot, Step step) => new()
    {
        Step = step, Window = slot.Id.Window, Key = slot.Id.Key, Lane = slot.Lane, AsOf = slot.AsOf, Token = slot.Token,
        Previous = slot.Version > 0 ? new(slot.Version, slot.Checksum, slot.Rows, slot.Digest) : null,
        Log = Live?.Of(slot) ?? new(runner.Clock),
    };

    /// <summary>What became of slots that one call ran together.</summary>
    private sealed record UnitRun(IReadOnlyList<JobResult> Results, string[] Digests, JobContext[] Contexts);

    /// <summary>A publish reads the result as of its checks: what goes out is what was checked, even if the result is newer by now. One whose check is not done goes back to the queue.</summary>
    /// <remarks>The planner queues no publish before its checks; but of several processes one may claim what another has queued again and not yet sent to wait.</remarks>
    private async Task<IReadOnlyList<Slot>> GateAsync(IReadOnlyList<Slot> claimed, CancellationToken cancel)
    {
        var gates = claimed.Where(slot => planner.Find(slot.Id.Step) is PublishStep).ToDictionary(slot => slot.Id, ChecksOf);
        if (gates.Values.All(checks => checks.Count == 0)) return claimed;
        var found = (await metadata.Ledger.FindAsync([.. gates.Values.SelectMany(checks => checks).Distinct()], cancel)).ToDictionary(slot => slot.Id);
        var early = claimed.Where(slot => gates.TryGetValue(slot.Id, out var checks) && checks.Any(check => !Passed(found.GetValueOrDefault(check)))).ToList();
        await metadata.Ledger.MoveAsync([.. early.Select(slot => new SlotMove(slot, SlotState.Queued, "claimed before its check was done"))], cancel);
        return [.. claimed.Except(early).Select(slot => gates.TryGetValue(slot.Id, out var checks) && checks.Count > 0 ? slot with { AsOf = checks.Min(check => found[check].AsOf) } : slot)];
    }

    private List<SlotId> ChecksOf(Slot publish) => [.. planner.WaitsFor(publish.Id).OfType<CheckStep>().Select(check => new SlotId(check.FullName, publish.Id.Window, publish.Id.Key))];

    private static bool Passed(Slot? check) => check?.State is SlotState.Done or SlotState.Skipped;
}

/// <summary>How a worker works.</summary>
public sealed record WorkerOptions
{
    public const int SlotsPerClaimMax = 1_000;

    /// <summary>Slots taken in the first claim, 1 to 1,000; later ones grow where slots end at once, and shrink where they are slow. Few, for what one process has claimed another cannot take.</summary>
    public int SlotsPerClaim { get; init; } = 16;

    /// <summary>Slots that run at the same time, 1 to 256.</summary>
    public int Parallelism { get; init; } = Math.Min(Environment.ProcessorCount, 256);

    /// <summary>Of these the backfill lane has three quarters and never all, but at least one: a live slot waits for no backfill's job.</summary>
    public int BackfillParallelism => Math.Max(1, Parallelism - Math.Max(1, Parallelism / 4));

    /// <summary>Places of pools by name, the same in all processes on a store; a pool that is not in it has one.</summary>
    public IReadOnlyDictionary<string, int> PoolSizes { get; init; } = new Dictionary<string, int>();

    /// <summary>How long a claimed slot is the worker's without renewal, 1 second to 1 day.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>All that is wrong, one line each.</summary>
    public IEnumerable<string> Faults()
    {
        if (SlotsPerClaim is < 1 or > SlotsPerClaimMax) yield return $"worker.slotsPerClaim: {SlotsPerClaim} is outside 1 to 1,000";
        if (Parallelism is < 1 or > 256) yield return $"worker.parallelism: {Parallelism} is outside 1 to 256";
        foreach (var (pool, size) in PoolSizes)
            if (size is < 1 or > Pools.SizeMax) yield return $"worker.poolSizes: {pool}: {size} is outside 1 to {Pools.SizeMax}";
        if (Lease < TimeSpan.FromSeconds(1) || Lease > TimeSpan.FromDays(1)) yield return $"worker.lease: {Lease} is outside 1 second to 1 day";
    }

    internal WorkerOptions Checked() => Faults().ToList() is { Count: > 0 } faults ? throw new ArgumentException(string.Join("; ", faults)) : this;
}

/// <summary>What one attempt came to.</summary>
public sealed record SlotOutcome(Slot Slot, Step Step, JobResult Result, CommitOutcome Commit);
