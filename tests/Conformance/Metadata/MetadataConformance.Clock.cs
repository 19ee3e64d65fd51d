using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Conformance.Metadata;

/// <summary>The database's clock jumps.</summary>
public abstract partial class MetadataConformance
{
    private static readonly (string Table, string Column)[] Instants =
        [("etl_slot", "due"), ("etl_slot", "not_before"), ("etl_run", "due"), ("etl_feed", "lease_end"), ("etl_feed_lander", "lease_end"), ("etl_source", "held_until"), ("etl_source_use", "at"), ("etl_pool_place", "lease_end")];

    [Theory]
    [InlineData(1)]
    [InlineData(24)]
    public async Task Where_the_clock_is_set_back_nothing_waits_for_as_long_as_the_jump(int hours)
    {
        long token = await OpenWriterAsync(), other = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(), Lane.Live, SlotState.Queued)], Cancel);
        await ClaimOneAsync(token, lease: Minute * 5);
        await Store.Ledger.PlanAsync([new(HourSlot(1), Lane.Live, SlotState.Queued)], Cancel);
        var retrying = await ClaimOneAsync(token, lease: Minute * 5);
        await CommitAsync(Finishing(retrying, SlotState.Retrying) with { Slot = Finishing(retrying, SlotState.Retrying).Slot! with { NotBefore = await Store.NowAsync(Cancel) + Minute } });
        await Store.Ledger.PlanAsync([new(HourSlot(2), Lane.Live, SlotState.Queued)], Cancel);
        await Store.Runs.TriggerAsync("trucks", new(RunKind.Manual, Noon, Noon, Noon, Lane.Live, "{}", "triggered", "test"), Cancel);
        (await Store.Feeds.TakeAsync("trucks/land", token, Minute, Cancel)).ShouldBeTrue();
        (await Store.Feeds.DivideAsync("trucks/land", token, 1, Minute, true, Cancel))!.Mine.ShouldBe([0]);
        await Store.Sources.HoldAsync("source", Minute, Cancel);
        (await TakeAsync("test", 1, token: token)).Count.ShouldBe(1);

        await SetBackAsync(TimeSpan.FromHours(hours));

        (await ClaimOneAsync(other)).Id.ShouldBe(HourSlot(2), "it was due before, and is");
        (await Store.Runs.ClaimAsync(["trucks"], 10, other, Minute, Cancel)).ShouldHaveSingleItem();
        var now = await Store.NowAsync(Cancel);
        (await Store.Ledger.FindAsync(HourSlot(), Cancel))!.LeaseEnd!.Value.ShouldBeInRange(now + Minute * 3, now + Minute * 5, "a lease lasts as long as it was given for");
        (await Store.Ledger.FindAsync(HourSlot(1), Cancel))!.NotBefore!.Value.ShouldBeInRange(now, now + Minute);
        (await Store.Feeds.TakeAsync("trucks/land", other, Minute, Cancel)).ShouldBeTrue();
        (await Store.Feeds.DivideAsync("trucks/land", other, 1, Minute, true, Cancel))!.Mine.ShouldBeEmpty("the first one's lease is not over");
        (await Store.Sources.TakeAsync(new("source", Lane.Live, 1, [new(Minute, 10, 10)]), Cancel)).ShouldBeInRange(TimeSpan.FromSeconds(1), Minute);
        (await Store.Ledger.ClaimAsync(new([Build], 10, other, Minute), Cancel)).ShouldBeEmpty();
        (await TakeAsync("other", 1, token: other)).ShouldBeEmpty("the place's lease is not over");
        await ExecuteAsync($"update etl_feed_lander set lease_end = lease_end - 60000000 where token = {token}");
        (await Store.Feeds.DivideAsync("trucks/land", other, 1, Minute, true, Cancel))!.Mine.ShouldBe([0], "but lasts no longer than it was given for");
        await ExecuteAsync("update etl_pool_place set lease_end = lease_end - 60000000 where waits = 0");
        (await TakeAsync("other", 1, token: other)).Count.ShouldBe(1, "but lasts no longer than it was given for");
    }

    [Fact]
    public async Task A_clock_that_jumps_forward_gives_a_running_slot_away_and_refuses_its_first_end()
    {
        long token = await OpenWriterAsync(), other = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(), Lane.Live, SlotState.Queued)], Cancel);
        var first = await ClaimOneAsync(token);
        await SetBackAsync(TimeSpan.FromDays(-1));
        var second = await ClaimOneAsync(other);
        (second.Attempt, second.Token).ShouldBe((2, other));
        await RefusedAsync(Finishing(first));
        await CommitAsync(Finishing(second));
    }

    /// <summary>As seen from the store: what it holds is so much later than its clock.</summary>
    private async Task SetBackAsync(TimeSpan by)
    {
        long micros = by.Ticks / TimeSpan.TicksPerMicrosecond;
        foreach (var (table, column) in Instants) await ExecuteAsync($"update {table} set {column} = {column} + ({micros}) where {column} is not null");
        await ExecuteAsync($"update etl_cursor set number = number + ({micros}) where reader = 'database clock'");
    }
}
