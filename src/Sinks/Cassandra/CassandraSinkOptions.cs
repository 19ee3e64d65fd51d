using Etl.Sinks.Cassandra.Cql;

namespace Etl.Sinks.Cassandra;

/// <summary>Which cluster, which keyspace, and how.</summary>
public sealed record CassandraSinkOptions
{
    /// <summary>Letters of a keyspace's or table's name: what Cassandra takes.</summary>
    public const int NameMax = 48;

    /// <summary>Nodes to ask first: <c>host</c> or <c>host:port</c>.</summary>
    public required IReadOnlyList<string> ContactPoints { get; init; }

    /// <summary>Keyspace of the tables, made if absent, e.g. <c>analytics</c>.</summary>
    public string Keyspace { get; init; } = "analytics";

    /// <summary>Data centre whose nodes are asked; null: that of the first node that answers.</summary>
    public string? LocalDatacenter { get; init; }

    /// <summary>Copies of each row in the local data centre, 1 to 9, where the keyspace has to be made. Default 1; 3 is usual from three nodes on.</summary>
    public int ReplicationFactor { get; init; } = 1;

    /// <summary>User; null: no login.</summary>
    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>null: no TLS.</summary>
    public SslOptions? Ssl { get; init; }

    /// <summary>Sends the password though there is no TLS and the node is not on loopback.</summary>
    public bool PlainTextCredentials { get; init; }

    /// <summary>Longest wait for an answer, 1 s to 5 minutes; above the server's own time-outs (12 s and less). Default 15 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Statements unanswered at most, 1 to 10,000. Default 512.</summary>
    public int InFlightMax { get; init; } = 512;

    /// <summary>All that is wrong with these options, without the password; empty when good.</summary>
    public IEnumerable<string> Faults()
    {
        if (ContactPoints.Count == 0) yield return "sinks.cassandra.contactPoints: found none, expected host:port[,host:port…]";
        if (Keyspace.Length is 0 or > NameMax || !char.IsAsciiLetter(Keyspace[0]) || Keyspace.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter != '_'))
            yield return $"sinks.cassandra.keyspace: found \"{Keyspace}\", expected a letter, then letters, digits and _, {NameMax} at most";
        if (ReplicationFactor is < 1 or > 9) yield return $"sinks.cassandra.replicationFactor: {ReplicationFactor} is outside 1 to 9";
        if (User is null != Password is null) yield return "sinks.cassandra.user and password: found one of them, expected both or none";
        if (RequestTimeout < TimeSpan.FromSeconds(1) || RequestTimeout > TimeSpan.FromMinutes(5)) yield return $"sinks.cassandra.requestTimeout: {RequestTimeout} is outside 1 s to 5 minutes";
        if (InFlightMax is < 1 or > 10_000) yield return $"sinks.cassandra.inFlightMax: {InFlightMax} is outside 1 to 10,000";
        if (Ssl is not null)
            foreach (string fault in Ssl.Faults()) yield return fault;
    }

    /// <summary>Nodes and keyspace for messages: everything but the password.</summary>
    internal string Place => $"cassandra {(User is null ? "" : User + "@")}{string.Join(",", ContactPoints)}/{Keyspace}";

    internal Builder Cluster(TimeProvider time, Random random)
    {
        var builder = Cql.Cluster.Builder(time, random).AddContactPoints(ContactPoints)
            .WithQueryOptions(new QueryOptions { Consistency = Codecs.Cql.ConsistencyLevel.LocalQuorum })
            .WithSocketOptions(new SocketOptions { RequestTimeout = RequestTimeout });
        if (LocalDatacenter is { Length: > 0 } local) builder.WithLocalDatacenter(local);
        if (User is not null) builder.WithCredentials(User, Password ?? "");
        if (PlainTextCredentials) builder.WithPlainTextCredentials();
        if (Ssl is not null) builder.WithSSL(Ssl);
        return builder;
    }
}
