using Confluent.Kafka.Admin;

namespace Etl.Topics;

/// <summary>A topic as it shall be.</summary>
/// <param name="Partitions">1 or more. They stay: another number would send keys to other partitions.</param>
/// <param name="Replication">Copies of each partition, 1 up to the number of brokers.</param>
public sealed record TopicDeclaration(string Name, int Partitions, short Replication = 1)
{
    /// <summary>The broker's settings for it, e.g. <c>retention.ms</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}

/// <summary>A topic as it is.</summary>
/// <param name="Id">The broker's id of it: another one means that it was deleted and made again.</param>
public sealed record TopicFacts(string Name, string Id, int Partitions);

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
