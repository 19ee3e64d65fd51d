using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Running;

/// <summary>Pools of one process and of several on one store; who gets a place is told by the conformance suite of the stores.</summary>
public sealed class PoolsTests
{
    private const string Heavy = "heavy";

    private static readonly DateTimeOffset Seven = Utc(3, 1, 7);
    private static readonly TimeSpan Lease = new WorkerOptions().Lease, Longest = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_slot_whose_pool_is_full_stays_queued_says_so_and_runs_when_a_place_is_free()
    {
        await using var room = await OpenAsync(hours: 2);
        var pools = room.NewPools();
        var (first, second) = (room.Worker(pools: pools), room.Worker(pools: pools));
        pools.SizeOf("unknown").ShouldBe(1);
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
        Done(await first.RunGroupAsync(steps, token, default)).ShouldHaveSingleItem().Window.Start.ShouldBe(Seven);
        second.PlaceGiven.IsCompleted.ShouldBeTrue();
        (await PoolWait.ReasonAsync(room.Metadata, room.Truck.Hourly, room.Truck.Dag.Steps, 1, default)).ShouldBeNull();
        room.Jobs.Instead = (_, _) => Task.FromResult<JobResult?>(null);
        Done(await second.RunGroupAsync([room.Truck.Hourly], token, default)).ShouldHaveSingleItem().Window.Start.ShouldBe(Seven.AddHours(1));
    }

    [Fact]
    public async Task Two_processes_on_one_store_share_the_places_and_take_turns()
    {
        await using var room = await OpenAsync(hours: 8);
        long[] tokens = [await room.TokenAsync(), await room.TokenAsync()];
        Pools[] pools = [room.NewPools(size: 2), room.NewPools(size: 2)];
        Task<IReadOnlyList<SlotOutcome>> WorkAsync(int process) => room.Worker(new() { Parallelism = 4 }, pools[process]).RunGroupAsync([room.Truck.Hourly], tokens[process], default);
        int begun = 0;
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        room.Jobs.Instead = async (_, _) =>
        {
            if (Interlocked.Increment(ref begun) == 2)
            {
                (await WorkAsync(1)).ShouldBeEmpty("the first has both places");
                both.SetResult();
            }
            await both.Task.WaitAsync(Longest);
            return null;
        };
        Done(await WorkAsync(0)).Count.ShouldBe(2, "as many as there are places, for all its parallelism");
        room.Jobs.Instead = (_, _) => Task.FromResult<JobResult?>(null);
        (await WorkAsync(0)).Count.ShouldBe(1, "one place stays with the other, which asked in vain");
        (await WorkAsync(1)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_place_is_held_for_as_long_as_its_slots_are_renewed()
    {
        await using var room = await OpenAsync(hours: 2);
        var other = room.Worker(pools: room.NewPools());
        room.Jobs.Instead = async (_, _) =>
        {
            for (int minute = 0; minute < 12; minute++) await room.PassAsync(TimeSpan.FromMinutes(1));
            (await other.RunGroupAsync([room.Truck.Hourly], await room.TokenAsync(), default)).ShouldBeEmpty();
            other.HeldBack.ShouldBe([room.Truck.Hourly], "its lease would have been over long ago");
            return null;
        };
        Done(await room.Worker(pools: room.NewPools()).RunGroupAsync([room.Truck.Hourly], await room.TokenAsync(), default)).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_place_of_a_killed_process_is_free_with_its_lease_or_when_its_token_ends(bool isClosed)
    {
        await using var room = await OpenAsync(hours: 2);
        var other = room.Worker(pools: room.NewPools());
        long killed = await room.TokenAsync(), token = await room.TokenAsync();
        using var kill = new CancellationTokenSource();
        room.Jobs.Instead = async (_, _) =>
        {
            await kill.CancelAsync();
            throw new OperationCanceledException(kill.Token);
        };
        await Should.ThrowAsync<OperationCanceledException>(async () => await room.Worker(pools: room.NewPools()).RunGroupAsync([room.Truck.Hourly], killed, kill.Token));
        room.Jobs.Instead = (_, _) => Task.FromResult<JobResult?>(null);
        (await other.RunGroupAsync([room.Truck.Hourly], token, default)).ShouldBeEmpty();
        other.HeldBack.ShouldBe([room.Truck.Hourly]);
        if (isClosed) await room.Metadata.Commits.CloseWriterAsync(killed, default);
        else room.Clock.Advance(Lease + TimeSpan.FromSeconds(1));
        (await other.RunGroupAsync([room.Truck.Hourly], token, default)).Count.ShouldBe(1);
        other.HeldBack.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_pool_in_which_nothing_is_due_is_not_asked()
    {
        await using var room = await OpenAsync(hours: 0);
        long token = await room.TokenAsync();
        var held = await room.Metadata.Pools.TakeAsync(new(Heavy, 1, "somebody", Lane.Live, 1, token, Lease), default);
        held.Count.ShouldBe(1);
        var worker = room.Worker(pools: room.NewPools());
        (await worker.RunGroupAsync([room.Truck.Hourly], token, default)).ShouldBeEmpty();
        worker.HeldBack.ShouldBeEmpty("it does not wait for a place");
    }

    /// <summary>The slots, all of which ended well: what a test finds wrong inside of a job is the job's failure.</summary>
    private static IReadOnlyList<SlotId> Done(IReadOnlyList<SlotOutcome> outcomes)
    {
        outcomes.Select(outcome => outcome.Result).OfType<JobResult.Failed>().Select(failed => failed.Reason).ShouldBeEmpty();
        return [.. outcomes.Select(outcome => outcome.Slot.Id)];
    }

    /// <summary>Hours from seven on are due; hourly and daily builds are in the pool.</summary>
    private static async Task<RunRoom> OpenAsync(int hours)
    {
        var room = await RunRoom.OpenAsync();
        room.Truck.Hourly.Within(new() { Pool = Heavy });
        room.Truck.Daily.Within(new() { Pool = Heavy });
        if (hours > 0) await room.LandAsync(Enumerable.Range(0, hours).Select(hour => Seven.AddHours(hour)));
        await room.CloseAsync(Seven.AddHours(hours));
        await room.PlanAsync();
        return room;
    }
}
