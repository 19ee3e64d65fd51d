using Etl.Contracts.Workflow;
using Etl.Scheduler.Backfilling;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Backfilling;

public sealed class BackfillTests
{
    [Fact]
    public async Task What_the_plan_shows_is_what_runs_each_window_once()
    {
        await using var room = await BackfillRoom.OpenAsync();
        var plan = await room.PlanAsync(room.Request());
        plan.Lines.Select(line => (line.Step, line.Action, line.Why, line.Windows)).ShouldBe([("trucks/hourly", "build", BackfillPolicy.Done, 72), ("trucks/daily", "build", BackfillPolicy.Done, 3)]);
        int before = room.Room.Jobs.Runs.Count;
        var ended = await room.EndAsync(await room.StartAsync(plan, parallelism: 2));
        (ended.State, ended.DoneWindows, ended.FailedWindows, ended.Windows).ShouldBe((BackfillState.Done, 75, 0, 75), ended.Reason);
        var ran = room.Room.Jobs.Runs.Skip(before).ToList();
        ran.Where(run => run.Step == room.Room.Truck.Hourly).Select(run => run.Window).Order(ByStart).ShouldBe(plan.Windows.Where(window => window.Slot.Step == "trucks/hourly").Select(window => window.Slot.Window).Order(ByStart));
        ran.Where(run => run.Step == room.Room.Truck.Daily).Select(run => run.Window).Distinct().Count().ShouldBe(3);
        ran.Count(run => run.Step == room.Room.Truck.Publish).ShouldBe(72, "changed results are published");
        foreach (var slot in await room.Metadata.Ledger.FindAsync([.. plan.Windows.Select(window => window.Slot)], default)) (slot.State, slot.Lane).ShouldBe((SlotState.Done, Lane.Backfill));
        (await room.PlanAsync(room.Request(policy: BackfillPolicy.Missing | BackfillPolicy.Failed | BackfillPolicy.Stale))).Windows.ShouldBeEmpty("all of it is done");
    }

    [Fact]
    public async Task Equal_plans_have_one_hash_and_what_was_done_since_gives_another()
    {
        await using var room = await BackfillRoom.OpenAsync();
        string hash = (await room.PlanAsync(room.Request())).Hash;
        (await room.PlanAsync(room.Request())).Hash.ShouldBe(hash);
        (await room.PlanAsync(room.Request(last: 2))).Hash.ShouldNotBe(hash);
        (await room.PlanAsync(room.Request(order: BackfillOrder.Oldest))).Hash.ShouldNotBe(hash);
        await room.EndAsync(await room.StartAsync(await room.PlanAsync(room.Request(last: 1))));
        (await room.PlanAsync(room.Request())).Hash.ShouldNotBe(hash);
    }

    [Fact]
    public async Task A_rebuild_of_one_result_does_its_windows_and_names_what_follows()
    {
        await using var room = await BackfillRoom.OpenAsync();
        var daily = await room.PlanAsync(room.Request() with { Only = room.Room.Truck.Daily });
        daily.Lines.Select(line => (line.Step, line.Windows)).ShouldBe([("trucks/daily", 3)]);
        daily.Follow.ShouldBeEmpty("nothing reads the days");
        var hourly = await room.PlanAsync(room.Request(last: 1) with { Only = room.Room.Truck.Hourly });
        hourly.Lines.Select(line => (line.Step, line.Windows)).ShouldBe([("trucks/hourly", 24)]);
        hourly.Follow.Select(follow => follow.Step).ShouldBe(["trucks/daily", "trucks/check_hourly", "trucks/publish_hourly_sink"]);
        hourly.Hash.ShouldNotBe((await room.PlanAsync(room.Request(last: 1))).Hash);
        int before = room.Room.Jobs.Runs.Count;
        var ended = await room.EndAsync(await room.StartAsync(daily));
        (ended.State, ended.DoneWindows).ShouldBe((BackfillState.Done, 3));
        room.Room.Jobs.Runs.Skip(before).Select(run => run.Step).Distinct().ShouldBe([room.Room.Truck.Daily]);
    }

    [Theory]
    [InlineData(BackfillOrder.Newest, 3)]
    [InlineData(BackfillOrder.Oldest, 1)]
    public async Task Only_as_many_days_as_are_allowed_are_under_way_in_their_order(BackfillOrder order, int first)
    {
        await using var room = await BackfillRoom.OpenAsync();
        var backfill = await room.StartAsync(await room.PlanAsync(room.Request(order: order)));
        await room.TendAsync();
        await room.TendAsync();
        var queued = await room.Metadata.Ledger.ListAsync(new() { States = [SlotState.Queued] }, default);
        queued.Count.ShouldBe(25);
        queued.ShouldAllBe(slot => slot.Id.Window.Start.Day == first && slot.Reason == $"backfill {backfill.Id}");
    }

    [Fact]
    public async Task A_pause_lets_what_is_under_way_end_and_resumed_it_goes_on_where_it_stood()
    {
        await using var room = await BackfillRoom.OpenAsync();
        var backfill = await room.StartAsync(await room.PlanAsync(room.Request()));
        await room.TendAsync();
        (await room.Metadata.Backfills.MoveAsync(backfill.Id, BackfillState.Running, BackfillState.Paused, "", default)).ShouldBeTrue();
        for (int turn = 0; turn < 3; turn++)
        {
            await room.WorkAsync();
            await room.TendAsync();
        }
        var paused = (await room.Metadata.Backfills.FindAsync(backfill.Id, default))!;
        (paused.State, paused.DoneWindows, paused.UnderWay).ShouldBe((BackfillState.Paused, 25, 0));
        await room.Metadata.Backfills.MoveAsync(backfill.Id, BackfillState.Paused, BackfillState.Running, "", default);
        int before = room.Room.Jobs.RunsOf(room.Room.Truck.Hourly).Count();
        (await room.EndAsync(backfill)).State.ShouldBe(BackfillState.Done);
        room.Room.Jobs.RunsOf(room.Room.Truck.Hourly).Skip(before).Count().ShouldBe(48);
    }

    [Fact]
    public async Task A_cancelled_one_leaves_the_windows_that_it_has_not_begun()
    {
        await using var room = await BackfillRoom.OpenAsync();
        var backfill = await room.StartAsync(await room.PlanAsync(room.Request()));
        await room.TendAsync();
        await room.Metadata.Backfills.MoveAsync(backfill.Id, BackfillState.Running, BackfillState.Cancelled, "", default);
        int before = room.Room.Jobs.RunsOf(room.Room.Truck.Hourly).Count();
        for (int turn = 0; turn < 3; turn++)
        {
            await room.WorkAsync();
            await room.TendAsync();
        }
        room.Room.Jobs.RunsOf(room.Room.Truck.Hourly).Skip(before).Count().ShouldBe(24, "the day that was under way");
        (await room.Metadata.Backfills.FindAsync(backfill.Id, default))!.ShouldSatisfyAllConditions(ended => ended.State.ShouldBe(BackfillState.Cancelled), ended => ended.DoneWindows.ShouldBe(25), ended => ended.UnderWay.ShouldBe(0));
        (await room.Metadata.Ledger.ListAsync(new() { States = [SlotState.Queued, SlotState.Waiting, SlotState.Cancelled] }, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failed_hour_fails_the_backfill_and_not_its_end_and_is_what_the_next_one_takes()
    {
        await using var room = await BackfillRoom.OpenAsync();
        room.Room.Jobs.Instead = (step, context) => Task.FromResult<JobResult?>(step is BuildStep { Grain: Etl.Contracts.Time.Grain.Hour } && context.Window.Start == Utc(3, 2, 7) ? new JobResult.Failed(FailureClass.Data, "a truck drives backwards") : null);
        var ended = await room.EndAsync(await room.StartAsync(await room.PlanAsync(room.Request()), parallelism: 2));
        (ended.State, ended.DoneWindows + ended.FailedWindows).ShouldBe((BackfillState.Failed, 75), ended.Reason);
        ended.Reason.ShouldContain("a truck drives backwards");
        room.Room.Jobs.Instead = (_, _) => Task.FromResult<JobResult?>(null);
        var next = await room.PlanAsync(room.Request(policy: BackfillPolicy.Missing | BackfillPolicy.Failed));
        next.Windows.ShouldHaveSingleItem().Slot.ShouldBe(room.Room.Truck.Slot(room.Room.Truck.Hourly, Utc(3, 2, 7)));
        (await room.EndAsync(await room.StartAsync(next))).State.ShouldBe(BackfillState.Done);
    }

    [Fact]
    public async Task Stale_is_what_has_changed_since_and_no_more()
    {
        await using var room = await BackfillRoom.OpenAsync();
        await room.Room.LandAsync(Utc(3, 2, 5));
        var plan = await room.PlanAsync(room.Request(policy: BackfillPolicy.Stale));
        plan.Windows.ShouldHaveSingleItem().Slot.ShouldBe(room.Room.Truck.Slot(room.Room.Truck.Hourly, Utc(3, 2, 5)));
        plan.Left.ShouldBe(74);
    }

    [Fact]
    public async Task A_live_hour_waits_for_none_of_the_slots_that_a_backfill_has_queued()
    {
        await using var room = await BackfillRoom.OpenAsync();
        var backfill = await room.StartAsync(await room.PlanAsync(room.Request()), parallelism: 3);
        await room.TendAsync();
        (await room.Metadata.Ledger.ListAsync(new() { States = [SlotState.Queued], Lane = Lane.Backfill }, default)).Count.ShouldBe(75);
        int before = room.Room.Jobs.Runs.Count;
        await room.Room.LandAsync(Utc(3, 4, 7));
        await room.WorkLiveAsync();
        room.Room.Jobs.Runs.Skip(before).ShouldAllBe(run => run.Window.Start.Day == 4, "the hour, its check, its publish and its day");
        room.Room.Jobs.Runs.Skip(before).Count(run => run.Step == room.Room.Truck.Publish).ShouldBe(1);
        (await room.Metadata.Ledger.ListAsync(new() { States = [SlotState.Done], Lane = Lane.Backfill }, default)).ShouldBeEmpty();
        (await room.EndAsync(backfill)).State.ShouldBe(BackfillState.Done);
    }

    [Fact]
    public async Task A_keeper_that_died_between_plan_and_ledger_loses_no_window()
    {
        await using var room = await BackfillRoom.OpenAsync(days: 1);
        var backfill = await room.StartAsync(await room.PlanAsync(room.Request(last: 1)));
        (await room.Metadata.Backfills.TakeAsync(backfill.Id, [], default)).Count.ShouldBe(25); // under way in the store, queued nowhere
        var ended = await room.EndAsync(backfill);
        (ended.State, ended.DoneWindows).ShouldBe((BackfillState.Done, 25));
    }

    [Fact]
    public void A_request_that_makes_no_sense_is_told_as_such()
    {
        var truck = new TruckDag().Dag;
        var request = new BackfillRequest(truck, BackfillFrom.Source, new(2026, 3, 2), new(2026, 3, 1), BackfillPolicy.None, BackfillOrder.Newest, new Dictionary<string, string>());
        string faults = string.Join("; ", request.Faults());
        faults.ShouldContain("range: found an end, 2026-03-01, before its start, 2026-03-02; expected the first local date, then the last");
        faults.ShouldContain("policy: found none");
        faults.ShouldContain("trucks polls no source");
    }

    private static IComparer<Etl.Contracts.Time.Window> ByStart { get; } = Comparer<Etl.Contracts.Time.Window>.Create((one, other) => one.Start.CompareTo(other.Start));
}
