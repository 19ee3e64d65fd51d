using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Running;

public sealed class PoolsTests
{
    private const string Heavy = "heavy";

    private static readonly DateTimeOffset Seven = Utc(3, 1, 7);

    private readonly Pools _pools = new(new Dictionary<string, int> { [Heavy] = 4 });

    [Fact]
    public void No_more_places_are_taken_than_there_are_and_those_given_back_are_told()
    {
        _pools.SizeOf("unknown").ShouldBe(1);
        Take("a", 3).ShouldBe(3);
        Take("b", 3).ShouldBe(1);
        var given = _pools.Given;
        Take("b", 1).ShouldBe(0);
        given.IsCompleted.ShouldBeFalse();
        _pools.Give(Heavy, 2);
        given.IsCompleted.ShouldBeTrue();
        Take("b", 9).ShouldBe(2);
    }

    [Fact]
    public void Who_asked_in_vain_comes_before_who_gave_a_place_back_and_wants_it_again()
    {
        Take("a", 4).ShouldBe(4);
        Take("b", 4).ShouldBe(0);
        Take("c", 4).ShouldBe(0);
        _pools.Give(Heavy, 1);
        Take("a", 1).ShouldBe(0, "the free place is b's");
        Take("c", 1).ShouldBe(0, "it stands behind b");
        Take("b", 4).ShouldBe(1);
        _pools.Give(Heavy, 1);
        Take("a", 1).ShouldBe(0);
        Take("c", 4).ShouldBe(1);
    }

    [Fact]
    public void Backfill_never_has_all_of_a_pool_and_stands_behind_live_work()
    {
        Take("history", 9, Lane.Backfill).ShouldBe(3);
        Take("live", 9).ShouldBe(1);
        Take("history", 1, Lane.Backfill).ShouldBe(0);
        Take("other", 1).ShouldBe(0);
        _pools.Give(Heavy, 2);
        Take("history", 1, Lane.Backfill).ShouldBe(0, "one stays live work's, and one is the other's, though it asked later");
        Take("other", 1).ShouldBe(1);
        new Pools(new Dictionary<string, int>()).Take("single", "history", Lane.Backfill, 1).ShouldBe(1, "of one place it has that, when its turn comes");
    }

    [Fact]
    public async Task A_slot_whose_pool_is_full_stays_queued_says_so_and_runs_when_a_place_is_free()
    {
        await using var room = await RunRoom.OpenAsync();
        room.Truck.Hourly.Within(new() { Pool = Heavy });
        room.Truck.Daily.Within(new() { Pool = Heavy });
        var pools = new Pools(new Dictionary<string, int>());
        var (first, second) = (room.Worker(pools: pools), room.Worker(pools: pools));
        await room.LandAsync(Seven, Seven.AddHours(1));
        await room.CloseAsync(Utc(3, 1, 9));
        await room.PlanAsync();
        long token = await room.TokenAsync();
        IReadOnlyList<Step> steps = [.. room.Planner.WindowSteps];
        room.Jobs.Instead = async (step, _) =>
        {
            (await second.RunGroupAsync(steps, token, default)).ShouldBeEmpty();
            second.HeldBack.ShouldBe([room.Truck.Hourly, room.Truck.Daily]);
            second.PlaceGiven.IsCompleted.ShouldBeFalse();
            var queued = await room.SlotAsync(room.Truck.Hourly, Seven.AddHours(1));
            (queued.State, queued.Attempt).ShouldBe((SlotState.Queued, 0));
            (await PoolWait.ReasonAsync(room.Metadata, step, room.Truck.Dag.Steps, 1, default)).ShouldBe("due, and waits for a place in pool heavy, which has 1: trucks/hourly 2026-03-01T07:00Z runs");
            (await PoolWait.ReasonAsync(room.Metadata, room.Truck.Check, room.Truck.Dag.Steps, 1, default)).ShouldBeNull();
            return null;
        };
        (await first.RunGroupAsync(steps, token, default)).ShouldHaveSingleItem().Slot.Id.Window.Start.ShouldBe(Seven);
        second.PlaceGiven.IsCompleted.ShouldBeTrue();
        (await PoolWait.ReasonAsync(room.Metadata, room.Truck.Hourly, room.Truck.Dag.Steps, 1, default)).ShouldBeNull();
        room.Jobs.Instead = (_, _) => Task.FromResult<JobResult?>(null);
        (await second.RunGroupAsync([room.Truck.Hourly], token, default)).ShouldHaveSingleItem().Slot.Id.Window.Start.ShouldBe(Seven.AddHours(1));
    }

    [Fact]
    public async Task A_job_that_throws_past_the_runner_gives_its_place_back()
    {
        await using var room = await RunRoom.OpenAsync();
        room.Truck.Hourly.Within(new() { Pool = Heavy });
        var pools = new Pools(new Dictionary<string, int>());
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 8));
        await room.PlanAsync();
        using var kill = new CancellationTokenSource();
        room.Jobs.Instead = async (_, _) =>
        {
            await kill.CancelAsync();
            throw new OperationCanceledException(kill.Token);
        };
        await Should.ThrowAsync<OperationCanceledException>(async () => await room.Worker(pools: pools).RunGroupAsync([room.Truck.Hourly], await room.TokenAsync(), kill.Token));
        pools.Take(Heavy, "next", Lane.Live, 1).ShouldBe(1);
    }

    private int Take(string who, int most, Lane lane = Lane.Live) => _pools.Take(Heavy, who, lane, most);
}
