using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Conformance.Metadata;

public abstract partial class MetadataConformance
{
    private static PlannedRun Hour(int hours, RunKind kind = RunKind.Scheduled, Lane lane = Lane.Live) =>
        new(kind, Noon.AddHours(hours), Noon.AddHours(hours - 1), Noon.AddHours(hours), lane, "{}", "the schedule fired", "1.0");

    [Fact]
    public async Task A_fire_that_rings_twice_makes_one_run()
    {
        var first = await Store.Runs.PlanAsync("main", [Hour(0), Hour(1), Hour(1)], Noon.AddHours(1), Cancel);
        first.Select(run => (run.Dag, run.Fire, run.From, run.To, run.State, run.Round, run.Parameters, run.CodeVersion)).ShouldBe(
        [
            ("main", Noon, Noon.AddHours(-1), Noon, RunState.Queued, 1, "{}", "1.0"), ("main", Noon.AddHours(1), Noon, Noon.AddHours(1), RunState.Queued, 1, "{}", "1.0"),
        ]);
        (await Store.Runs.PlanAsync("main", [Hour(1), Hour(2)], Noon.AddHours(2), Cancel)).ShouldHaveSingleItem().Fire.ShouldBe(Noon.AddHours(2));
        (await Store.Runs.PlanAsync("other", [Hour(1)], null, Cancel)).Count.ShouldBe(1);
        (await Store.Runs.ListAsync(new() { Dags = ["main"] }, Cancel)).Select(run => run.Fire).ShouldBe([Noon.AddHours(2), Noon.AddHours(1), Noon]);
        (await Store.Runs.StatusAsync("main", Cancel)).Reached.ShouldBe(Noon.AddHours(2));
        await Store.Runs.PlanAsync("main", [], Noon, Cancel);
        (await Store.Runs.StatusAsync("main", Cancel)).Reached.ShouldBe(Noon.AddHours(2), "a place only moves forward");
    }

    [Fact]
    public async Task Eight_nodes_that_ring_together_make_each_run_once()
    {
        await using var second = await OpenAsync();
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(node => (node % 2 == 0 ? Store : second).Runs.PlanAsync("main", [.. Enumerable.Range(0, 50).Select(hours => Hour(hours))], Noon.AddHours(50), Cancel)));
        made.Sum(runs => runs.Count).ShouldBe(50);
        (await Store.Runs.ListAsync(new(), Cancel)).Count.ShouldBe(50);
    }

    [Fact]
    public async Task Two_requests_of_one_instant_are_two_runs()
    {
        var asked = Hour(0, RunKind.Manual) with { Parameters = """{"start_date":"2024-01-01"}""" };
        var one = await Store.Runs.TriggerAsync("main", asked, Cancel);
        var two = await Store.Runs.TriggerAsync("main", asked, Cancel);
        (two.Id == one.Id, two.Fire > one.Fire, two.Parameters).ShouldBe((false, true, asked.Parameters));
        (await Store.Runs.FindAsync(two.Id, Cancel)).ShouldBe(two);
        (await Store.Runs.FindAsync(12_345, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task A_run_is_claimed_by_one_worker_live_ones_first()
    {
        await Store.Runs.PlanAsync("main", [Hour(0, lane: Lane.Backfill), Hour(1), Hour(2)], null, Cancel);
        (await Store.Runs.ClaimAsync(["other"], 10, 1, Minute, Cancel)).ShouldBeEmpty();
        var mine = await Store.Runs.ClaimAsync(["main", "other"], 2, 1, Minute, Cancel);
        mine.Select(run => (run.Fire, run.State, run.Token, run.Started is not null)).ShouldBe([(Noon.AddHours(1), RunState.Running, 1L, true), (Noon.AddHours(2), RunState.Running, 1L, true)]);
        var theirs = await Store.Runs.ClaimAsync(["main"], 10, 2, Minute, Cancel);
        theirs.ShouldHaveSingleItem().Lane.ShouldBe(Lane.Backfill);
        (await Store.Runs.RenewAsync([.. mine, theirs[0] with { Token = 9 }], Minute, Cancel)).ShouldBe(mine);
    }

    [Fact]
    public async Task One_question_tells_whether_anything_is_open()
    {
        Task<OpenWork> OpenWorkAsync() => Store.Runs.OpenAsync(Cancel);
        (await OpenWorkAsync()).ShouldBe(new(false, false, false));
        await Store.Runs.PlanAsync("main", [Hour(0)], null, Cancel);
        (await OpenWorkAsync()).ShouldBe(new(IsRunDue: true, IsRunRunning: false, IsBackfillRunning: false));
        await Store.Runs.PauseAsync("main", true, "", Cancel);
        (await OpenWorkAsync()).IsRunDue.ShouldBeFalse("a paused DAG gives none");
        await Store.Runs.PauseAsync("main", false, "", Cancel);
        var run = (await Store.Runs.ClaimAsync(["main"], 1, 1, Minute, Cancel)).Single();
        (await OpenWorkAsync()).ShouldBe(new(IsRunDue: false, IsRunRunning: true, IsBackfillRunning: false));
        await Store.Runs.EndAsync(run, new(RunState.Queued, 0, 0, "later") { NotBefore = (await Store.NowAsync(Cancel)).AddHours(1) }, Cancel);
        (await OpenWorkAsync()).ShouldBe(new(false, false, false), "queued, but not due");
        await Store.Backfills.StartAsync(Order(), Plan(2), queue: false, Cancel);
        (await OpenWorkAsync()).ShouldBe(new(IsRunDue: false, IsRunRunning: false, IsBackfillRunning: true));
    }

    [Fact]
    public async Task A_caller_takes_its_own_run_whichever_is_due_before_it_and_only_once()
    {
        await Store.Runs.PlanAsync("main", [Hour(0), Hour(1)], null, Cancel);
        var own = await Store.Runs.TriggerAsync("main", Hour(9, RunKind.Manual, Lane.Backfill), Cancel);
        var taken = (await Store.Runs.TakeAsync(own.Id, 7, Minute, Cancel)).ShouldNotBeNull();
        (taken.Id, taken.State, taken.Token, taken.Started is not null).ShouldBe((own.Id, RunState.Running, 7L, true));
        (await Store.Runs.TakeAsync(own.Id, 8, Minute, Cancel)).ShouldBeNull();
        (await Store.Runs.ClaimAsync(["main"], 10, 8, Minute, Cancel)).Select(run => run.Id).ShouldNotContain(own.Id);
        (await Store.Runs.EndAsync(taken, new(RunState.Done, 1, 2, ""), Cancel)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_run_whose_lease_is_over_is_taken_over_and_the_first_worker_ends_nothing()
    {
        await Store.Runs.PlanAsync("main", [Hour(0)], null, Cancel);
        var lost = (await Store.Runs.ClaimAsync(["main"], 1, 1, TimeSpan.FromMilliseconds(1), Cancel)).ShouldHaveSingleItem();
        await Task.Delay(20, Cancel);
        var taken = (await Store.Runs.ClaimAsync(["main"], 1, 2, Minute, Cancel)).ShouldHaveSingleItem();
        (taken.Token, taken.Started).ShouldBe((2, lost.Started));
        (await Store.Runs.EndAsync(lost, new(RunState.Done, 1, 1, ""), Cancel)).ShouldBeFalse();
        (await Store.Runs.RenewAsync([lost], Minute, Cancel)).ShouldBeEmpty();
        (await Store.Runs.EndAsync(taken, new(RunState.Failed, 3, 40, "the source answered 503"), Cancel)).ShouldBeTrue();
        var ended = (await Store.Runs.FindAsync(taken.Id, Cancel))!;
        (ended.State, ended.Windows, ended.Rows, ended.Reason, ended.Ended is not null).ShouldBe((RunState.Failed, 3, 40, "the source answered 503", true));
    }

    [Fact]
    public async Task An_ended_run_is_queued_again_in_the_next_round_and_an_open_one_cancelled()
    {
        var queued = (await Store.Runs.PlanAsync("main", [Hour(0)], null, Cancel))[0];
        (await Store.Runs.MoveAsync(queued, RunState.Cancelled, "not needed", Cancel)).ShouldBeTrue();
        (await Store.Runs.MoveAsync(queued, RunState.Cancelled, "not needed", Cancel)).ShouldBeFalse("it is not as it was read");
        (await Store.Runs.ClaimAsync(["main"], 1, 1, Minute, Cancel)).ShouldBeEmpty();
        var cancelled = (await Store.Runs.FindAsync(queued.Id, Cancel))!;
        await Should.ThrowAsync<ArgumentException>(() => Store.Runs.MoveAsync(cancelled, RunState.Cancelled, "", Cancel));
        (await Store.Runs.MoveAsync(cancelled, RunState.Queued, "again", Cancel)).ShouldBeTrue();
        var again = (await Store.Runs.ClaimAsync(["main"], 1, 1, Minute, Cancel)).ShouldHaveSingleItem();
        (again.Round, again.Ended).ShouldBe((2, null));
        (await Store.Runs.EndAsync(again, new(RunState.Queued, 0, 0, "two windows wait", DateTimeOffset.UtcNow.AddHours(1)), Cancel)).ShouldBeTrue();
        (await Store.Runs.ClaimAsync(["main"], 1, 1, Minute, Cancel)).ShouldBeEmpty("it is not due yet");
        await Should.ThrowAsync<ArgumentException>(() => Store.Runs.EndAsync(again, new(RunState.Cancelled, 0, 0, ""), Cancel));
    }

    [Fact]
    public async Task A_paused_dag_gives_no_run_until_it_is_resumed()
    {
        (await Store.Runs.StatusAsync("main", Cancel)).ShouldBe(new("main", false, null, null, ""));
        await Store.Runs.PlanAsync("main", [Hour(0)], null, Cancel);
        await Store.Runs.PauseAsync("main", true, "the source moves", Cancel);
        var paused = await Store.Runs.StatusAsync("main", Cancel);
        (paused.IsPaused, paused.Note, paused.Changed is not null).ShouldBe((true, "the source moves", true));
        (await Store.Runs.ClaimAsync(["main"], 1, 1, Minute, Cancel)).ShouldBeEmpty();
        await Store.Runs.PauseAsync("main", false, "", Cancel);
        (await Store.Runs.ClaimAsync(["main"], 1, 1, Minute, Cancel)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Lists_go_by_state_and_kind_and_old_ends_are_forgotten_but_the_newest()
    {
        await Store.Runs.PlanAsync("main", [Hour(0), Hour(1), Hour(2)], null, Cancel);
        await Store.Runs.TriggerAsync("other", Hour(0, RunKind.Manual), Cancel);
        foreach (var run in await Store.Runs.ClaimAsync(["main"], 2, 1, Minute, Cancel)) await Store.Runs.EndAsync(run, new(RunState.Done, 1, 1, ""), Cancel);
        (await Store.Runs.ListAsync(new() { States = [RunState.Done] }, Cancel)).Count.ShouldBe(2);
        (await Store.Runs.ListAsync(new() { Kind = RunKind.Manual }, Cancel)).ShouldHaveSingleItem().Dag.ShouldBe("other");
        (await Store.Runs.ListAsync(new() { Dags = ["nobody"] }, Cancel)).ShouldBeEmpty();
        (await Store.Runs.ListAsync(new() { Max = 1 }, Cancel)).ShouldHaveSingleItem().Fire.ShouldBe(Noon.AddHours(2));
        (await Store.Runs.ForgetAsync(DateTimeOffset.UtcNow.AddDays(1), 10, Cancel)).ShouldBe(1, "the last that was done stays");
        (await Store.Runs.ListAsync(new(), Cancel)).Select(static run => run.Fire).ShouldBe([Noon.AddHours(2), Noon.AddHours(1), Noon], ignoreOrder: true);
    }

    [Fact]
    public async Task A_feed_counts_what_its_landers_report_and_keeps_its_last_error()
    {
        const string feed = "trucks/land_truck_telemetry";
        (await Store.Feeds.TakeAsync(feed, 1, Minute, Cancel)).ShouldBeTrue();
        (await Store.Feeds.TakeAsync(feed, 1, Minute, Cancel)).ShouldBeTrue("it is its own");
        (await Store.Feeds.ReportAsync(feed, 2, new(FeedState.Running, 5, null, null), Minute, Cancel)).ShouldBe(0);
        (await Store.Feeds.ReportAsync(feed, 1, new(FeedState.Running, 5, TimeSpan.FromSeconds(3), null), Minute, Cancel)).ShouldBe(1);
        await Store.Feeds.ReportAsync(feed, 1, new(FeedState.BackingOff, 0, null, "the broker is away"), Minute, Cancel);
        await Store.Feeds.ReportAsync(feed, 1, new(FeedState.BackingOff, 0, null, "the broker is still away"), Minute, Cancel);
        var troubled = (await Store.Feeds.ListAsync(Cancel)).ShouldHaveSingleItem();
        (troubled.Feed, troubled.State, troubled.Landed, troubled.Lag, troubled.Failures, troubled.LastError).ShouldBe((feed, FeedState.BackingOff, 5, TimeSpan.FromSeconds(3), 2, "the broker is still away"));
        await Store.Feeds.ReportAsync(feed, 1, new(FeedState.Running, 2, TimeSpan.Zero, null), Minute, Cancel);
        var well = (await Store.Feeds.ListAsync(Cancel)).ShouldHaveSingleItem();
        (well.State, well.Landed, well.Failures, well.LastError).ShouldBe((FeedState.Running, 7, 0, "the broker is still away"));
        await Store.Feeds.TakeAsync(feed, 2, Minute, Cancel);
        (await Store.Feeds.ReportAsync(feed, 2, new(FeedState.Running, 3, TimeSpan.Zero, null), Minute, Cancel)).ShouldBe(2);
        await Store.Feeds.ReleaseAsync(feed, 1, Cancel);
        var left = (await Store.Feeds.ListAsync(Cancel)).ShouldHaveSingleItem();
        (left.State, left.Landed, left.Landers.ShouldHaveSingleItem().Token).ShouldBe((FeedState.Running, 10, 2));
        await Store.Feeds.ReleaseAsync(feed, 2, Cancel);
        var stopped = (await Store.Feeds.ListAsync(Cancel)).ShouldHaveSingleItem();
        (stopped.State, stopped.Landers.Count).ShouldBe((FeedState.Stopped, 0));
    }

    [Fact]
    public async Task A_paused_feed_is_given_to_nobody_until_it_is_resumed()
    {
        await Store.Feeds.TakeAsync("trucks/land", 1, Minute, Cancel);
        await Store.Feeds.PauseAsync("trucks/land", true, Cancel);
        (await Store.Feeds.ReportAsync("trucks/land", 1, new(FeedState.Running, 1, null, null), Minute, Cancel)).ShouldBe(0, "its runner must stop");
        await Store.Feeds.ReleaseAsync("trucks/land", 1, Cancel);
        (await Store.Feeds.TakeAsync("trucks/land", 2, Minute, Cancel)).ShouldBeFalse();
        (await Store.Feeds.DivideAsync("trucks/land", 1, 4, Minute, true, Cancel)).ShouldBeNull();
        await Store.Feeds.PauseAsync("trucks/land", false, Cancel);
        (await Store.Feeds.DivideAsync("trucks/land", 1, 4, Minute, true, Cancel)).ShouldBeNull("it must be taken anew");
        (await Store.Feeds.TakeAsync("trucks/land", 2, Minute, Cancel)).ShouldBeTrue();
    }

    [Fact]
    public async Task What_a_revoked_writer_had_is_free_at_once()
    {
        long dead = await OpenWriterAsync("dead"), live = await OpenWriterAsync("live");
        await Store.Runs.PlanAsync("main", [Hour(0)], null, Cancel);
        (await Store.Runs.ClaimAsync(["main"], 1, dead, TimeSpan.FromHours(1), Cancel)).Count.ShouldBe(1);
        (await Store.Feeds.TakeAsync("trucks/land", dead, TimeSpan.FromHours(1), Cancel)).ShouldBeTrue();
        (await Store.Feeds.DivideAsync("trucks/land", dead, 2, TimeSpan.FromHours(1), true, Cancel))!.Mine.ShouldBe([0, 1]);
        (await Store.Runs.ClaimAsync(["main"], 1, live, Minute, Cancel)).ShouldBeEmpty();
        await Store.Commits.CloseWriterAsync(dead, Cancel);
        await Store.Commits.RevokeExpiredAsync(evenLive: false, Cancel);
        (await Store.Runs.ClaimAsync(["main"], 1, live, Minute, Cancel)).Count.ShouldBe(1);
        (await Store.Feeds.TakeAsync("trucks/land", live, Minute, Cancel)).ShouldBeTrue();
        (await Store.Feeds.DivideAsync("trucks/land", live, 2, Minute, true, Cancel))!.Mine.ShouldBe([0, 1]);
        (await Store.Feeds.DivideAsync("trucks/land", dead, 2, Minute, true, Cancel)).ShouldBeNull();
    }
}
