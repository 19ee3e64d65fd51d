using Etl.Contracts.Workflow;
using Etl.Tests.Unit.Scheduler.Running;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Planning;

/// <summary>The lane of what follows: a backfill's in the backfill lane, live work's in the live one, and what both want is live.</summary>
public sealed class LaneTests
{
    private static readonly DateTimeOffset Seven = Utc(3, 1, 7);

    [Fact]
    public async Task What_follows_from_a_backfill_s_slot_stays_in_its_lane()
    {
        await using var room = await BuiltAsync();
        await AgainAsync(room, Lane.Backfill);
        (await LanesAsync(room)).ShouldBe([Lane.Backfill, Lane.Backfill, Lane.Backfill]);
        await room.RunAsync();
        (await room.SlotAsync(room.Truck.Publish, Seven)).ShouldSatisfyAllConditions(slot => slot.State.ShouldBe(SlotState.Done), slot => slot.Round.ShouldBe(2));
    }

    [Fact]
    public async Task What_follows_from_a_live_slot_is_live_though_a_backfill_built_it_before()
    {
        await using var room = await BuiltAsync();
        await AgainAsync(room, Lane.Backfill);
        await room.RunAsync();
        await AgainAsync(room, Lane.Live);
        (await LanesAsync(room)).ShouldBe([Lane.Live, Lane.Live, Lane.Live]);
    }

    [Fact]
    public async Task A_result_that_a_backfill_makes_first_is_checked_and_published_in_its_lane()
    {
        await using var room = await RunRoom.OpenAsync();
        await room.Metadata.Ledger.PlanAsync([new(room.Truck.Slot(room.Truck.Hourly, Seven), Lane.Backfill, SlotState.Queued)], default);
        await room.WorkAsync(room.Truck.Hourly);
        await room.PlanAsync();
        (await LanesAsync(room)).ShouldBe([Lane.Backfill, Lane.Backfill, Lane.Backfill]);
    }

    [Fact]
    public async Task What_a_backfill_has_queued_is_live_once_an_event_lands_in_it()
    {
        await using var room = await BuiltAsync();
        await QueueAsync(room, Lane.Backfill);
        (await room.SlotAsync(room.Truck.Hourly, Seven)).Lane.ShouldBe(Lane.Backfill);
        await room.LandAsync(Seven);
        await room.PlanAsync();
        (await room.SlotAsync(room.Truck.Hourly, Seven)).ShouldSatisfyAllConditions(slot => slot.State.ShouldBe(SlotState.Queued), slot => slot.Lane.ShouldBe(Lane.Live));
    }

    [Fact]
    public async Task A_live_day_stays_live_when_a_backfill_changes_another_of_its_hours()
    {
        await using var room = await BuiltAsync();
        await room.LandAsync(Seven.AddHours(1));
        await room.PlanAsync(); // the hour is live and so will be its day
        await room.WorkAsync(room.Truck.Hourly);
        await room.PlanAsync();
        (await room.SlotAsync(room.Truck.Daily, Seven)).Lane.ShouldBe(Lane.Live);
        await AgainAsync(room, Lane.Backfill);
        (await room.SlotAsync(room.Truck.Daily, Seven)).Lane.ShouldBe(Lane.Live, "both want it");
        (await room.SlotAsync(room.Truck.Check, Seven)).Lane.ShouldBe(Lane.Backfill);
    }

    private static async Task<RunRoom> BuiltAsync()
    {
        var room = await RunRoom.OpenAsync();
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 2, 0));
        await room.RunAsync();
        return room;
    }

    /// <summary>Queues the hour in a lane, builds it and plans what follows.</summary>
    private static async Task AgainAsync(RunRoom room, Lane lane)
    {
        await QueueAsync(room, lane);
        (await room.WorkAsync(room.Truck.Hourly)).ShouldHaveSingleItem().Slot.Lane.ShouldBe(lane);
        await room.PlanAsync();
    }

    private static async Task QueueAsync(RunRoom room, Lane lane) =>
        (await room.Metadata.Ledger.MoveAsync([new(await room.SlotAsync(room.Truck.Hourly, Seven), SlotState.Queued, "by the test") { Lane = lane }], default)).Count.ShouldBe(1);

    private static async Task<Lane[]> LanesAsync(RunRoom room) =>
        [(await room.SlotAsync(room.Truck.Check, Seven)).Lane, (await room.SlotAsync(room.Truck.Publish, Seven)).Lane, (await room.SlotAsync(room.Truck.Daily, Seven)).Lane];
}
