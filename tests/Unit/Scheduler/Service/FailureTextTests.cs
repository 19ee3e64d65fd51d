using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Service;

namespace Etl.Tests.Unit.Scheduler.Service;

public sealed class FailureTextTests
{
    private static readonly Dag Dag = new("weather");

    [Fact]
    public void What_failed_for_one_reason_is_told_once() =>
        FailureText.Of(["Events partition 0 is halted: gone"], [(Day("poll", 3), "no answer"), (Day("poll", 2), "no answer"), (Day("check", 2), "too cold")])
            .ShouldBe("Events partition 0 is halted: gone; weather/poll 2026-03-02 and 1 more windows: no answer; weather/check 2026-03-02: too cold");

    [Fact]
    public void More_than_three_reasons_are_counted() =>
        FailureText.Of([], Enumerable.Range(1, 5).Select(day => (Day("poll", day), $"reason {day}"))).ShouldEndWith("weather/poll 2026-03-03: reason 3 and 2 more");

    [Fact]
    public void Nothing_failed() => FailureText.Of([], []).ShouldBe("");

    private static SlotId Day(string step, int day) => new($"weather/{step}", Dag.Calendar.Day(new(2026, 3, day)));
}
