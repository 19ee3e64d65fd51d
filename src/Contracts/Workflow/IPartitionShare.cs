namespace Etl.Contracts.Workflow;

/// <summary>Which partitions of its topic a feed lands here; other processes land the others. A division among them saves work, not truth: the store refuses what another has landed.</summary>
public interface IPartitionShare
{
    /// <summary>Set when another division is due, or the share is lost: the feed ends after what it has read, to begin anew with what it has then.</summary>
    bool IsOver { get; }

    /// <param name="partitions">Of the topic, numbered from 0.</param>
    /// <returns>Ascending; empty where others have all.</returns>
    ValueTask<IReadOnlyList<int>> OfAsync(int partitions, CancellationToken cancel);
}

/// <summary>The share of a process that lands a topic alone.</summary>
public sealed class AllPartitions : IPartitionShare
{
    private AllPartitions() { }

    public static AllPartitions Share { get; } = new();

    public bool IsOver => false;

    public ValueTask<IReadOnlyList<int>> OfAsync(int partitions, CancellationToken cancel) => new([.. Enumerable.Range(0, partitions)]);
}
