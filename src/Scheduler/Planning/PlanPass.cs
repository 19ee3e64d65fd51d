using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Planning;

/// <summary>One pass of planning: follows the commits from a stored cursor, puts slots in, and queues those that may run now.</summary>
/// <remarks>Safe to repeat and to run in several processes: each change is insert-if-absent or compare-and-set, and the cursor moves last.</remarks>
public sealed class PlanPass(Planner planner, IMetadata metadata)
{
    public const int ChangesPerPage = 5_000;
    public const int SlotsPerInsert = 1_000;
    public const int OpenSlotsMax = 200_000;

    /// <summary>States of what is still to be done before others may read it.</summary>
    internal static IReadOnlyCollection<SlotState> OpenStates { get; } = [SlotState.Waiting, SlotState.Queued, SlotState.Running, SlotState.Retrying, SlotState.Failed, SlotState.Cancelled];

    public async Task<Planned> RunAsync(CancellationToken cancel)
    {
        // Read first: what a frontier closes was committed before it moved, so the slots of all that lies before it are put in below.
        var frontiers = new Dictionary<string, DateTimeOffset?>(StringComparer.Ordinal);
        foreach (string dataset in planner.Dag.Steps.OfType<LandStep>().Select(land => land.Dataset).Distinct(StringComparer.Ordinal))
            frontiers[dataset] = await metadata.Catalog.FrontierAsync(dataset, cancel);
        await FollowAsync(cancel);
        return await QueueAsync(frontiers, cancel);
    }

    private async Task FollowAsync(CancellationToken cancel)
    {
        for (long at = await metadata.Commits.CursorAsync(planner.Cursor, cancel); ;)
        {
            var changes = await metadata.Commits.ChangesAfterAsync(at, ChangesPerPage, cancel);
            if (changes.Count == 0) return;
            var lanes = await MakersAsync(changes, cancel);
            var touched = new Dictionary<SlotId, (long Number, Lane? Lane)>();
            foreach (var change in changes)
            {
                var lane = planner.MakerOf(change.Dataset, change.Start) is { } maker ? lanes.GetValueOrDefault(maker, Lane.Live) : (Lane?)null;
                foreach (var slot in planner.Readers(change.Dataset, change.Start))
                    touched[slot] = (change.Number, touched.TryGetValue(slot, out var other) && other.Lane < lane ? other.Lane : lane);
            }
            foreach (var part in touched.Chunk(SlotsPerInsert)) await PutInAsync(part, cancel);
            at = changes[^1].Number;
            await metadata.Commits.MoveCursorAsync(planner.Cursor, at, cancel);
        }
    }

    /// <summary>The lanes of the slots that made the changed results: what follows from a slot stays in its lane.</summary>
    private async Task<Dictionary<SlotId, Lane>> MakersAsync(IReadOnlyList<ChangedWindow> changes, CancellationToken cancel)
    {
        var makers = changes.Select(change => planner.MakerOf(change.Dataset, change.Start)).OfType<SlotId>().Distinct().ToList();
        return makers.Count == 0 ? [] : (await metadata.Ledger.FindAsync(makers, cancel)).ToDictionary(slot => slot.Id, slot => slot.Lane);
    }

    /// <param name="touched">With the last commit that changed an input, and the lane of the slot that made it; null where events have landed.</param>
    private async Task PutInAsync(IReadOnlyList<KeyValuePair<SlotId, (long Number, Lane? Lane)>> touched, CancellationToken cancel)
    {
        var found = (await metadata.Ledger.FindAsync([.. touched.Select(pair => pair.Key)], cancel)).ToDictionary(slot => slot.Id);
        var polls = SlotLine.ByStep(await PolledSlots.ReadAsync(planner, metadata, [.. touched.Where(pair => pair.Value.Lane is null).Select(pair => pair.Key)], cancel));
        var wanted = touched.ToDictionary(pair => pair.Key, pair => pair.Value.Lane ?? LaneOf(pair.Key, found.GetValueOrDefault(pair.Key)?.AsOf ?? 0, polls));
        await metadata.Ledger.PlanAsync([.. wanted.Where(pair => !found.ContainsKey(pair.Key)).Select(pair => new PlannedSlot(pair.Key, pair.Value, SlotState.Waiting, "planned"))], cancel);
        var numbers = touched.ToDictionary(pair => pair.Key, pair => pair.Value.Number);
        var stale = found.Values.Where(slot => SlotTransitions.IsEnd(slot.State) && slot.State != SlotState.Cancelled && slot.AsOf < numbers[slot.Id]);
        // A failed slot gets another chance when its input changes: the change may be the repair.
        await metadata.Ledger.MoveAsync([.. stale.Select(slot => new SlotMove(slot, SlotState.Queued, $"input changed by commit {numbers[slot.Id]}") { Lane = wanted[slot.Id] })], cancel);
        await metadata.Ledger.ToLiveAsync([.. found.Values.Where(slot => !SlotTransitions.IsEnd(slot.State) && slot.Lane > wanted[slot.Id]).Select(slot => slot.Id)], cancel);
    }

    /// <summary>What history alone has filled is history's: it is built when nothing live is due. Of polls that met the window those count that are open, or have fetched since it was built.</summary>
    private static Lane LaneOf(SlotId slot, long asOf, Dictionary<string, SlotLine> polls)
    {
        var meeting = polls.Values.SelectMany(line => line.Meeting(slot.Window)).ToList();
        var fresh = meeting.Where(poll => !SlotTransitions.IsEnd(poll.State) || poll.Version > asOf).ToList();
        return (fresh.Count > 0 ? fresh : meeting).Select(poll => poll.Lane).DefaultIfEmpty(Lane.Live).Min();
    }

    /// <summary>Queues waiting slots whose window is closed and whose inputs are done; sends queued ones back to wait where they are not.</summary>
    private async Task<Planned> QueueAsync(IReadOnlyDictionary<string, DateTimeOffset?> frontiers, CancellationToken cancel)
    {
        var open = await metadata.Ledger.ListAsync(new SlotFilter
        {
            Steps = [.. planner.WindowSteps.Select(step => step.FullName)],
            States = OpenStates,
            Max = OpenSlotsMax,
        }, cancel);
        var readiness = new Readiness(planner, open, frontiers, await PolledSlots.ReadAsync(planner, metadata, [.. open.Where(slot => slot.State is SlotState.Waiting or SlotState.Queued).Select(slot => slot.Id)], cancel));
        var moves = new List<SlotMove>();
        foreach (var slot in open)
        {
            string? wait = slot.State is SlotState.Waiting or SlotState.Queued ? readiness.WaitReason(slot.Id, slot.Lane) : null;
            if (slot.State == SlotState.Waiting && wait is null) moves.Add(new(slot, SlotState.Queued, slot.Reason));
            else if (slot.State == SlotState.Queued && wait is not null) moves.Add(new(slot, SlotState.Waiting, wait));
        }
        await metadata.Ledger.MoveAsync(moves, cancel);
        int Queued(Lane lane) => moves.Count(move => move.To == SlotState.Queued && move.Expected.Lane == lane);
        return new(Queued(Lane.Live), Queued(Lane.Backfill), open.Any(slot => slot is { Lane: Lane.Backfill, State: SlotState.Queued or SlotState.Running or SlotState.Retrying }));
    }
}

/// <summary>What a pass has found due.</summary>
/// <param name="Live">Slots of the live lane that became due.</param>
/// <param name="Backfill">Slots of the backfill lane that became due.</param>
/// <param name="HasBackfill">Whether slots of the backfill lane were due, or running, before.</param>
public readonly record struct Planned(int Live, int Backfill, bool HasBackfill)
{
    public int Queued => Live + Backfill;
}
