using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Scheduler.Planning;

/// <summary>Whether a slot may run now: its window is closed, and no slot it reads from is still to be done.</summary>
/// <param name="open">Every slot that is not done or skipped.</param>
/// <param name="frontiers">By dataset; null where nothing has landed yet.</param>
/// <param name="polls">Slots of the polls that feed the DAG's landings, open or done, at least all that meet an open slot's window.</param>
public sealed class Readiness(Planner planner, IReadOnlyList<Slot> open, IReadOnlyDictionary<string, DateTimeOffset?> frontiers, IReadOnlyList<Slot> polls)
{
    private const int NamesMax = 3;

    private readonly Dictionary<string, SlotLine> _open = SlotLine.ByStep(open), _polls = SlotLine.ByStep(polls);

    /// <param name="lane">A live one does not wait for polls of backfills, which may take long: it is built again when what they send has landed.</param>
    /// <returns>null when it may run, else what it waits for.</returns>
    public string? WaitReason(SlotId slot, Lane lane = Lane.Backfill)
    {
        foreach (var land in planner.LandsOf(slot))
            if (OpenReason(land, slot, lane) is { } reason) return reason;
        foreach (var input in planner.WaitsFor(slot))
        {
            var pending = _open.GetValueOrDefault(input.FullName)?.Meeting(slot.Window).Where(other => other.Id.Key == slot.Key).ToList();
            if (pending is not { Count: > 0 }) continue;
            string names = string.Join(", ", pending.Take(NamesMax).Select(other => $"{other.Id.Window} {other.State.ToString().ToLowerInvariant()}"));
            return $"waits for {input.Name}: {names}{(pending.Count > NamesMax ? $" and {pending.Count - NamesMax} more" : "")}";
        }
        return null;
    }

    private string? OpenReason(LandStep land, SlotId slot, Lane lane)
    {
        if (frontiers.GetValueOrDefault(land.Dataset) is not { } frontier) return "nothing has landed yet";
        if (land.FedBy.Count > 0) return PollReason(land, slot, lane, frontier);
        return slot.Window.End > frontier ? $"open: closes when all events before {slot.Window.End:yyyy-MM-dd HH:mm}Z have landed" : null;
    }

    /// <summary>A window that polls fill is closed when none of them is open there, and what they sent has landed: their commits are older than the frontier.</summary>
    private string? PollReason(LandStep land, SlotId slot, Lane lane, DateTimeOffset frontier)
    {
        foreach (var poll in land.FedBy)
        {
            if (!_polls.TryGetValue(poll.FullName, out var line)) continue;
            foreach (var other in line.Meeting(slot.Window))
            {
                if (lane < other.Lane && other.State != SlotState.Done) continue;
                if (other.State is SlotState.Skipped or SlotState.Cancelled || (other.State == SlotState.Failed && other.Version > 0)) continue; // what it fetched before still counts
                if (other.State != SlotState.Done) return $"waits for {poll.FullName} {other.Id.Window}, which is {other.State.ToString().ToLowerInvariant()}";
                if (Micros.ToInstant(other.Version) > frontier) return $"waits until what {poll.FullName} {other.Id.Window} sent has landed";
            }
        }
        return null;
    }
}
