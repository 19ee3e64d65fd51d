using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>What can be executed. Settings not made here are those of <see cref="QueryOptions"/>.</summary>
public abstract class Statement
{
    public ConsistencyLevel? ConsistencyLevel { get; private set; }

    public ConsistencyLevel? SerialConsistencyLevel { get; private set; }

    /// <summary>Microseconds since 1970, for cells whose statement does not say USING TIMESTAMP.</summary>
    public long? Timestamp { get; private set; }

    /// <summary>Whether it may be carried out twice with the outcome of once.</summary>
    public bool? IsIdempotent { get; private set; }

    public int? PageSize { get; private set; }

    public byte[]? PagingState { get; private set; }

    /// <summary>How long to wait for each answer.</summary>
    public TimeSpan? RequestTimeout { get; private set; }

    /// <summary>The only node that is asked; null: whichever is best.</summary>
    public Host? Host { get; private set; }

    /// <summary>For messages.</summary>
    internal abstract string Text { get; }

    /// <summary>The token of the partition that it is about, with its keyspace; null where that is not known.</summary>
    internal virtual (string Keyspace, long Token)? Routing => null;

    internal virtual bool? IsIdempotentByDefault => IsIdempotent;

    /// <summary>Whether rows may come back, so that pages matter.</summary>
    internal virtual bool MayHaveRows => true;

    public Statement SetConsistencyLevel(ConsistencyLevel level)
    {
        ConsistencyLevel = level;
        return this;
    }

    public Statement SetSerialConsistencyLevel(ConsistencyLevel level)
    {
        SerialConsistencyLevel = level is Etl.Codecs.Cql.ConsistencyLevel.Serial or Etl.Codecs.Cql.ConsistencyLevel.LocalSerial
            ? level
            : throw new ArgumentException($"found {level}, expected Serial or LocalSerial", nameof(level));
        return this;
    }

    /// <param name="microseconds">Since 1970, not negative.</param>
    public Statement SetTimestamp(long microseconds)
    {
        Timestamp = microseconds >= 0 ? microseconds : throw new ArgumentOutOfRangeException(nameof(microseconds), microseconds, "a time stamp before 1970, which Cassandra refuses");
        return this;
    }

    public Statement SetTimestamp(DateTimeOffset instant) => SetTimestamp((instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

    public Statement SetIdempotence(bool isIdempotent)
    {
        IsIdempotent = isIdempotent;
        return this;
    }

    public Statement SetPageSize(int rows)
    {
        PageSize = rows > 0 ? rows : throw new ArgumentOutOfRangeException(nameof(rows), rows, "expected 1 or more rows a page");
        return this;
    }

    public Statement SetPagingState(byte[] state)
    {
        PagingState = state;
        return this;
    }

    public Statement SetRequestTimeout(TimeSpan timeout)
    {
        RequestTimeout = timeout > TimeSpan.Zero ? timeout : throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "expected more than no time");
        return this;
    }

    /// <summary>Asks this node and no other, whatever becomes of it.</summary>
    public Statement SetHost(Host host)
    {
        Host = host;
        return this;
    }

    /// <summary>The prepared statements in it, as they are now.</summary>
    internal virtual PreparedStatement[] Prepared => [];

    /// <summary>Writes the whole request.</summary>
    /// <returns>The result columns that the request says it knows; null: the server sends them.</returns>
    internal abstract ResultMetadata? Encode(CqlWriter writer, byte version, in QueryParameters parameters);
}
