using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Metadata.Sqlite;
using Etl.Scheduler.Running;
using Etl.Scheduler.Service;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Scheduler.Service;

/// <summary>What a process knows of its partitions, when it asks again, and that a part's frontier is not taken for the topic's.</summary>
public sealed class FeedShareTests : IAsyncLifetime
{
    private const string Feed = "trucks/land", Dataset = "events";

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("etl-share-").FullName;
    private readonly FakeTimeProvider _clock = new();
    private IMetadata _store = null!;

    public async ValueTask InitializeAsync() => _store = await SqliteMetadata.OpenAsync(Path.Combine(_folder, "store.db"), TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_lander_learns_in_the_middle_of_its_work_that_another_has_come_and_gives_up_its_part_when_it_asks_again()
    {
        var first = await JoinAsync(1);
        (await first.OfAsync(4, default)).ShouldBe([0, 1, 2, 3]);
        (first.IsPart, first.IsOver).ShouldBe((false, false));
        var second = await JoinAsync(2);
        (await second.OfAsync(4, default)).ShouldBeEmpty();
        (second.IsShort, second.IsPart).ShouldBe((true, true));
        await first.LookAsync(default);
        first.IsOver.ShouldBeFalse("it looked a moment ago");
        _clock.Advance(FeedShare.LookEvery);
        await first.LookAsync(default);
        first.IsOver.ShouldBeTrue();
        (await first.OfAsync(4, default)).ShouldBe([0, 1]);
        (first.IsOver, first.IsPart).ShouldBe((false, true));
        (await second.OfAsync(4, default)).ShouldBe([2, 3]);
        $"{second}".ShouldBe("partitions 2, 3 of 4, other processes the rest");
    }

    [Fact]
    public async Task What_is_remembered_is_asked_for_again_when_in_doubt_or_the_topic_has_grown()
    {
        var first = await JoinAsync(1);
        await first.OfAsync(2, default);
        var second = await JoinAsync(2);
        (await first.OfAsync(2, default)).ShouldBe([0, 1]);
        first.Doubt();
        (await first.OfAsync(2, default)).ShouldBe([0]);
        (await second.OfAsync(2, default)).ShouldBe([1]);
        (await first.OfAsync(5, default)).ShouldBe([0, 2, 3]);
    }

    [Fact]
    public async Task One_that_is_no_lander_any_more_has_nothing_and_stops()
    {
        var share = await JoinAsync(1);
        await share.OfAsync(2, default);
        await _store.Feeds.PauseAsync(Feed, true, default);
        _clock.Advance(FeedShare.LookEvery);
        await share.LookAsync(default);
        (share.IsOver, share.IsLost).ShouldBe((true, true));
        (await share.OfAsync(2, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_frontier_of_some_partitions_moves_the_dataset_s_only_when_the_others_have_theirs()
    {
        for (long token = 1; token <= 2; token++) await JoinAsync(token);
        for (int turn = 0; turn < 2; turn++)
            for (long token = 1; token <= 2; token++) await _store.Feeds.DivideAsync(Feed, token, 2, Lease, true, default);
        await RunAsync(Noon, 0);
        (await _store.Catalog.FrontierAsync(Dataset, default)).ShouldBeNull();
        await RunAsync(Noon.AddHours(-1), 1);
        (await _store.Catalog.FrontierAsync(Dataset, default)).ShouldBe(Noon.AddHours(-1));
    }

    private async Task<FeedShare> JoinAsync(long token)
    {
        (await _store.Feeds.TakeAsync(Feed, token, Lease, default)).ShouldBeTrue();
        return new(_store.Feeds, Feed, token, Lease, _clock);
    }

    private async Task RunAsync(DateTimeOffset frontier, int partition) =>
        await new FeedRunner(_store, new Committer(_store.Commits)).RunAsync(new OneFrontier(frontier, partition), 1, null, AttemptLog.None, default);

    private sealed class OneFrontier(DateTimeOffset at, int partition) : IFeed
    {
        public string Name => Feed;

        public async IAsyncEnumerable<FeedItem> RunAsync(long token, IPartitionShare share, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            await Task.CompletedTask;
            yield return new FeedItem.Frontier(Dataset, at) { Of = new([partition], 2) };
        }
    }
}
