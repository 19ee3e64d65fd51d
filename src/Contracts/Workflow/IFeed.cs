using Etl.Contracts.Commits;

namespace Etl.Contracts.Workflow;

/// <summary>Unbounded work: yields what shall be committed, in order. Its caller carries out each item before it asks for the one after the next.</summary>
/// <remarks>It may work ahead by a bounded number of items; when a commit is refused the feed is disposed and begins anew from the store's progress.</remarks>
public interface IFeed
{
    /// <summary>Full name of its step, <c>trucks/land_truck_telemetry</c>.</summary>
    string Name { get; }

    /// <param name="token">The writer's token, part of the names of its files.</param>
    /// <param name="share">What of the topic is to be done here.</param>
    IAsyncEnumerable<FeedItem> RunAsync(long token, IPartitionShare share, CancellationToken cancel);
}

/// <summary>One thing a feed has done.</summary>
public abstract record FeedItem
{
    private FeedItem() { }

    /// <param name="Read">Records read; = landed + rejected.</param>
    public sealed record Batch(PendingCommit Commit, long Read, long Landed, long Rejected) : FeedItem;

    /// <summary>All events of the dataset before <paramref name="At"/> are in the batches yielded so far, lateness allowed for.</summary>
    public sealed record Frontier(string Dataset, DateTimeOffset At) : FeedItem
    {
        /// <summary>The partitions whose events they are; null: all of the topic.</summary>
        public SomePartitions? Of { get; init; }
    }

    /// <summary>A partition cannot go on until somebody decides; the others do.</summary>
    public sealed record Halted(string Topic, int Partition, string Reason) : FeedItem
    {
        public override string ToString() => $"{Topic} partition {Partition} is halted: {Reason}";
    }
}

/// <param name="Numbers">Ascending.</param>
/// <param name="Total">How many the topic has.</param>
public sealed record SomePartitions(IReadOnlyList<int> Numbers, int Total);
