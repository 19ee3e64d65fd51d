using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Planning;

/// <summary>Reads the slots of polls that fill what other slots read.</summary>
internal static class PolledSlots
{
    private static readonly TimeSpan PollWindowMax = TimeSpan.FromHours(26); // a local day

    /// <summary>The slots of polls, of any DAG, that meet the windows.</summary>
    public static async Task<IReadOnlyList<Slot>> ReadAsync(Planner planner, IMetadata metadata, IReadOnlyList<SlotId> slots, CancellationToken cancel)
    {
        var fed = slots.Where(slot => planner.LandsOf(slot).Any(land => land.FedBy.Count > 0)).ToList();
        if (fed.Count == 0) return [];
        return await metadata.Ledger.ListAsync(new SlotFilter
        {
            Steps = [.. fed.SelectMany(planner.LandsOf).Distinct().SelectMany(land => land.FedBy).Select(poll => poll.FullName).Distinct(StringComparer.Ordinal)],
            From = fed.Min(slot => slot.Window.Start) - PollWindowMax, To = fed.Max(slot => slot.Window.End), Max = PlanPass.OpenSlotsMax,
        }, cancel);
    }
}
