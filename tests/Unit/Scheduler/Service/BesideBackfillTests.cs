using System.Collections.Concurrent;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Backfilling;
using Etl.Scheduler.Service;

namespace Etl.Tests.Unit.Scheduler.Service;

/// <summary>A live run beside a backfill of its own DAG, in one node.</summary>
public sealed class BesideBackfillTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    private static readonly DateTimeOffset Hour = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ConcurrentBag<(Step Step, DateTimeOffset Start, Lane Lane)> _ran = [];

    [Fact]
    public async Task A_live_run_ends_with_its_own_slots_while_a_backfill_goes_on_and_the_backfill_ends_with_its_own()
    {
        await using var room = await NodeRoom.OpenAsync(Truck());
        var (began, release, ended) = (New(), New(), new TaskCompletionSource<Backfill>(TaskCreationOptions.RunContinuationsAsynchronously));
        room.Instead = async (step, context, cancel) =>
        {
            _ran.Add((step, context.Window.Start, context.Lane));
            if (step is not BuildStep || context.Lane != Lane.Backfill) return null;
            began.TrySetResult();
            await release.Task.WaitAsync(cancel);
            return null;
        };
        for (int hours = 0; hours < 8; hours++) room.Topic.Send(Hour.AddHours(hours));
        var node = room.Start();
        node.Backfilled += ended.SetResult;
        await EndAsync(room, node);
        var backfill = await StartAsync(room);
        backfill.Windows.ShouldBe(8);
        await began.Task.WaitAsync(Longest);
        _ran.Clear();

        room.Topic.Send(Hour.AddDays(1));
        var end = await EndAsync(room, node);
        (end.State, end.Windows, end.Rows).ShouldBe((RunState.Done, 2L, 2L), end.Reason); // one hour built and published, and nothing of the backfill's
        _ran.Where(ran => ran.Lane == Lane.Live).Select(ran => ran.Start).Distinct().ShouldHaveSingleItem().ShouldBe(Hour.AddDays(1));
        (await room.Metadata.Backfills.FindAsync(backfill.Id, default))!.ShouldSatisfyAllConditions(open => open.State.ShouldBe(BackfillState.Running), open => open.DoneWindows.ShouldBe(0));

        release.SetResult();
        (await ended.Task.WaitAsync(Longest)).State.ShouldBe(BackfillState.Done);
        var published = _ran.Where(ran => ran.Step is PublishStep && ran.Start < Hour.AddDays(1)).ToList();
        published.Count.ShouldBe(8);
        published.ShouldAllBe(ran => ran.Lane == Lane.Backfill);
    }

    [Fact]
    public async Task Live_slots_are_run_though_backfill_has_all_places_that_it_may_have()
    {
        await using var room = await NodeRoom.OpenAsync(Truck());
        int under = 0, most = 0;
        var (began, release) = (New(), New());
        room.Instead = async (step, context, cancel) =>
        {
            if (context.Lane != Lane.Backfill) return null;
            int now = Interlocked.Increment(ref under);
            began.TrySetResult();
            for (int seen; now > (seen = Volatile.Read(ref most)) && Interlocked.CompareExchange(ref most, now, seen) != seen;) { }
            await release.Task.WaitAsync(cancel);
            Interlocked.Decrement(ref under);
            return null;
        };
        for (int hours = 0; hours < 40; hours++) room.Topic.Send(Hour.AddHours(hours - 36));
        var node = room.Start();
        await EndAsync(room, node);
        await StartAsync(room);
        await began.Task.WaitAsync(Longest);
        for (int turn = 1; turn <= 3; turn++)
        {
            room.Topic.Send(Hour.AddDays(turn));
            (await EndAsync(room, node)).Windows.ShouldBe(2);
        }
        (under, most).ShouldBe((1, 1), "of two places one is live's");
        release.SetResult();
    }

    [Theory]
    [InlineData(Lane.Live)]
    [InlineData(Lane.Backfill)]
    public async Task A_run_takes_the_polls_it_asks_for_to_its_own_lane(Lane lane)
    {
        var dag = new Dag("weather");
        var land = dag.Land("Weather", "at");
        var poll = dag.Poll("poll", "source", into: land);
        await using var room = await NodeRoom.OpenAsync(dag);
        var ledger = room.Metadata.Ledger;
        var run = await room.Metadata.Runs.TriggerAsync(dag.Name, new(RunKind.Manual, Hour, Hour, Hour, lane, "{}", "triggered", "test"), default);
        var day = new SlotId(poll.FullName, RunCalls.DaysOf(dag, Hour)[^1]);
        await ledger.PlanAsync([new(day, Lane.Backfill, SlotState.Queued)], default);
        (await new RunCalls(ledger).OpenAsync(dag, run, default)).ShouldHaveSingleItem().ShouldBe(day);
        (await ledger.FindAsync(day, default))!.Lane.ShouldBe(lane, "a backfill has asked for it before, and it is open");

        await ledger.MoveAsync([new((await ledger.FindAsync(day, default))!, SlotState.Cancelled, "test")], default);
        await new RunCalls(ledger).OpenAsync(dag, run, default);
        (await ledger.FindAsync(day, default))!.ShouldSatisfyAllConditions(slot => slot.State.ShouldBe(SlotState.Queued), slot => slot.Lane.ShouldBe(lane));
    }

    private static async Task<RunEnd> EndAsync(NodeRoom room, Node node)
    {
        var run = await room.TriggerAsync();
        node.RunsCame();
        return await room.EndAsync(run);
    }

    private static async Task<Backfill> StartAsync(NodeRoom room)
    {
        var request = new BackfillRequest(room.Dag, BackfillFrom.Lake, new(2026, 2, 28), new(2026, 3, 1), BackfillPolicy.All, BackfillOrder.Newest, new Dictionary<string, string>());
        var plan = await new BackfillPlanner(room.Metadata, room, TimeProvider.System).PlanAsync(request, default);
        return (await room.Metadata.Backfills.StartAsync(new(room.Dag.Name, request.From, request.First, request.Last, request.Policy, request.Order, 4, "{}", plan.Hash, "test"), plan.ForStore(), queue: false, default)).Made!;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static Dag Truck()
    {
        var dag = new Dag("trucks");
        var hourly = dag.Build("hourly", Grain.Hour, "hourly.sql", dag.Land("Events", "at"), ["truck"]);
        dag.Publish(hourly, [TruckDag.Sink]);
        return dag;
    }
}
