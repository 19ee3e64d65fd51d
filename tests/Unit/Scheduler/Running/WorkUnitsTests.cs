using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Running;

namespace Etl.Tests.Unit.Scheduler.Running;

public sealed class WorkUnitsTests
{
    private static readonly WindowCalendar Berlin = WindowCalendar.Of("Europe/Berlin");

    [Fact]
    public void Days_that_follow_each_other_are_one_unit_also_over_a_change_of_the_clock() =>
        Units(31, Day(30), Day(28), Day(29)).ShouldBe([[28, 29, 30]]);

    [Fact]
    public void A_gap_begins_a_new_unit() => Units(31, Day(1), Day(2), Day(4)).ShouldBe([[1, 2], [4]]);

    [Fact]
    public void A_unit_has_at_most_as_many_windows_as_the_job_takes() => Units(2, Day(1), Day(2), Day(3)).ShouldBe([[1, 2], [3]]);

    [Fact]
    public void Slots_of_other_keys_and_other_steps_are_other_units() =>
        Units(31, Day(1), Day(2, key: "other"), Day(2), Day(3, step: "dag/other")).ShouldBe([[1, 2], [2], [3]]);

    [Fact]
    public void A_job_that_takes_windows_one_by_one_gets_them_so() => Units(1, Day(2), Day(1)).ShouldBe([[1], [2]]);

    private static IEnumerable<int[]> Units(int most, params Slot[] slots) =>
        WorkUnits.Of(slots, _ => most).Select(unit => unit.Select(slot => Berlin.DateOf(slot.Id.Window.Start).Day).ToArray());

    private static Slot Day(int day, string key = "", string step = "dag/poll") => new() { Id = new(step, Berlin.Day(new DateOnly(2026, 3, day)), key), State = SlotState.Running };
}
