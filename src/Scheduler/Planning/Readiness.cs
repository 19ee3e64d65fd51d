using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Scheduler.Planning;

/// <summary>Whether a slot may run now: its window is closed, and no slot it reads from is still to be done.</summary>
/// <param name="open">Every slot that is not done or skipped.</param>
/// <param name="frontiers">By dataset; null where nothing has landed yet.</param>
public sealed class Readiness(Planner planner, IReadOnlyList<Slot> open, IReadOnlyDictionary<string, DateTimeOffset?> frontiers)
{
    private const int NamesMax = 3;

    private readonly ILookup<string, Slot> _open = open.ToLookup(slot => slot.Id.Step, StringComparer.Ordinal);

    /// <returns>null when it may run, else what it waits for.</returns>
    public string? WaitReason(SlotId slot)
    {
        if (frontiers.GetValueOrDefault(planner.FrontierOf(slot)) is not { } frontier) return "nothing has landed yet";
        if (slot.Window.End > frontier) return $"open: closes when all events before {slot.Window.End:yyyy-MM-dd HH:mm}Z have landed";
        foreach (var input in planner.WaitsFor(slot))
        {
            var pending = _open[input.FullName].Where(other => other.Id.Key == slot.Key && other.Id.Window.Start < slot.Window.End && other.Id.Window.End > slot.Window.Start).ToList();
            if (pending.Count == 0) continue;
            string names = string.Join(", ", pending.Take(NamesMax).Select(other => $"{other.Id.Window} {other.State.ToString().ToLowerInvariant()}"));
            return $"waits for {input.Name}: {names}{(pending.Count > NamesMax ? $" and {pending.Count - NamesMax} more" : "")}";
        }
        return null;
    }
}
