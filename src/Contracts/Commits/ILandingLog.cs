namespace Etl.Contracts.Commits;

/// <summary>What a lander asks of the store before it reads: where to go on, and in which schema the dataset is kept.</summary>
public interface ILandingLog
{
    /// <summary>The store's clock: frontiers are compared with commit numbers, which go by it.</summary>
    Task<DateTimeOffset> NowAsync(CancellationToken cancel);

    /// <summary>Schema versions of a dataset, ascending; empty before the first landing.</summary>
    Task<IReadOnlyList<DatasetSchema>> SchemasAsync(string dataset, CancellationToken cancel);

    /// <summary>The caller becomes the partitions' one lander; an earlier token's commits are refused from here on. Unknown partitions begin at 0 of the current generation, 1 at first.</summary>
    /// <returns>The taken partitions as stored: the topic's id too, which the caller compares.</returns>
    /// <exception cref="StoreException">The token is revoked or closed.</exception>
    Task<IReadOnlyList<PartitionProgress>> TakeAsync(string topic, string topicId, IReadOnlyCollection<int> partitions, long token, CancellationToken cancel);
}

/// <summary>How far a topic's partition has landed.</summary>
/// <param name="Next">Next offset to read.</param>
/// <param name="LastHash">Hash of the record before it; "" when none was read.</param>
/// <param name="HaltReason">null while it goes on.</param>
public sealed record PartitionProgress(string Topic, string TopicId, int Generation, int Partition, long Next, long Token, string LastHash, long Landed, long Rejected, string? HaltReason);
