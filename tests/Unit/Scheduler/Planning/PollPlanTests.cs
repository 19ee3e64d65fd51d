using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;

namespace Etl.Tests.Unit.Scheduler.Planning;

public sealed class PollPlanTests
{
    private static readonly Dag Dag = new("weather") { Zone = "Europe/Berlin" };

    [Fact]
    public void A_day_that_was_never_asked_for_is_put_in_and_one_that_is_done_is_left_alone()
    {
        var plan = PollPlan.Of([Day(1), Day(2)], [Slot(1, SlotState.Done)], Lane.Backfill, again: false, "triggered");
        plan.Missing.ShouldBe([new PlannedSlot(Day(2), Lane.Backfill, SlotState.Queued, "triggered")]);
        (plan.Again.Count, plan.Done, plan.Open).ShouldBe((0, 1, 0));
    }

    [Theory]
    [InlineData(SlotState.Failed, true)]
    [InlineData(SlotState.Skipped, true)]
    [InlineData(SlotState.Cancelled, true)]
    [InlineData(SlotState.Done, false)]
    [InlineData(SlotState.Waiting, false)]
    [InlineData(SlotState.Queued, false)]
    [InlineData(SlotState.Running, false)]
    [InlineData(SlotState.Retrying, false)]
    public void A_day_that_ended_badly_is_queued_again(SlotState state, bool again) =>
        PollPlan.Of([Day(1)], [Slot(1, state)], Lane.Live, again: false, "triggered").Again.Select(move => (move.Expected.State, move.To)).ShouldBe(again ? [(state, SlotState.Queued)] : []);

    [Fact]
    public void A_schedule_fetches_days_again_that_are_done_but_disturbs_none_under_way()
    {
        var plan = PollPlan.Of([Day(1), Day(2), Day(3)], [Slot(1, SlotState.Done), Slot(2, SlotState.Running)], Lane.Live, again: true, "schedule");
        plan.Again.ShouldHaveSingleItem().Expected.Id.ShouldBe(Day(1));
        plan.Missing.ShouldHaveSingleItem().Id.ShouldBe(Day(3));
        (plan.Done, plan.Open).ShouldBe((0, 1));
    }

    [Theory]
    [InlineData(5, 0, true)]
    [InlineData(7, 0, false)]
    [InlineData(0, 7, false)] // it came as it was before, but late enough
    [InlineData(0, 5, true)]
    public void A_day_that_was_fetched_before_its_values_settle_is_fetched_again(int changedDaysAfter, int askedDaysAfter, bool again)
    {
        long At(int days) => days == 0 ? 0 : Micros.Of(Day(1).Window.End.AddDays(days));
        var plan = PollPlan.Of([Day(1)], [Slot(1, SlotState.Done) with { Version = At(changedDaysAfter), AsOf = At(askedDaysAfter) }], Lane.Backfill, again: false, "triggered", TimeSpan.FromDays(6));
        (plan.Again.Count, plan.Done).ShouldBe(again ? (1, 0) : (0, 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // its values had not settled
    public void What_a_call_has_fetched_itself_is_not_fetched_again(bool again)
    {
        var made = Day(1).Window.End.AddDays(1);
        int Repeated(TimeSpan asked, SlotState state = SlotState.Done) =>
            PollPlan.Of([Day(1)], [Slot(1, state) with { AsOf = Micros.Of(made + asked) }], Lane.Live, again, "run 1", TimeSpan.FromDays(6), made).Again.Count;
        (Repeated(TimeSpan.FromSeconds(-1)), Repeated(TimeSpan.FromSeconds(1)), Repeated(TimeSpan.FromSeconds(1), SlotState.Failed)).ShouldBe((1, 0, 1));
    }

    [Fact]
    public void Another_key_is_another_slot() =>
        PollPlan.Of([Day(1, "Hamburg")], [Slot(1, SlotState.Done)], Lane.Live, again: false, "triggered").Missing.ShouldHaveSingleItem().Id.Key.ShouldBe("Hamburg");

    private static SlotId Day(int day, string key = "Berlin") => new("weather/poll", Dag.Calendar.Day(new(2026, 3, day)), key);

    private static Slot Slot(int day, SlotState state) => new() { Id = Day(day), State = state };
}
