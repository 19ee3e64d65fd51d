using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Unit.Metadata;

/// <summary>What a claim or a look costs must not grow with the slots that are there: counted in instructions of SQLite's machine, not in time.</summary>
public sealed class SlotScaleTests
{
    private const int Few = 500, Many = 20_000;

    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_a_slot_costs_does_not_grow_with_the_slots_that_wait_beside_it()
    {
        var (few, many) = (await CostsAsync(Few), await CostsAsync(Many));
        foreach (string what in few.Keys) many[what].ShouldBeLessThan(few[what] * 3 / 2, $"{what}: {few[what]:N0} instructions beside {Few:N0} slots, {many[what]:N0} beside {Many:N0}");
    }

    private static async Task<Dictionary<string, long>> CostsAsync(int slots)
    {
        await using var store = await CountedStore.OpenAsync();
        var writer = await store.AnewAsync();
        long token = await writer.Commits.OpenWriterAsync("test", TimeSpan.FromMinutes(1), default);
        var ids = Enumerable.Range(0, slots).Select(hour => new SlotId("dag.step", new Window(Grain.Hour, Start.AddHours(hour), Start.AddHours(hour + 1), "UTC"))).ToList();
        await writer.Ledger.PlanAsync([.. ids.Select(id => new PlannedSlot(id, Lane.Live, SlotState.Queued))], default);
        var ledger = (await store.AnewAsync()).Ledger;
        (await store.CostAsync("find", () => ledger.FindAsync([.. ids.Take(100)], default))).Count.ShouldBe(100);
        var claimed = await store.CostAsync("claim", () => ledger.ClaimAsync(new(["dag.step"], 100, token, TimeSpan.FromMinutes(1)), default));
        claimed.Count.ShouldBe(100);
        (await store.CostAsync("renew", () => ledger.RenewAsync(claimed, TimeSpan.FromMinutes(2), default))).Count.ShouldBe(100);
        (await store.CostAsync("move", () => ledger.MoveAsync([.. claimed.Select(slot => new SlotMove(slot, SlotState.Queued, "again"))], default))).Count.ShouldBe(100);
        (await store.CostAsync("list", () => ledger.ListAsync(new() { Steps = ["dag.step"], States = [SlotState.Done], Max = 10 }, default))).ShouldBeEmpty();
        return store.Costs;
    }
}
