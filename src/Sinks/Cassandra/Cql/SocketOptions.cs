namespace Etl.Sinks.Cassandra.Cql;

/// <summary>How long to wait, for what.</summary>
public sealed record SocketOptions
{
    /// <summary>TCP, TLS and the handshake together, 100 ms to 5 min.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>One answer, 100 ms to 10 min. Longer than the server's own time-outs (write 2 s, read 5 s, range 10 s), or it answers when nobody waits any more.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>All nodes having the same schema after a change of it, 0 to 5 min; past it the change's answer says that they have not.</summary>
    public TimeSpan SchemaAgreementTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Has an overloaded server answer an error instead of reading no more.</summary>
    public bool ThrowOnOverload { get; init; }

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (ConnectTimeout < TimeSpan.FromMilliseconds(100) || ConnectTimeout > TimeSpan.FromMinutes(5)) yield return $"cassandra.connectTimeout: {ConnectTimeout} is outside 100 ms to 5 min";
        if (RequestTimeout < TimeSpan.FromMilliseconds(100) || RequestTimeout > TimeSpan.FromMinutes(10)) yield return $"cassandra.requestTimeout: {RequestTimeout} is outside 100 ms to 10 min";
        if (SchemaAgreementTimeout < TimeSpan.Zero || SchemaAgreementTimeout > TimeSpan.FromMinutes(5)) yield return $"cassandra.schemaAgreementTimeout: {SchemaAgreementTimeout} is outside 0 to 5 min";
    }
}
