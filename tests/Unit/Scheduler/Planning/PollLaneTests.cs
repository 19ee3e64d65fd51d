using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Metadata.Sqlite;
using Etl.Scheduler.Planning;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Scheduler.Planning;

/// <summary>The lane of windows that polls fill, over a real store in a file.</summary>
public sealed class PollLaneTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Ten = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("etl-lanes-").FullName;
    private readonly FakeTimeProvider _clock = new(Ten.AddDays(1));
    private readonly Dag _dag = new("weather") { Zone = "Europe/Berlin" };
    private readonly PollStep _live, _history;
    private readonly BuildStep _hourly;
    private IMetadata _store = null!;

    public PollLaneTests()
    {
        var land = _dag.Land("hourlymetrics", "hour", ["place", "hour"]);
        _live = _dag.Poll("poll_weather", "weather", land);
        _history = new Dag("history") { Zone = "Europe/Berlin" }.Poll("poll_archive", "weather", land);
        _hourly = _dag.Build("hourlydata", Grain.Hour, "hourly.sql", land, ["place"]);
    }

    public async ValueTask InitializeAsync() => _store = await SqliteMetadata.OpenAsync(Path.Combine(_folder, "store.db"), _clock);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_history_alone_has_filled_is_built_in_its_lane() => (await LaneAsync((_history, Lane.Backfill))).ShouldBe(Lane.Backfill);

    [Fact]
    public async Task What_a_live_poll_has_filled_too_is_live() => (await LaneAsync((_history, Lane.Backfill), (_live, Lane.Live))).ShouldBe(Lane.Live);

    [Fact]
    public async Task What_nobody_has_polled_is_live() => (await LaneAsync()).ShouldBe(Lane.Live);

    [Fact]
    public async Task Polls_of_another_day_count_for_nothing() => (await LaneAsync(1, (_history, Lane.Backfill))).ShouldBe(Lane.Live);

    [Fact]
    public async Task A_live_poll_of_before_the_last_build_counts_no_more()
    {
        (await LaneAsync((_live, Lane.Live))).ShouldBe(Lane.Live);
        await DoneAsync(_live.FullName);
        await _store.Catalog.MoveFrontierAsync("hourlymetrics", Ten.AddDays(30), default);
        await new PlanPass(new Planner(_dag, _ => true), _store).RunAsync(default);
        await DoneAsync(_hourly.FullName);
        (await LaneAsync((_history, Lane.Backfill))).ShouldBe(Lane.Backfill, "it was built of what the live one had fetched");
    }

    private async Task DoneAsync(string step)
    {
        long token = await _store.Commits.OpenWriterAsync("test", TimeSpan.FromDays(1), default);
        var slot = (await _store.Ledger.ClaimAsync(new([step], 1, token, TimeSpan.FromHours(1)), default)).ShouldHaveSingleItem();
        (await new Committer(_store.Commits).CommitAsync(new() { Kind = CommitKind.Poll, Token = token, Slot = new(slot.Id, slot.Round, slot.Attempt, SlotState.Done, slot.AsOf, "digest") { Result = new(1, "sum") } })).ShouldBeOfType<CommitOutcome.Committed>();
    }

    private Task<Lane> LaneAsync(params (PollStep Poll, Lane Lane)[] polls) => LaneAsync(0, polls);

    private async Task<Lane> LaneAsync(int days, params (PollStep Poll, Lane Lane)[] polls)
    {
        await _store.Ledger.PlanAsync([.. polls.Select(poll => new PlannedSlot(new(poll.Poll.FullName, _dag.Calendar.DayOf(Ten.AddDays(days)), "Berlin"), poll.Lane, SlotState.Queued))], default);
        long token = await _store.Commits.OpenWriterAsync("test", TimeSpan.FromDays(1), default);
        await new Committer(_store.Commits).CommitAsync(new() { Kind = CommitKind.Land, Token = token, Changed = [new("hourlymetrics", Ten)] });
        await new PlanPass(new Planner(_dag, _ => true), _store).RunAsync(default);
        return (await _store.Ledger.FindAsync(new SlotId(_hourly.FullName, _dag.Calendar.HourOf(Ten)), default)).ShouldNotBeNull().Lane;
    }
}
