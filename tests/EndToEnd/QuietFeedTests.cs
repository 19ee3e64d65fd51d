using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps;
using Etl.Jobs.Steps.Landing;
using Etl.Jobs.Trucks;
using Etl.Scheduler.Running;
using Etl.Topics;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.EndToEnd;

/// <summary>A feed whose topic stands still asks the store nothing, and misses nothing that comes.</summary>
public sealed class QuietFeedTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_look_at_a_topic_that_stands_still_moves_the_frontier_and_asks_the_store_nothing()
    {
        await using var world = await World.OpenAsync();
        using var room = await RoomAsync(world);
        var reports = World.Reports(World.Fleet(trucks: 2, hours: 1));
        await world.ProduceAsync(reports[..^5]);
        var (landed, first) = await room.LookAsync();
        landed.ShouldBe(reports.Count - 5);
        int asked = room.Log.Asked;

        room.Clock.Advance(TimeSpan.FromSeconds(10));
        var (none, second) = await room.LookAsync();
        (none, room.Log.Asked).ShouldBe((0, asked));
        (second - first).ShouldBe(TimeSpan.FromSeconds(10));

        await world.ProduceAsync(reports[^5..]);
        (await room.LookAsync()).Landed.ShouldBe(5);
        room.Log.Asked.ShouldBeGreaterThan(asked);
    }

    [Fact]
    public async Task A_look_believes_the_last_one_for_a_bounded_time()
    {
        await using var world = await World.OpenAsync();
        using var room = await RoomAsync(world);
        await room.LookAsync();
        int asked = room.Log.Asked;
        room.Clock.Advance(QuietTopic.BelievedFor + TimeSpan.FromSeconds(1));
        await room.LookAsync();
        room.Log.Asked.ShouldBeGreaterThan(asked);
    }

    [Fact]
    public async Task A_topic_made_anew_with_as_many_records_is_not_taken_for_one_that_stood_still()
    {
        await using var world = await World.OpenAsync();
        using var room = await RoomAsync(world);
        var reports = World.Reports(World.Fleet(trucks: 1, hours: 0.05));
        await world.ProduceAsync(reports);
        await room.LookAsync();
        using (var admin = new TopicAdmin(world.Topics.Kafka)) await admin.DeleteAsync(TrucksDag.Topic, Cancel);
        await world.Topics.DeclareAsync(World.Trucks, Cancel);
        await world.ProduceAsync(reports);
        (await room.ItemsAsync()).OfType<FeedItem.Halted>().ShouldNotBeEmpty();
    }

    private static async Task<Room> RoomAsync(World world)
    {
        var (clock, log) = (new FakeTimeProvider(DateTimeOffset.UtcNow), new CountingLog(world.Store.Catalog));
        var step = World.Trucks.Dag.Steps.OfType<LandStep>().Single();
        var admin = new TopicAdmin(world.Topics.Kafka);
        var land = new Land(step, World.Trucks.Topics.First(topic => topic.Name == step.Topic).Schema, world.Engine.Lake, log, world.Topics.Kafka, admin, world.Topics.Schemas, new LandOptions(), clock);
        return new(world, land, clock, log, admin, await world.Store.Commits.OpenWriterAsync("test", TimeSpan.FromMinutes(10), Cancel));
    }

    private sealed record Room(World World, Land Land, FakeTimeProvider Clock, CountingLog Log, TopicAdmin Admin, long Token) : IDisposable
    {
        public async Task<(long Landed, DateTimeOffset Frontier)> LookAsync()
        {
            var seen = new Seen(Land);
            var totals = await new FeedRunner(World.Store, World.Engine.Committer).RunAsync(seen, Token, null, AttemptLog.None, Cancel);
            return (totals.Landed, seen.Items.OfType<FeedItem.Frontier>().ShouldHaveSingleItem().At);
        }

        public async Task<IReadOnlyList<FeedItem>> ItemsAsync()
        {
            var items = new List<FeedItem>();
            await foreach (var item in Land.RunAsync(Token, AllPartitions.Share, Cancel)) items.Add(item);
            return items;
        }

        public void Dispose() => Admin.Dispose();
    }

    private sealed class Seen(IFeed inner) : IFeed
    {
        public List<FeedItem> Items { get; } = [];

        public string Name => inner.Name;

        public async IAsyncEnumerable<FeedItem> RunAsync(long token, IPartitionShare share, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            await foreach (var item in inner.RunAsync(token, share, cancel))
            {
                Items.Add(item);
                yield return item;
            }
        }
    }

    private sealed class CountingLog(ILandingLog log) : ILandingLog
    {
        public int Asked { get; private set; }

        public Task<DateTimeOffset> NowAsync(CancellationToken cancel) => Counted(log.NowAsync(cancel));

        public Task<IReadOnlyList<DatasetSchema>> SchemasAsync(string dataset, CancellationToken cancel) => Counted(log.SchemasAsync(dataset, cancel));

        public Task<IReadOnlyList<PartitionProgress>> TakeAsync(string topic, string topicId, IReadOnlyCollection<int> partitions, long token, CancellationToken cancel) =>
            Counted(log.TakeAsync(topic, topicId, partitions, token, cancel));

        private T Counted<T>(T call)
        {
            Asked++;
            return call;
        }
    }
}
