using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Planning;

/// <summary>Asks of one slot what a pass of planning asks of all: what it waits for.</summary>
public sealed class SlotWait(Planner planner, IMetadata metadata)
{
    private static readonly TimeSpan WindowMax = TimeSpan.FromHours(26); // a local day

    /// <returns>null when it may run now.</returns>
    public async Task<string?> ReasonAsync(SlotId slot, Lane lane, CancellationToken cancel)
    {
        var frontiers = new Dictionary<string, DateTimeOffset?>(StringComparer.Ordinal);
        foreach (string dataset in planner.LandsOf(slot).Select(land => land.Dataset).Distinct(StringComparer.Ordinal)) frontiers[dataset] = await metadata.Catalog.FrontierAsync(dataset, cancel);
        var waits = planner.WaitsFor(slot).Select(step => step.FullName).ToList();
        var open = waits.Count == 0 ? [] : await metadata.Ledger.ListAsync(new SlotFilter
        {
            Steps = waits, States = PlanPass.OpenStates, From = slot.Window.Start - WindowMax, To = slot.Window.End, Max = PlanPass.OpenSlotsMax,
        }, cancel);
        return new Readiness(planner, open, frontiers, await PolledSlots.ReadAsync(planner, metadata, [slot], cancel)).WaitReason(slot, lane);
    }
}
