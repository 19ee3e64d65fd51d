namespace Etl.Topics;

/// <summary>What became of the records sent to one partition.</summary>
/// <param name="Delivered">Acknowledged by the broker.</param>
/// <param name="FirstOffset">Lowest offset the broker told, −1 when it told none. It may tell none for a record that had to be sent twice.</param>
/// <param name="LastOffset">Highest one, included.</param>
/// <param name="Failed">Given up; they may or may not be in the log.</param>
public sealed record PartitionDelivery(int Partition, long Delivered, long FirstOffset, long LastOffset, long Failed);

/// <summary>What became of everything a producer was given: sent = delivered + failed, once flushed.</summary>
/// <param name="Partitions">Every partition of the topic, ascending.</param>
/// <param name="FirstFailure">The broker's or librdkafka's words for the first failure; null without one.</param>
public sealed record DeliveryManifest(string Topic, IReadOnlyList<PartitionDelivery> Partitions, string? FirstFailure)
{
    public long Delivered => Partitions.Sum(partition => partition.Delivered);

    public long Failed => Partitions.Sum(partition => partition.Failed);

    /// <exception cref="TopicException">Not all were delivered.</exception>
    public DeliveryManifest EnsureDelivered() => Failed == 0 ? this
        : throw new TopicException($"sending to {Topic}: {Failed:N0} of {Delivered + Failed:N0} records were not acknowledged ({FirstFailure}). "
            + "Expected every one to be: send them again once the broker is well.", true);
}
