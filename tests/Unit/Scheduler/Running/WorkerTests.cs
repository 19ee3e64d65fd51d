using Etl.Contracts;
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
    public async Task A_chain_of_steps_goes_on_without_a_pass_of_planning_and_planning_finds_nothing_left()
    {
        await using var room = await RunRoom.OpenAsync();
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 8));
        await room.PlanAsync();
        var worker = room.Worker();
        long token = await room.TokenAsync();
        for (bool more = true; more; more = worker.MayFollow) await worker.RunGroupAsync([.. room.Planner.WindowSteps], token, default);
        room.Jobs.Runs.Select(run => run.Step).ShouldBe([room.Truck.Hourly, room.Truck.Check, room.Truck.Publish]);
        await room.PlanAsync();
        (await worker.RunGroupAsync([.. room.Planner.WindowSteps], token, default)).ShouldBeEmpty("what has run is as new as what it read");
        (await room.SlotAsync(room.Truck.Daily, Seven)).State.ShouldBe(SlotState.Waiting); // a day follows no single hour
    }

    [Fact]
    public async Task Where_more_is_due_than_one_claim_takes_no_chain_goes_before_it()
    {
        await using var room = await RunRoom.OpenAsync();
        await room.LandAsync(Seven, Seven.AddHours(1));
        await room.CloseAsync(Utc(3, 1, 9));
        await room.PlanAsync();
        var worker = room.Worker(new() { SlotsPerClaim = 1 });
        (await worker.RunGroupAsync([.. room.Planner.WindowSteps], await room.TokenAsync(), default)).ShouldHaveSingleItem().Step.ShouldBe(room.Truck.Hourly);
        worker.MayFollow.ShouldBeFalse();
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
    public async Task A_slot_that_runs_longer_than_its_lease_stays_its_workers()
    {
        await using var room = await RunRoom.OpenAsync();
        int runs = 0;
        room.Jobs.Instead = async (_, _) =>
        {
            if (++runs > 1) return null;
            for (int minute = 0; minute < 12; minute++) await room.PassAsync(TimeSpan.FromMinutes(1));
            (await room.WorkAsync(room.Truck.Hourly)).ShouldBeEmpty("nobody else may claim it");
            return null;
        };
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 8));
        await room.PlanAsync();
        var outcome = (await room.WorkAsync(room.Truck.Hourly)).ShouldHaveSingleItem();
        (outcome.Slot.Attempt, outcome.Commit.ShouldBeOfType<CommitOutcome.Committed>().SlotState).ShouldBe((1, SlotState.Done));
        (await room.SlotAsync(room.Truck.Hourly, Seven)).Attempt.ShouldBe(1);
    }

    [Fact]
    public async Task A_worker_whose_slot_another_one_has_stops_and_what_it_made_is_refused()
    {
        await using var room = await RunRoom.OpenAsync();
        bool first = true, stopped = false;
        room.Jobs.Instead = async (_, _) =>
        {
            if (!first) return null;
            first = false;
            await room.Metadata.Ledger.MoveAsync([new(await room.SlotAsync(room.Truck.Hourly, Seven), SlotState.Queued, "taken away")], default);
            (await room.WorkAsync(room.Truck.Hourly)).ShouldHaveSingleItem(); // another worker, while this one was frozen
            await room.PassAsync(TimeSpan.FromMinutes(2));
            stopped = true;
            return null;
        };
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 8));
        await room.PlanAsync();
        (await Should.ThrowAsync<StoreException>(() => room.WorkAsync(room.Truck.Hourly))).Message.ShouldContain("could not be renewed");
        stopped.ShouldBeTrue();
        (await room.SlotAsync(room.Truck.Hourly, Seven)).State.ShouldBe(SlotState.Done);
    }

    [Fact]
    public async Task A_worker_that_cannot_renew_its_leases_stops_before_they_are_over()
    {
        await using var room = await RunRoom.OpenAsync();
        int minutes = 0;
        room.Jobs.Instead = async (_, _) =>
        {
            for (; minutes < 6; minutes++) await room.PassAsync(TimeSpan.FromMinutes(1));
            return null;
        };
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 8));
        await room.PlanAsync();
        (await Should.ThrowAsync<StoreException>(() => room.WorkAsync(new UnrenewableStore(room.Metadata), room.Truck.Hourly))).Message.ShouldContain("could not be renewed");
        minutes.ShouldBe(6);
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
