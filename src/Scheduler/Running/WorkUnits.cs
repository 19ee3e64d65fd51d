using Etl.Contracts.Workflow;

namespace Etl.Scheduler.Running;

/// <summary>Joins claimed slots that one call of a group job can do: of one step, key and lane, windows that follow each other. Pure.</summary>
internal static class WorkUnits
{
    /// <param name="groupMaxOf">Most windows in one call of a step's job; 1 where it takes them one by one.</param>
    public static IReadOnlyList<IReadOnlyList<Slot>> Of(IReadOnlyList<Slot> claimed, Func<Slot, int> groupMaxOf)
    {
        var units = new List<IReadOnlyList<Slot>>();
        foreach (var line in claimed.GroupBy(slot => (slot.Id.Step, slot.Id.Key, slot.Lane)))
        {
            int most = groupMaxOf(line.First());
            List<Slot> unit = [];
            foreach (var slot in line.OrderBy(slot => slot.Id.Window.Start))
            {
                if (unit.Count == most || (unit.Count > 0 && unit[^1].Id.Window.End != slot.Id.Window.Start))
                {
                    units.Add(unit);
                    unit = [];
                }
                unit.Add(slot);
            }
            units.Add(unit);
        }
        return units;
    }
}
