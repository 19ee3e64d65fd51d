using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Conformance.Metadata;

public abstract partial class MetadataConformance
{
    private static readonly LogLine[] Said =
    [
        new(Noon, LogSeverity.Info, "reads truck_telemetry: 7 rows"), new(Noon.AddMilliseconds(3), LogSeverity.Warning, "\"quoted\" \\ 'and' ünïcode 😀\nsecond line\t\u0000"), new(Noon.AddTicks(10), LogSeverity.Error, ""),
    ];

    [Fact]
    public async Task What_an_attempt_said_is_kept_with_its_end_and_nothing_is_kept_of_a_silent_one()
    {
        var token = await OpenWriterAsync("up 7");
        await Store.Ledger.PlanAsync([new(HourSlot(0), Lane.Live, SlotState.Queued)], Cancel);
        var first = await ClaimOneAsync(token);
        (await Store.Logs.OfAsync(HourSlot(), Cancel)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            static story => story.Attempt.State.ShouldBeNull("it runs"), static story => story.Lines.ShouldBeEmpty(), static story => story.Attempt.Worker.ShouldBe("up 7"));
        var failing = Finishing(first, SlotState.Retrying, reason: "away");
        failing = failing with { Slot = failing.Slot! with { NotBefore = Noon.AddDays(-9_000), Log = Said } };
        await CommitAsync(failing);
        await CommitAsync(failing); // its reply was lost: said once
        await CommitAsync(Finishing(await ClaimOneAsync(token), result: new(7, "sum")));

        var stories = await Store.Logs.OfAsync(HourSlot(), Cancel);
        stories.Select(static story => (story.Slot, story.Attempt.Attempt, story.Attempt.State, story.Lines.Count)).ShouldBe([(HourSlot(), 1, SlotState.Retrying, 3), (HourSlot(), 2, SlotState.Done, 0)]);
        stories[0].Lines.ShouldBe(Said);
        (await Store.Logs.OfAsync(HourSlot(9), Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_running_attempt_has_said_is_kept_before_its_end_which_takes_its_place()
    {
        var token = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([new(HourSlot(0), Lane.Live, SlotState.Queued), new(HourSlot(1), Lane.Live, SlotState.Queued), new(HourSlot(2), Lane.Live, SlotState.Queued)], Cancel);
        var running = await Store.Ledger.ClaimAsync(new([Build], 2, token, Minute), Cancel);
        var began = await Store.NowAsync(Cancel);
        (await Store.Logs.KeepAsync([.. running.Select(static slot => new RunningLog(slot, [Said[0]]))], Cancel)).ShouldBe(2);
        (await Store.Logs.KeepAsync([new(running[0], Said[..2])], Cancel)).ShouldBe(1);
        var story = (await Store.Logs.OfAsync(running[0].Id, Cancel)).ShouldHaveSingleItem();
        (story.Attempt.Ended, story.Lines.Count).ShouldBe((null, 2));
        (await Store.Logs.BetweenAsync(new(), began, began.AddHours(1), Cancel)).Select(static each => (each.Slot, each.Lines.Count)).OrderBy(static each => each.Count).ShouldBe([(running[1].Id, 1), (running[0].Id, 2)]);

        var end = Finishing(running[0], result: new(7, "sum"));
        await CommitAsync(end with { Slot = end.Slot! with { Log = Said } });
        (await Store.Logs.KeepAsync([new(running[0], Said[..1])], Cancel)).ShouldBe(0, "it has ended");
        (await Store.Logs.OfAsync(running[0].Id, Cancel)).ShouldHaveSingleItem().Lines.ShouldBe(Said);
        (await Store.Logs.KeepAsync([new(running[1] with { Attempt = 2 }, Said), new(running[1] with { Token = token + 1 }, Said), new(running[1] with { Id = HourSlot(2) }, Said), new(running[1] with { Id = HourSlot(9) }, Said)], Cancel)).ShouldBe(0, "none of them runs");
        await CommitAsync(Finishing(running[1], result: new(7, "sum"))); // an end that says nothing leaves what was kept
        (await Store.Logs.OfAsync(running[1].Id, Cancel)).ShouldHaveSingleItem().Lines.ShouldBe(Said[..1]);
    }

    [Fact]
    public async Task What_a_killed_or_stopped_worker_had_said_stays_and_why_it_ended_is_added()
    {
        var (dead, next) = (await OpenWriterAsync("dead"), await OpenWriterAsync("next"));
        await Store.Ledger.PlanAsync([new(HourSlot(0), Lane.Live, SlotState.Queued)], Cancel);
        var lost = await ClaimOneAsync(dead);
        await Store.Logs.KeepAsync([new(lost, Said)], Cancel);
        await Store.Commits.CloseWriterAsync(dead, Cancel);
        await Store.Commits.RevokeExpiredAsync(evenLive: false, Cancel);
        var taken = await ClaimOneAsync(next);
        (await Store.Logs.KeepAsync([new(lost, Said)], Cancel)).ShouldBe(0, "it is another's now");
        await Store.Logs.KeepAsync([new(taken, Said[1..2])], Cancel);
        await Store.Ledger.MoveAsync([new(taken, SlotState.Queued, "its worker was stopped")], Cancel);
        var stories = await Store.Logs.OfAsync(HourSlot(), Cancel);
        stories[0].Lines.Take(3).ShouldBe(Said);
        stories[0].Lines.Skip(3).ShouldHaveSingleItem().Text.ShouldStartWith($"lease over: its worker (token {dead})");
        stories[1].Lines.Select(static line => line.Text).ShouldBe([Said[1].Text, "taken from its worker: its worker was stopped"]);
    }

    [Fact]
    public async Task What_a_feed_said_is_kept_in_one_row_of_each_runner_the_newest_of_them()
    {
        var token = await OpenWriterAsync("up 7");
        const string feed = "trucks/land_truck_telemetry";
        FeedStory Story(int minute, DateTimeOffset? ended, params LogLine[] lines) => new(feed, token, Noon.AddMinutes(minute), ended, lines);
        (await Store.Feeds.StoriesAsync(feed, 3, Cancel)).ShouldBeEmpty();
        await Store.Feeds.KeepAsync([Story(0, null, Said[..1]), new("main/land_weather", 9_999, Noon, null, Said)], Cancel);
        await Store.Feeds.KeepAsync([Story(0, Noon.AddMinutes(1), Said)], Cancel);
        var story = (await Store.Feeds.StoriesAsync(feed, 3, Cancel)).ShouldHaveSingleItem();
        (story.Feed, story.Token, story.Started, story.Ended, story.Worker).ShouldBe((feed, token, Noon, Noon.AddMinutes(1), "up 7"));
        story.Lines.ShouldBe(Said);
        for (int minute = 1; minute < IFeedLog.StoriesKept + 5; minute++) await Store.Feeds.KeepAsync([Story(minute, null, Said[..1])], Cancel);
        (await Store.Feeds.StoriesAsync(feed, 1_000, Cancel)).Select(each => each.Started).ShouldBe(Enumerable.Range(5, IFeedLog.StoriesKept).Select(minute => Noon.AddMinutes(minute)));
        (await Store.Feeds.StoriesAsync(feed, 2, Cancel)).Select(each => each.Started).ShouldBe([Noon.AddMinutes(IFeedLog.StoriesKept + 3), Noon.AddMinutes(IFeedLog.StoriesKept + 4)]);
        (await Store.Feeds.StoriesAsync("main/land_weather", 3, Cancel)).ShouldHaveSingleItem().Worker.ShouldBe("", "nobody knows that token");
    }

    [Fact]
    public async Task Slots_are_counted_by_step_and_state()
    {
        const string other = "trucks/truck_daily";
        var token = await OpenWriterAsync();
        await Store.Ledger.PlanAsync([.. Enumerable.Range(0, 5).Select(hour => new PlannedSlot(HourSlot(hour), Lane.Live, hour < 2 ? SlotState.Waiting : SlotState.Queued)), new(HourSlot(0, other), Lane.Backfill, SlotState.Queued)], Cancel);
        await CommitAsync(Finishing(await ClaimOneAsync(token), result: new(7, "sum")));
        (await Store.Ledger.CountAsync(new() { Steps = [other, Build, "trucks/nobody"] }, Cancel)).ShouldBe([new(other, SlotState.Queued, 1), new(Build, SlotState.Waiting, 2), new(Build, SlotState.Queued, 2), new(Build, SlotState.Done, 1)]);
        (await Store.Ledger.CountAsync(new() { States = [SlotState.Queued], From = Noon.AddHours(1), Max = 1 }, Cancel)).ShouldBe([new(Build, SlotState.Queued, 2)]);
        (await Store.Ledger.CountAsync(new() { Steps = ["trucks/nobody"] }, Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_end_that_is_refused_leaves_no_log_and_a_lost_lease_one_that_says_so()
    {
        var (dead, next) = (await OpenWriterAsync("dead"), await OpenWriterAsync("next"));
        await Store.Ledger.PlanAsync([new(HourSlot(0), Lane.Live, SlotState.Queued)], Cancel);
        var lost = await ClaimOneAsync(dead);
        await Store.Commits.CloseWriterAsync(dead, Cancel);
        await Store.Commits.RevokeExpiredAsync(evenLive: false, Cancel);
        var taken = await ClaimOneAsync(next);
        var late = Finishing(lost);
        await RefusedAsync(late with { Slot = late.Slot! with { Log = Said } });
        var stories = await Store.Logs.OfAsync(HourSlot(), Cancel);
        stories[0].Lines.ShouldHaveSingleItem().Text.ShouldStartWith($"lease over: its worker (token {dead})");
        stories[1].Lines.ShouldBeEmpty();
        await Store.Ledger.MoveAsync([new(taken, SlotState.Queued, "its worker was stopped")], Cancel);
        (await Store.Logs.OfAsync(HourSlot(), Cancel))[1].Lines.ShouldHaveSingleItem().Text.ShouldBe("taken from its worker: its worker was stopped");
    }

    [Fact]
    public async Task Logs_are_found_by_step_window_state_and_time_and_forgotten_in_pages()
    {
        const string other = "trucks/truck_daily";
        var token = await OpenWriterAsync();
        var began = await Store.NowAsync(Cancel);
        await Store.Ledger.PlanAsync([.. Enumerable.Range(0, 6).Select(hour => new PlannedSlot(HourSlot(hour, hour == 5 ? other : Build), Lane.Live, SlotState.Queued))], Cancel);
        for (int hour = 0; hour < 6; hour++)
        {
            var slot = await ClaimOneAsync(token, hour == 5 ? other : Build);
            var end = Finishing(slot, slot.Id == HourSlot(2) ? SlotState.Failed : SlotState.Done);
            await CommitAsync(end with { Slot = end.Slot! with { Log = [new(Noon, LogSeverity.Info, hour == 1 ? new string('x', 30_000) : slot.Id.Window.ToString())] } });
        }
        async Task<IEnumerable<SlotId>> FoundAsync(SlotFilter filter, TimeSpan from = default) => (await Store.Logs.BetweenAsync(filter, began + from, began.AddHours(1), Cancel)).Select(static story => story.Slot);
        (await FoundAsync(new())).ShouldBe([HourSlot(0), HourSlot(1), HourSlot(2), HourSlot(3), HourSlot(4), HourSlot(5, other)]);
        (await FoundAsync(new() { Steps = [other] })).ShouldBe([HourSlot(5, other)]);
        (await FoundAsync(new() { Steps = ["trucks/nobody"] })).ShouldBeEmpty();
        (await FoundAsync(new() { States = [SlotState.Failed] })).ShouldBe([HourSlot(2)]);
        (await FoundAsync(new() { From = Noon.AddHours(1), To = Noon.AddHours(3) })).ShouldBe([HourSlot(1), HourSlot(2)]);
        (await FoundAsync(new() { Max = 2 })).ShouldBe([HourSlot(4), HourSlot(5, other)], "the last ones");
        (await FoundAsync(new(), TimeSpan.FromHours(1))).ShouldBeEmpty();

        (await Store.Logs.ForgetAsync(began, 10, Cancel)).ShouldBe(0);
        (await Store.Logs.ForgetAsync(began.AddHours(1), 4, Cancel)).ShouldBe(4);
        (await FoundAsync(new())).ShouldBe([HourSlot(4), HourSlot(5, other)]);
        (await Store.Logs.ForgetAsync(began.AddHours(1), 4, Cancel)).ShouldBe(2);
        (await Store.Ledger.AttemptsAsync(HourSlot(), Cancel)).Count.ShouldBe(1, "attempts stay");
    }
}
