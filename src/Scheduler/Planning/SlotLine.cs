using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Scheduler.Planning;

/// <summary>One step's slots by time, to find those that meet a window: its windows are of one grain and zone, so but for their keys they do not overlap.</summary>
internal sealed class SlotLine(IEnumerable<Slot> slots)
{
    private readonly List<Slot> _slots = [.. slots.OrderBy(slot => slot.Id.Window.Start)];

    /// <summary>A line for each step.</summary>
    public static Dictionary<string, SlotLine> ByStep(IEnumerable<Slot> slots) =>
        slots.GroupBy(slot => slot.Id.Step).ToDictionary(group => group.Key, group => new SlotLine(group), StringComparer.Ordinal);

    public IEnumerable<Slot> Meeting(Window window)
    {
        int low = 0, high = _slots.Count;
        while (low < high) // the first that ends after the window starts
        {
            int middle = (low + high) / 2;
            if (_slots[middle].Id.Window.End <= window.Start) low = middle + 1;
            else high = middle;
        }
        for (; low < _slots.Count && _slots[low].Id.Window.Start < window.End; low++) yield return _slots[low];
    }
}
