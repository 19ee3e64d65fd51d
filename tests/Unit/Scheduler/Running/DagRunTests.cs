using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Running;

public sealed class DagRunTests
{
    private static readonly DateTimeOffset Seven = Utc(3, 1, 7);

    [Theory]
    [InlineData("UTC", 3, 1, 24, 24, 24)]
    [InlineData("Europe/Berlin", 3, 28, 24, 23, 24)]
    [InlineData("Europe/Berlin", 10, 24, 24, 25, 24)]
    public async Task Of_three_days_each_runs_once_and_after_all_its_hours(string zone, int month, int first, params int[] hours)
    {
        await using var room = await RunRoom.OpenAsync(zone);
        var days = hours.Select((_, index) => room.Truck.Dag.Calendar.Day(new(2026, month, first + index))).ToList();
        await room.LandAsync(Hours(days[0].Start, days[^1].End));
        await room.CloseAsync(days[^1].End);
        var report = await room.RunAsync();

        room.Jobs.RunsOf(room.Truck.Daily).OrderBy(day => day.Start).ShouldBe(days);
        var runs = room.Jobs.Runs.ToList();
        foreach (var (day, count) in days.Zip(hours))
        {
            int at = runs.FindIndex(run => run.Step == room.Truck.Daily && run.Window == day);
            runs.Take(at).Count(run => run.Step == room.Truck.Hourly && day.Contains(run.Window.Start)).ShouldBe(count, day.ToString());
        }
        (report.Built, report.Checked, report.Published, report.Open.Count).ShouldBe((hours.Sum() + 3, hours.Sum(), hours.Sum(), 0));
        (await room.RunAsync()).ShouldSatisfyAllConditions(second => second.Built.ShouldBe(0), second => second.Published.ShouldBe(0));
    }

    [Fact]
    public async Task A_day_with_one_hour_that_failed_waits_and_names_it()
    {
        await using var room = await RunRoom.OpenAsync();
        room.Jobs.Instead = (step, context) => Task.FromResult<JobResult?>(step is BuildStep && context.Window.Start == Seven ? new JobResult.Failed(FailureClass.Data, "broken") : null);
        await room.LandAsync(Hours(Utc(3, 1, 0), Utc(3, 2, 0)));
        await room.CloseAsync(Utc(3, 2, 0));
        var report = await room.RunAsync();
        room.Jobs.RunsOf(room.Truck.Daily).ShouldBeEmpty();
        report.Open.Select(slot => (slot.Id.Step, slot.State, slot.Reason)).ShouldBe(
            [(room.Truck.Daily.FullName, SlotState.Waiting, "planned"), (room.Truck.Hourly.FullName, SlotState.Failed, "data: broken")], ignoreOrder: true);
    }

    [Fact]
    public async Task No_publish_begins_before_its_check_is_done()
    {
        await using var room = await RunRoom.OpenAsync();
        await room.LandAsync(Hours(Utc(3, 1, 0), Utc(3, 3, 0)));
        await room.CloseAsync(Utc(3, 3, 0));
        await room.RunAsync();
        await room.LandAsync(Seven); // once more, when all have run
        await room.RunAsync();
        var runs = room.Jobs.Runs.ToList();
        foreach (var window in room.Jobs.RunsOf(room.Truck.Publish).Distinct())
            runs.Where(run => run.Window == window && run.Step is CheckStep or PublishStep && run.Window == window).Select(run => run.Step is CheckStep)
                .ShouldBe(window.Start == Seven ? [true, false, true, false] : [true, false], window.ToString());
    }

    [Fact]
    public async Task A_check_that_fails_holds_its_publish_back_alone()
    {
        await using var room = await RunRoom.OpenAsync();
        room.Jobs.Instead = (step, context) => Task.FromResult<JobResult?>(step is CheckStep && context.Window.Start == Seven ? new JobResult.Failed(FailureClass.Data, "a rule is broken") : null);
        await room.LandAsync(Seven, Seven.AddHours(1));
        await room.CloseAsync(Utc(3, 1, 9));
        (await room.RunAsync()).Published.ShouldBe(1);
        (await room.SlotAsync(room.Truck.Publish, Seven)).State.ShouldBe(SlotState.Waiting);
        (await room.SlotAsync(room.Truck.Publish, Seven.AddHours(1))).State.ShouldBe(SlotState.Done);
    }

    [Fact]
    public async Task A_failure_that_may_pass_is_waited_for_longer_each_time_and_tried_again()
    {
        await using var room = await RunRoom.OpenAsync();
        room.Jobs.Instead = (step, _) => Task.FromResult<JobResult?>(step is BuildStep && room.Jobs.Runs.Count <= 3 ? new JobResult.Failed(FailureClass.Transient, "away") : null);
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 8));
        var report = await room.RunAsync();
        (report.Built, report.Retried, report.Open.Count(slot => slot.Id.Step == room.Truck.Hourly.FullName)).ShouldBe((1, 3, 0));
        room.Clock.Waits.Count.ShouldBe(3);
        foreach (var (wait, whole) in room.Clock.Waits.Zip([1.0, 2, 4])) wait.TotalSeconds.ShouldBeInRange(whole / 2, whole);
        (await room.Metadata.Ledger.AttemptsAsync(room.Truck.Slot(room.Truck.Hourly, Seven), default)).Select(attempt => attempt.State)
            .ShouldBe([SlotState.Retrying, SlotState.Retrying, SlotState.Retrying, SlotState.Done]);
    }

    [Fact]
    public async Task What_fails_every_time_is_given_up_and_a_new_input_gives_it_another_chance()
    {
        await using var room = await RunRoom.OpenAsync();
        room.Retry = new() { AttemptsMax = 3 };
        bool away = true;
        room.Jobs.Instead = (step, _) => Task.FromResult<JobResult?>(away && step is BuildStep ? new JobResult.Failed(FailureClass.Transient, "away") : null);
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 8));
        var report = await room.RunAsync();
        report.Failed.ShouldHaveSingleItem().Reason.ShouldBe("gave up after 3 attempts: away");
        room.Jobs.Runs.Count.ShouldBe(3);
        (await room.RunAsync()).Built.ShouldBe(0, "a failed slot stays failed until somebody acts, or its input changes");

        away = false;
        await room.LandAsync(Seven);
        (await room.RunAsync()).Built.ShouldBe(1);
        (await room.SlotAsync(room.Truck.Hourly, Seven)).ShouldSatisfyAllConditions(slot => slot.State.ShouldBe(SlotState.Done), slot => slot.Round.ShouldBe(2), slot => slot.Attempt.ShouldBe(1));
    }

    [Fact]
    public async Task A_run_that_would_wait_too_long_for_a_retry_ends_and_lists_it()
    {
        await using var room = await RunRoom.OpenAsync();
        room.Jobs.Instead = (_, _) => Task.FromResult<JobResult?>(new JobResult.RetryIn(TimeSpan.FromMinutes(30), "asked to wait"));
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 8));
        var slot = (await room.RunAsync()).Open.ShouldHaveSingleItem();
        (slot.State, slot.NotBefore, slot.Reason).ShouldBe((SlotState.Queued, room.Clock.GetUtcNow().AddMinutes(30), "asked to wait"));
        room.Clock.Waits.ShouldBeEmpty();
    }

    [Fact]
    public async Task Being_put_off_costs_no_attempt()
    {
        await using var room = await RunRoom.OpenAsync();
        room.Retry = new() { AttemptsMax = 2 };
        int calls = 0;
        room.Jobs.Instead = (_, _) => Task.FromResult<JobResult?>(++calls <= 5 ? new JobResult.RetryIn(TimeSpan.FromSeconds(10), "asked to wait") : new JobResult.Failed(FailureClass.Transient, "away"));
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 8));
        (await room.RunAsync()).Failed.ShouldHaveSingleItem().Reason.ShouldBe("gave up after 2 attempts: away");
        calls.ShouldBe(7);
        (await room.Metadata.Ledger.AttemptsAsync(room.Truck.Slot(room.Truck.Hourly, Seven), default)).Select(attempt => (attempt.Attempt, attempt.State))
            .ShouldBe([(1, SlotState.Queued), (2, SlotState.Queued), (3, SlotState.Queued), (4, SlotState.Queued), (5, SlotState.Queued), (6, SlotState.Retrying), (7, SlotState.Failed)]);
    }

    [Fact]
    public async Task A_slot_whose_input_changed_while_it_ran_runs_again_as_of_the_change()
    {
        await using var room = await RunRoom.OpenAsync();
        long late = 0;
        room.Jobs.Instead = async (step, context) =>
        {
            if (step == room.Truck.Hourly && late == 0) late = await room.LandAsync(Seven);
            return null;
        };
        await room.LandAsync(Seven);
        await room.CloseAsync(Utc(3, 1, 8));
        (await room.RunAsync()).Built.ShouldBe(2);
        var slot = await room.SlotAsync(room.Truck.Hourly, Seven);
        (slot.State, slot.Round).ShouldBe((SlotState.Done, 2));
        slot.AsOf.ShouldBeGreaterThanOrEqualTo(late);
        room.Jobs.Runs.Count(run => run.Step == room.Truck.Publish && run.AsOf >= slot.Version).ShouldBe(1, "the newer result is what is published in the end");
    }

    [Fact]
    public async Task A_late_event_runs_its_hour_and_day_alone_and_an_unchanged_hour_moves_nothing_after_it()
    {
        await using var room = await RunRoom.OpenAsync();
        await room.LandAsync(Hours(Utc(3, 1, 0), Utc(3, 3, 0)));
        await room.CloseAsync(Utc(3, 3, 0));
        await room.RunAsync();
        await room.LandAsync(Seven);
        (await room.RunAsync()).BuiltByStep.ShouldBe(new Dictionary<string, int> { ["hourly"] = 1, ["daily"] = 1 }, ignoreOrder: true);

        room.Jobs.Instead = (step, _) => Task.FromResult<JobResult?>(step is BuildStep ? new JobResult.Unchanged() : null);
        await room.LandAsync(Seven);
        (await room.RunAsync()).ShouldSatisfyAllConditions(report => report.Unchanged.ShouldBe(1), report => report.Built.ShouldBe(0), report => report.Published.ShouldBe(0), report => report.Checked.ShouldBe(0));
    }

    private static IEnumerable<DateTimeOffset> Hours(DateTimeOffset from, DateTimeOffset to)
    {
        for (var hour = from; hour < to; hour = hour.AddHours(1)) yield return hour;
    }
}
