using System.Globalization;
using Confluent.Kafka.Admin;

namespace Etl.Topics;

/// <summary>A topic as it shall be.</summary>
/// <param name="Partitions">1 or more. They stay: another number would send keys to other partitions.</param>
/// <param name="Replication">Copies of each partition, 1 up to the number of brokers.</param>
public sealed record TopicDeclaration(string Name, int Partitions, short Replication = 1)
{
    /// <summary>The broker's settings for it, e.g. <c>retention.ms</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Why a cluster of so many brokers cannot hold it, with what would do; null when it can.</summary>
    public string? FaultOn(int brokers)
    {
        if (Partitions < 1) return $"{Partitions} partitions were declared. Declare 1 or more.";
        if (Replication < 1) return $"replication {Replication} was declared. Declare 1 to {brokers}.";
        if (Replication > brokers) return $"replication {Replication} needs as many brokers, and the cluster has {brokers}. Declare replication {brokers} (Etl__Kafka__Replication), or add brokers.";
        return Settings.GetValueOrDefault("min.insync.replicas") is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int least) && least > Replication
            ? $"min.insync.replicas {least} with replication {Replication} would refuse every record. Declare {Replication} or less, or more replication."
            : null;
    }
}

/// <summary>A topic as it is.</summary>
/// <param name="Id">The broker's id of it: another one means that it was deleted and made again.</param>
public sealed record TopicFacts(string Name, string Id, int Partitions);

/// <param name="Id">The cluster's own.</param>
/// <param name="Brokers">Those that are up.</param>
public sealed record ClusterFacts(string Id, int Brokers);

/// <summary>How well a topic's records are kept.</summary>
/// <param name="Replication">Copies of the partition that has the fewest.</param>
/// <param name="InSync">Copies that are up to date, of the partition that has the fewest.</param>
/// <param name="Settings">By Kafka's names; what a broker does not know is missing.</param>
public sealed record TopicCondition(TopicFacts Topic, int Replication, int InSync, IReadOnlyDictionary<string, string> Settings);

/// <summary>Which offset of a partition is asked for.</summary>
public readonly struct OffsetAt
{
    private OffsetAt(OffsetSpec spec) => Spec = spec;

    internal OffsetSpec Spec { get; }

    /// <summary>Of the oldest record that is still there.</summary>
    public static OffsetAt Start { get; } = new(OffsetSpec.Earliest());

    /// <summary>Of the next record to come.</summary>
    public static OffsetAt End { get; } = new(OffsetSpec.Latest());

    /// <summary>Of the first record whose timestamp is not before the time; −1 when there is none.</summary>
    public static OffsetAt Time(DateTimeOffset time) => new(OffsetSpec.ForTimestamp(time.ToUnixTimeMilliseconds()));
}
