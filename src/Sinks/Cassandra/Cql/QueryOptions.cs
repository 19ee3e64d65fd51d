using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>What holds for statements that do not say otherwise.</summary>
public sealed record QueryOptions
{
    public ConsistencyLevel Consistency { get; init; } = ConsistencyLevel.LocalOne;

    /// <summary>Of conditional writes: Serial or LocalSerial.</summary>
    public ConsistencyLevel SerialConsistency { get; init; } = ConsistencyLevel.Serial;

    /// <summary>Rows in a page, 1 to 1,000,000.</summary>
    public int PageSize { get; init; } = 5000;

    /// <summary>Whether a statement may be carried out twice with the outcome of once. Only then is it sent again where the first outcome is unknown.</summary>
    public bool Idempotent { get; init; }

    /// <summary>Gives statements without a time stamp one from this process, in microseconds, never the same twice: a request that is sent again keeps its place among others.</summary>
    public bool ClientTimestamps { get; init; } = true;

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (!Enum.IsDefined(Consistency)) yield return $"cassandra.consistency: found {Consistency}, expected a consistency level";
        if (SerialConsistency is not (ConsistencyLevel.Serial or ConsistencyLevel.LocalSerial)) yield return $"cassandra.serialConsistency: found {SerialConsistency}, expected Serial or LocalSerial";
        if (PageSize is < 1 or > 1_000_000) yield return $"cassandra.pageSize: {PageSize} is outside 1 to 1,000,000";
    }
}
