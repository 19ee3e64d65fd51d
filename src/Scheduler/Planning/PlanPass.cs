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

    /// <returns>How many slots became due.</returns>
    public async Task<int> RunAsync(CancellationToken cancel)
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
            var touched = new Dictionary<SlotId, long>();
            foreach (var change in changes)
                foreach (var slot in planner.Readers(change.Dataset, change.Start)) touched[slot] = change.Number;
            foreach (var part in touched.Chunk(SlotsPerInsert)) await PutInAsync(part, cancel);
            at = changes[^1].Number;
            await metadata.Commits.MoveCursorAsync(planner.Cursor, at, cancel);
        }
    }

    private async Task PutInAsync(IReadOnlyList<KeyValuePair<SlotId, long>> touched, CancellationToken cancel)
    {
        var polls = SlotLine.ByStep(await PolledSlots.ReadAsync(planner, metadata, [.. touched.Select(pair => pair.Key)], cancel));
        // What history alone has filled is history's: it is built when nothing live is due.
        Lane LaneOf(SlotId slot) => polls.Values.SelectMany(line => line.Meeting(slot.Window)).Select(poll => poll.Lane).DefaultIfEmpty(Lane.Live).Min();
        await metadata.Ledger.PlanAsync([.. touched.Select(pair => new PlannedSlot(pair.Key, LaneOf(pair.Key), SlotState.Waiting, "planned"))], cancel);
        var slots = await metadata.Ledger.FindAsync([.. touched.Select(pair => pair.Key)], cancel);
        var numbers = touched.ToDictionary(pair => pair.Key, pair => pair.Value);
        var stale = slots.Where(slot => SlotTransitions.IsEnd(slot.State) && slot.State != SlotState.Cancelled && slot.AsOf < numbers[slot.Id]);
        // A failed slot gets another chance when its input changes: the change may be the repair.
        await metadata.Ledger.MoveAsync([.. stale.Select(slot => new SlotMove(slot, SlotState.Queued, $"input changed by commit {numbers[slot.Id]}"))], cancel);
    }

    /// <summary>Queues waiting slots whose window is closed and whose inputs are done; sends queued ones back to wait where they are not.</summary>
    private async Task<int> QueueAsync(IReadOnlyDictionary<string, DateTimeOffset?> frontiers, CancellationToken cancel)
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
            string? wait = slot.State is SlotState.Waiting or SlotState.Queued ? readiness.WaitReason(slot.Id) : null;
            if (slot.State == SlotState.Waiting && wait is null) moves.Add(new(slot, SlotState.Queued, slot.Reason));
            else if (slot.State == SlotState.Queued && wait is not null) moves.Add(new(slot, SlotState.Waiting, wait));
        }
        await metadata.Ledger.MoveAsync(moves, cancel);
        return moves.Count(move => move.To == SlotState.Queued);
    }
}
