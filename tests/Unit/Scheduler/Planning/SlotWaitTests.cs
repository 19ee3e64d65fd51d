using Etl.Contracts.Workflow;
using Etl.Scheduler.Planning;
using Etl.Tests.Unit.Scheduler.Running;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Planning;

/// <summary>Why one slot waits is what a pass of planning says of it.</summary>
public sealed class SlotWaitTests
{
    private static readonly DateTimeOffset Seven = Utc(3, 1, 7);

    [Fact]
    public async Task A_slot_says_what_it_waits_for_until_it_may_run()
    {
        await using var room = await RunRoom.OpenAsync();
        var (hour, day) = (room.Truck.Slot(room.Truck.Hourly, Seven), room.Truck.Slot(room.Truck.Daily, Seven));
        Task<string?> WaitAsync(SlotId slot) => new SlotWait(room.Planner, room.Metadata).ReasonAsync(slot, Lane.Live, default);
        (await WaitAsync(hour)).ShouldBe("nothing has landed yet");
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 7, 30));
        await room.PlanAsync();
        (await WaitAsync(hour)).ShouldBe("open: closes when all events before 2026-03-01 08:00Z have landed");

        await room.CloseAsync(Utc(3, 2, 0));
        (await WaitAsync(hour)).ShouldBeNull();
        room.Jobs.Instead = (step, _) => Task.FromResult<JobResult?>(step == room.Truck.Hourly ? new JobResult.Failed(FailureClass.Data, "two rows") : null);
        await room.RunAsync();
        (await room.Metadata.Ledger.PlanAsync([new(day, Lane.Live, SlotState.Waiting)], default)).ShouldBe(1, "its hour made nothing to plan it for");
        (await WaitAsync(day)).ShouldBe("waits for hourly: 2026-03-01T07:00Z failed");
        (await WaitAsync(room.Truck.Slot(room.Truck.Daily, Seven.AddDays(-1)))).ShouldBeNull("another day does not wait for this one's hours");
    }
}
