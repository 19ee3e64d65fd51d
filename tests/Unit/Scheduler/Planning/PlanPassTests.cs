using Etl.Contracts.Workflow;
using Etl.Scheduler.Planning;
using Etl.Tests.Unit.Scheduler.Running;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Planning;

public sealed class PlanPassTests
{
    private static readonly DateTimeOffset Seven = Utc(3, 1, 7);

    [Fact]
    public async Task An_open_window_is_planned_and_queued_once_it_is_closed()
    {
        await using var room = await RunRoom.OpenAsync();
        await room.LandAsync(Seven);
        (await room.PlanAsync()).ShouldBe(0);
        (await room.SlotAsync(room.Truck.Hourly, Seven)).State.ShouldBe(SlotState.Waiting);
        await room.CloseAsync(Seven.AddHours(1));
        (await room.PlanAsync()).ShouldBe(1);
        (await room.PlanAsync()).ShouldBe(0);
        (await room.SlotAsync(room.Truck.Hourly, Seven)).State.ShouldBe(SlotState.Queued);
    }

    [Fact]
    public async Task A_slot_that_a_person_cancelled_is_left_alone()
    {
        await using var room = await RunRoom.OpenAsync();
        await room.LandAsync(Seven);
        await room.PlanAsync();
        await room.Metadata.Ledger.MoveAsync([new(await room.SlotAsync(room.Truck.Hourly, Seven), SlotState.Cancelled, "by hand")], default);
        await room.LandAsync(Seven);
        await room.CloseAsync(Seven.AddHours(1));
        (await room.PlanAsync()).ShouldBe(0);
        (await room.SlotAsync(room.Truck.Hourly, Seven)).State.ShouldBe(SlotState.Cancelled);
    }

    [Fact]
    public async Task A_day_that_was_queued_goes_back_to_wait_when_an_hour_is_to_be_built_again()
    {
        await using var room = await RunRoom.OpenAsync();
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 2, 0));
        await room.RunAsync();
        await room.Metadata.Ledger.MoveAsync([new(await room.SlotAsync(room.Truck.Daily, Seven), SlotState.Queued, "by hand")], default);
        await room.LandAsync(Seven.AddHours(2));
        await room.PlanAsync();
        (await room.SlotAsync(room.Truck.Daily, Seven)).ShouldSatisfyAllConditions(slot => slot.State.ShouldBe(SlotState.Waiting), slot => slot.Reason.ShouldBe("waits for hourly: 2026-03-01T09:00Z waiting"));
    }

    [Fact]
    public async Task Planning_goes_on_from_its_cursor_and_begins_anew_for_another_set_of_steps()
    {
        await using var room = await RunRoom.OpenAsync();
        long landed = await room.LandAsync(Seven);
        await room.PlanAsync();
        (await room.Metadata.Commits.CursorAsync(room.Planner.Cursor, default)).ShouldBe(landed);
        var fewer = new Planner(room.Truck.Dag, step => step is not PublishStep);
        (await room.Metadata.Commits.CursorAsync(fewer.Cursor, default)).ShouldBe(0);
    }
}
