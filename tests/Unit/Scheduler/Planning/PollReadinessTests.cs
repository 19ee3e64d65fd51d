using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Planning;

namespace Etl.Tests.Unit.Scheduler.Planning;

public sealed class PollReadinessTests
{
    private static readonly DateTimeOffset Polled = new(2026, 3, 2, 6, 0, 0, TimeSpan.Zero);

    private readonly Dag _dag;
    private readonly PollStep _poll;
    private readonly BuildStep _hourly;

    public PollReadinessTests()
    {
        _dag = new Dag("weather") { Zone = "Europe/Berlin" };
        var land = _dag.Land("hourlymetrics", "time", ["place", "time"]);
        _poll = _dag.Poll("poll_weather", "weather", land);
        _hourly = _dag.Build("hourlydata", Grain.Hour, "hourly.sql", land, ["place"]);
    }

    [Fact]
    public void An_hour_is_closed_when_its_polls_are_done_and_have_landed_though_it_lies_ahead_of_the_frontier() =>
        Reason(Polled.AddSeconds(1), Day(SlotState.Done)).ShouldBeNull();

    [Fact]
    public void An_hour_waits_until_what_its_poll_sent_has_landed() =>
        Reason(Polled.AddSeconds(-1), Day(SlotState.Done)).ShouldBe("waits until what weather/poll_weather 2026-03-02 sent has landed");

    [Theory]
    [InlineData(SlotState.Queued)]
    [InlineData(SlotState.Running)]
    [InlineData(SlotState.Retrying)]
    [InlineData(SlotState.Failed)]
    public void An_hour_waits_for_a_poll_of_its_day_that_is_not_done(SlotState state) =>
        Reason(Polled.AddDays(1), Day(SlotState.Done), Day(state, key: "other place")).ShouldBe($"waits for weather/poll_weather 2026-03-02, which is {state.ToString().ToLowerInvariant()}");

    [Fact]
    public void A_poll_that_failed_when_it_was_repeated_holds_nothing_back() =>
        Reason(Polled.AddSeconds(1), Day(SlotState.Failed) with { Version = Micros.Of(Polled.AddDays(-1)) }).ShouldBeNull();

    [Theory]
    [InlineData(SlotState.Queued)]
    [InlineData(SlotState.Failed)]
    public void A_live_hour_does_not_wait_for_a_backfill_s_poll_and_one_of_the_backfill_does(SlotState state)
    {
        var polls = Of(Polled.AddSeconds(1), Day(SlotState.Done), Day(state, key: "other place") with { Lane = Lane.Backfill });
        polls.WaitReason(Hour, Lane.Live).ShouldBeNull();
        polls.WaitReason(Hour, Lane.Backfill).ShouldNotBeNull();
    }

    [Fact]
    public void Polls_of_other_days_are_not_waited_for() =>
        Reason(Polled.AddSeconds(1), Day(SlotState.Done), Day(SlotState.Queued, days: 1), Day(SlotState.Queued, days: -1)).ShouldBeNull();

    [Fact]
    public void A_poll_waits_for_nobody() =>
        Of(null).WaitReason(Day(SlotState.Waiting).Id).ShouldBeNull();

    private string? Reason(DateTimeOffset frontier, params Slot[] polls) =>
        Of(frontier, polls).WaitReason(Hour);

    private SlotId Hour => new(_hourly.FullName, _dag.Calendar.HourOf(new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero)));

    private Readiness Of(DateTimeOffset? frontier, params Slot[] polls) =>
        new(new Planner(_dag, _ => true), [], new Dictionary<string, DateTimeOffset?> { ["hourlymetrics"] = frontier }, polls);

    private Slot Day(SlotState state, int days = 0, string key = "Berlin") => new()
    {
        Id = new(_poll.FullName, _dag.Calendar.Day(new DateOnly(2026, 3, 2).AddDays(days)), key), State = state, Version = state == SlotState.Done ? Micros.Of(Polled) : 0,
    };
}
