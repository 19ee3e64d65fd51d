using System.Collections.Concurrent;
using Etl.Contracts;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Running;
using Microsoft.Extensions.Time.Testing;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Running;

/// <summary>What running attempts say, on its way to the store.</summary>
public sealed class LiveLogsTests
{
    private const int TurnsMax = 100_000;

    private readonly FakeTimeProvider _clock = new(Utc(3, 1, 12));
    private readonly KeptLogs _store = new();
    private readonly TruckDag _truck = new();

    [Fact]
    public async Task What_is_said_is_kept_within_a_second_all_of_it_in_one_write_and_silence_costs_none()
    {
        var live = new LiveLogs(_store, _store, _clock);
        using var stop = new CancellationTokenSource();
        var running = live.RunAsync(message => throw new InvalidOperationException(message), stop.Token);
        var (one, other, silent) = (live.Of(Slot(6)), live.Of(Slot(7)), live.Of(Slot(8)));
        one.Info("asks");
        one.Info("waits");
        other.Warning("slow");
        await UntilAsync(() => _store.Writes.Count == 1, LiveLogs.Every);
        Kept(0).ShouldBe(["06:00 asks, waits", "07:00 slow"]);

        other.Info("got it");
        await UntilAsync(() => _store.Writes.Count == 2, LiveLogs.Every);
        Kept(1).ShouldBe(["07:00 slow, got it"]);
        await ForAsync(TimeSpan.FromMinutes(10));
        (_store.Writes.Count, silent.IsEmpty).ShouldBe((2, true), "nobody said anything more");
        await stop.CancelAsync();
        await running;
        _store.Writes.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_attempt_that_ends_before_its_turn_costs_no_write()
    {
        var live = new LiveLogs(_store, _store, _clock);
        using var stop = new CancellationTokenSource();
        var running = live.RunAsync(message => throw new InvalidOperationException(message), stop.Token);
        for (int slot = 0; slot < 100; slot++)
        {
            var log = live.Of(Slot(6));
            log.Info("quick");
            live.End(log);
            log.Error("said by the one place that ends it");
        }
        await ForAsync(TimeSpan.FromMinutes(1));
        await stop.CancelAsync();
        await running;
        _store.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task While_the_store_is_away_nothing_is_lost_and_it_is_said_once()
    {
        var live = new LiveLogs(_store, _store, _clock);
        _store.Trouble = new StoreException("the store is away", isTransient: true);
        var said = new ConcurrentQueue<string>();
        using var stop = new CancellationTokenSource();
        var running = live.RunAsync(said.Enqueue, stop.Token);
        var log = live.Of(Slot(6));
        log.Info("asks");
        await UntilAsync(() => _store.Tries >= 3, LiveLogs.Every);
        said.ShouldHaveSingleItem().ShouldContain("the store is away");
        _store.Trouble = null;
        await UntilAsync(() => _store.Writes.Count == 1, LiveLogs.Every);
        Kept(0).ShouldBe(["06:00 asks"]);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_stop_keeps_what_was_said_last()
    {
        var live = new LiveLogs(_store, _store, _clock);
        using var stop = new CancellationTokenSource();
        var running = live.RunAsync(message => throw new InvalidOperationException(message), stop.Token);
        live.Of(Slot(6)).Info("asks");
        await stop.CancelAsync();
        await running;
        Kept(0).ShouldBe(["06:00 asks"]);
    }

    [Fact]
    public async Task A_turn_is_bounded_and_the_next_goes_on()
    {
        var live = new LiveLogs(_store, _store, _clock);
        for (int slot = 0; slot < 300; slot++) live.Of(Slot(slot % 24)).Info($"{slot}");
        (await live.KeepAsync(default)).ShouldBeTrue();
        _store.Writes.ShouldAllBe(write => write.Count == LiveLogs.PerWrite);
        _store.Writes.Sum(write => write.Count).ShouldBe(256);
        (await live.KeepAsync(default)).ShouldBeFalse();
        _store.Writes.SelectMany(write => write).Select(log => int.Parse(log.Lines[0].Text)).Order().ShouldBe(Enumerable.Range(0, 300));
    }

    [Fact]
    public async Task A_worker_s_running_attempt_is_read_while_it_runs_and_whole_when_it_has_ended()
    {
        await using var room = await RunRoom.OpenAsync();
        var live = new LiveLogs(room.Metadata.Logs, room.Metadata.Feeds, _clock);
        var (begun, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        room.Jobs.Instead = async (_, context) =>
        {
            context.Log.Info("asks");
            begun.SetResult();
            await gate.Task;
            context.Log.Info("got it");
            return null;
        };
        await room.LandAsync(Utc(3, 1, 7));
        await room.CloseAsync(Utc(3, 1, 8));
        await room.PlanAsync();
        var worker = new Worker(room.Planner, room.Metadata, room.Committer, room.Jobs, new(new(), room.Clock, new Random(1)), new()) { Live = live };
        var working = worker.RunGroupAsync([room.Truck.Hourly], await room.TokenAsync(), default);
        await begun.Task;
        (await live.KeepAsync(default)).ShouldBeFalse();
        async Task<(SlotState? State, IEnumerable<string> Lines)> StoryAsync()
        {
            var story = (await room.Metadata.Logs.OfAsync(room.Truck.Slot(room.Truck.Hourly, Utc(3, 1, 7)), default)).ShouldHaveSingleItem();
            return (story.Attempt.State, story.Lines.Select(line => line.Text));
        }
        var (state, lines) = await StoryAsync();
        (state, string.Join(", ", lines)).ShouldBe((null, "asks"));
        gate.SetResult();
        (await working).Count.ShouldBe(1);
        (state, lines) = await StoryAsync();
        (state, string.Join(", ", lines)).ShouldBe((SlotState.Done, "asks, got it"));
    }

    [Fact]
    public async Task What_a_feed_says_is_kept_as_it_comes_and_its_end_too_and_a_silent_one_leaves_nothing()
    {
        var live = new LiveLogs(_store, _store, _clock);
        using var stop = new CancellationTokenSource();
        var running = live.RunAsync(message => throw new InvalidOperationException(message), stop.Token);
        var (feed, silent) = (live.Of("trucks/land", 7), live.Of("main/land", 7));
        feed.Log.Info("3 landed");
        await UntilAsync(() => _store.Stories.Count == 1, LiveLogs.Every);
        feed.Log.Error("the broker is away");
        feed.End();
        silent.End();
        await UntilAsync(() => _store.Stories.Count == 2, LiveLogs.Every);
        await ForAsync(TimeSpan.FromMinutes(1));
        await stop.CancelAsync();
        await running;
        _store.Stories.Select(story => (story.Feed, story.Token, story.Ended is null, string.Join(", ", story.Lines.Select(line => line.Text))))
            .ShouldBe([("trucks/land", 7L, true, "3 landed"), ("trucks/land", 7L, false, "3 landed, the broker is away")]);
        _store.Stories.Select(story => story.Started).Distinct().ShouldHaveSingleItem("one row");
        _store.Writes.ShouldBeEmpty();
    }

    private Slot Slot(int hour) => new() { Id = _truck.Slot(_truck.Hourly, Utc(3, 1, hour)), State = SlotState.Running, Lane = Lane.Live, Round = 1, Attempt = 1, Token = 7 };

    private IEnumerable<string> Kept(int write) => _store.Writes.ElementAt(write).Select(log => $"{log.Slot.Id.Window.Start:HH:mm} {string.Join(", ", log.Lines.Select(line => line.Text))}").Order();

    /// <summary>Lets the clock go on by steps until it is so.</summary>
    private async Task UntilAsync(Func<bool> isSo, TimeSpan step)
    {
        for (int turn = 0; !isSo(); turn++)
        {
            turn.ShouldBeLessThan(TurnsMax);
            if (turn % 100 == 0) _clock.Advance(step);
            await Task.Yield();
        }
    }

    private async Task ForAsync(TimeSpan time)
    {
        for (var gone = TimeSpan.Zero; gone < time; gone += TimeSpan.FromSeconds(1))
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            for (int turn = 0; turn < 20; turn++) await Task.Yield();
        }
    }

    private sealed class KeptLogs : IAttemptLogs, IFeedLog
    {
        public ConcurrentQueue<IReadOnlyList<RunningLog>> Writes { get; } = new();

        public int Tries { get; private set; }

        public StoreException? Trouble { get; set; }

        public Task<int> KeepAsync(IReadOnlyList<RunningLog> logs, CancellationToken cancel)
        {
            Tries++;
            if (Trouble is { } trouble) throw trouble;
            Writes.Enqueue(logs);
            return Task.FromResult(logs.Count);
        }

        public ConcurrentQueue<FeedStory> Stories { get; } = new();

        public Task KeepAsync(IReadOnlyList<FeedStory> stories, CancellationToken cancel)
        {
            foreach (var story in stories) Stories.Enqueue(story);
            return Task.CompletedTask;
        }

        public Task<bool> TakeAsync(string feed, long token, TimeSpan lease, CancellationToken cancel) => throw new NotSupportedException();

        public Task<FeedDivision?> DivideAsync(string feed, long token, int partitions, TimeSpan lease, bool mayMove, CancellationToken cancel) => throw new NotSupportedException();

        public Task<DateTimeOffset?> LandedAsync(string feed, IReadOnlyCollection<int> partitions, int of, DateTimeOffset before, CancellationToken cancel) => throw new NotSupportedException();

        public Task<int> ReportAsync(string feed, long token, FeedNews news, TimeSpan lease, CancellationToken cancel) => throw new NotSupportedException();

        public Task ReleaseAsync(string feed, long token, CancellationToken cancel) => throw new NotSupportedException();

        public Task PauseAsync(string feed, bool paused, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<FeedStatus>> ListAsync(CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<FeedStory>> StoriesAsync(string feed, int max, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<AttemptStory>> OfAsync(SlotId slot, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<AttemptStory>> BetweenAsync(SlotFilter slots, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel) => throw new NotSupportedException();

        public Task<Forgotten> ForgetAttemptsAsync(DateTimeOffset endedBefore, long after, int slots, CancellationToken cancel) => throw new NotSupportedException();

        public Task<int> ForgetAsync(DateTimeOffset endedBefore, int max, CancellationToken cancel) => throw new NotSupportedException();
    }
}
