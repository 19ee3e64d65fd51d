using Etl.Contracts.Workflow;
using Etl.Scheduler.Planning;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Planning;

public sealed class ReadinessTests
{
    private readonly TruckDag _truck = new();

    [Fact]
    public void Nothing_runs_before_the_first_landing() => Reason(_truck.Hourly, 7, frontier: null).ShouldBe("nothing has landed yet");

    [Fact]
    public void A_window_is_closed_when_the_frontier_reaches_its_end()
    {
        Reason(_truck.Hourly, 7, Utc(3, 1, 7, 59)).ShouldBe("open: closes when all events before 2026-03-01 08:00Z have landed");
        Reason(_truck.Hourly, 7, Utc(3, 1, 8)).ShouldBeNull();
        Reason(_truck.Daily, 7, Utc(3, 1, 23, 59)).ShouldBe("open: closes when all events before 2026-03-02 00:00Z have landed");
    }

    [Theory]
    [InlineData(SlotState.Waiting)]
    [InlineData(SlotState.Queued)]
    [InlineData(SlotState.Running)]
    [InlineData(SlotState.Retrying)]
    [InlineData(SlotState.Failed)]
    [InlineData(SlotState.Cancelled)]
    public void A_day_waits_for_an_hour_in_any_state_but_done(SlotState state) =>
        Reason(_truck.Daily, 0, Utc(3, 2, 0), Hour(23, state)).ShouldBe($"waits for hourly: 2026-03-01T23:00Z {state.ToString().ToLowerInvariant()}");

    [Fact]
    public void Of_many_hours_three_are_named() =>
        Reason(_truck.Daily, 0, Utc(3, 2, 0), [.. Enumerable.Range(0, 24).Select(hour => Hour(hour))])
            .ShouldBe("waits for hourly: 2026-03-01T00:00Z waiting, 2026-03-01T01:00Z waiting, 2026-03-01T02:00Z waiting and 21 more");

    [Fact]
    public void Hours_of_other_days_and_of_other_keys_are_not_waited_for() =>
        Reason(_truck.Daily, 0, Utc(3, 9, 0), Hour(24), Hour(-1), Hour(5, key: "other")).ShouldBeNull();

    [Fact]
    public void A_publish_waits_for_its_check_even_when_the_build_is_done() =>
        Reason(_truck.Publish, 7, Utc(3, 2, 0), Open(_truck.Check, 7, SlotState.Failed)).ShouldBe("waits for check_hourly: 2026-03-01T07:00Z failed");

    private string? Reason(Step step, int hour, DateTimeOffset? frontier, params Slot[] open) =>
        new Readiness(new Planner(_truck.Dag, _ => true), open, new Dictionary<string, DateTimeOffset?> { ["events"] = frontier }, []).WaitReason(_truck.Slot(step, Utc(3, 1, hour)));

    private Slot Hour(int hour, SlotState state = SlotState.Waiting, string key = "") => Open(_truck.Hourly, hour, state, key);

    private Slot Open(Step step, int hour, SlotState state, string key = "") => new() { Id = _truck.Slot(step, Utc(3, 1, 0).AddHours(hour)) with { Key = key }, State = state };
}
