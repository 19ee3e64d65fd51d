using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Running;

public sealed class WorkerTests
{
    private static readonly DateTimeOffset Seven = Utc(3, 1, 7);

    [Fact]
    public async Task A_publish_that_was_claimed_with_its_check_goes_back_to_the_queue()
    {
        await using var room = await RunRoom.OpenAsync();
        await DoneAsync(room);
        foreach (var step in (Step[])[room.Truck.Check, room.Truck.Publish]) // as another process leaves them between queueing anew and sending to wait
            await room.Metadata.Ledger.MoveAsync([new(await room.SlotAsync(step, Seven), SlotState.Queued, "input changed")], default);
        int before = room.Jobs.Runs.Count;
        var outcomes = await room.WorkAsync(room.Truck.Publish, room.Truck.Check);
        outcomes.ShouldHaveSingleItem().Step.ShouldBe(room.Truck.Check);
        (await room.SlotAsync(room.Truck.Publish, Seven)).ShouldSatisfyAllConditions(slot => slot.State.ShouldBe(SlotState.Queued), slot => slot.Reason.ShouldBe("claimed before its check was done"));

        (await room.WorkAsync(room.Truck.Publish, room.Truck.Check)).ShouldHaveSingleItem().Step.ShouldBe(room.Truck.Publish);
        room.Jobs.Runs.Skip(before).Select(run => run.Step).ShouldBe([room.Truck.Check, room.Truck.Publish]);
    }

    [Fact]
    public async Task A_publish_reads_what_was_checked_though_the_result_is_newer()
    {
        await using var room = await RunRoom.OpenAsync();
        await DoneAsync(room);
        var check = await room.SlotAsync(room.Truck.Check, Seven);
        await room.LandAsync(Seven.AddHours(5)); // the head moves on
        await room.Metadata.Ledger.MoveAsync([new(await room.SlotAsync(room.Truck.Publish, Seven), SlotState.Queued, "again")], default);
        await room.WorkAsync(room.Truck.Publish);
        room.Jobs.Runs[^1].ShouldSatisfyAllConditions(run => run.Step.ShouldBe(room.Truck.Publish), run => run.AsOf.ShouldBe(check.AsOf));
        (await room.Metadata.Commits.HeadAsync(default)).ShouldBeGreaterThan(check.AsOf);
    }

    [Fact]
    public async Task A_refused_commit_leaves_the_slot_to_the_next_attempt_after_its_lease()
    {
        await using var room = await RunRoom.OpenAsync();
        room.Jobs.Instead = async (step, context) =>
        {
            if (context.Token > 0 && room.Jobs.Runs.Count == 1) await room.Metadata.Commits.CloseWriterAsync(context.Token, default); // swept away while it worked
            return null;
        };
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 8));
        await room.PlanAsync();
        (await room.WorkAsync(room.Truck.Hourly)).ShouldHaveSingleItem().Commit.ShouldBeOfType<CommitOutcome.Refused>().Reason.ShouldContain("revoked or closed");
        (await room.SlotAsync(room.Truck.Hourly, Seven)).ShouldSatisfyAllConditions(slot => slot.State.ShouldBe(SlotState.Running), slot => slot.Version.ShouldBe(0));
        (await room.WorkAsync(room.Truck.Hourly)).ShouldBeEmpty();

        room.Clock.Advance(TimeSpan.FromMinutes(6));
        var slot = (await room.WorkAsync(room.Truck.Hourly)).ShouldHaveSingleItem();
        (slot.Slot.Attempt, slot.Commit.ShouldBeOfType<CommitOutcome.Committed>().SlotState).ShouldBe((2, SlotState.Done));
    }

    private static async Task DoneAsync(RunRoom room)
    {
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 8));
        (await room.RunAsync()).Published.ShouldBe(1);
    }
}
