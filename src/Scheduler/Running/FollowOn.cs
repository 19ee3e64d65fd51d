using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;

namespace Etl.Scheduler.Running;

/// <summary>What may follow the slots that have just ended, so that a chain of steps goes on without a pass of planning between them.</summary>
/// <remarks>Kept in memory alone: the passes of planning follow the same commits from their stored cursor, and find what was lost here.</remarks>
internal sealed class FollowOn(Planner planner)
{
    private readonly Dictionary<SlotId, FollowingSlot> _next = [];

    public bool IsEmpty => _next.Count == 0;

    /// <summary>At most a claim's worth; the rest is left to planning.</summary>
    public IReadOnlyList<FollowingSlot> Next => [.. _next.Values.Take(WorkerOptions.SlotsPerClaimMax)];

    public void Add(SlotOutcome ended)
    {
        if (ended is not { Commit: CommitOutcome.Committed { SlotState: SlotState.Done or SlotState.Skipped } commit, Slot: { Id: { Key: "" } id } slot }) return;
        var changed = ended.Result is JobResult.Done done ? done.Commit.Changed : [];
        foreach (var step in planner.FollowersOf(ended.Step).Where(step => step.Limits.Pool is null)) // a place in a pool is asked for before a claim
        {
            long number = ended.Step is DatasetStep made && step.Inputs.Contains(made) && changed.Any(change => change.Dataset == made.Dataset && change.Start == id.Window.Start) ? commit.Number : 0;
            var next = new SlotId(step.FullName, id.Window);
            var before = _next.GetValueOrDefault(next);
            _next[next] = new(next, before is { Lane: Lane.Live } ? Lane.Live : slot.Lane, Math.Max(number, before?.Changed ?? 0), [.. planner.WaitsFor(next).Select(input => new SlotId(input.FullName, id.Window))]);
        }
    }

    /// <summary>Forgets those that run now; and where none does, all: the chain has come to its end.</summary>
    public void Took(IReadOnlyList<Slot> slots)
    {
        if (slots.Count == 0) _next.Clear();
        foreach (var slot in slots) _next.Remove(slot.Id);
    }
}
