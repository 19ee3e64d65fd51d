using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Unit.Metadata;

/// <summary>What a look at a backfill costs must not grow with the windows of its plan: live work waits for the store's one writer meanwhile. Counted in instructions of SQLite's machine.</summary>
public sealed class BackfillScaleTests
{
    private const int Few = 12, Many = 400, WindowsOfUnit = 50;

    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_a_look_costs_does_not_grow_with_the_plan()
    {
        var (few, many) = (await CostsAsync(Few), await CostsAsync(Many));
        foreach (string what in few.Keys) many[what].ShouldBeLessThan(few[what] * 3 / 2, $"{what}: {few[what]:N0} instructions with {Few:N0} units, {many[what]:N0} with {Many:N0}");
    }

    private static async Task<Dictionary<string, long>> CostsAsync(int units)
    {
        await using var store = await CountedStore.OpenAsync();
        var backfills = (await store.AnewAsync()).Backfills;
        var plan = Enumerable.Range(0, units * WindowsOfUnit).Select(hour => new BackfillWindow(hour + 1, hour / WindowsOfUnit + 1, new("dag.step", new Window(Grain.Hour, Start.AddHours(hour), Start.AddHours(hour + 1), "UTC")), 0)).ToList();
        var (made, _) = await backfills.StartAsync(new("dag", BackfillFrom.Lake, new(2020, 1, 1), new(2020, 1, 2), BackfillPolicy.All, BackfillOrder.Oldest, 2, "{}", "hash", ""), plan, queue: false, default);
        for (int unit = 0; unit < units / 4; unit++) // half of the plan is done
            await backfills.EndAsync(made!.Id, [.. (await backfills.TakeAsync(made.Id, [], default)).Select(window => window.Number)], BackfillWindowState.Done, default);
        async Task<T> Of<T>(string what, Func<Task<T>> work)
        {
            await work(); // names are known then
            return await store.CostAsync(what, work);
        }
        (await Of("find", () => backfills.FindAsync(made!.Id, default)))!.DoneWindows.ShouldBe(units / 2 * WindowsOfUnit);
        (await Of("list", () => backfills.ListAsync(new() { Dag = "dag" }, default))).Count.ShouldBe(1);
        (await Of("take", () => backfills.TakeAsync(made!.Id, [.. Enumerable.Range(1, plan.Count)], default))).Count.ShouldBe(2 * WindowsOfUnit);
        (await Of("under way", () => backfills.WindowsAsync(made!.Id, BackfillWindowState.UnderWay, plan.Count, default))).Count.ShouldBe(4 * WindowsOfUnit);
        return store.Costs;
    }
}
