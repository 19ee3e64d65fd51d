using System.Collections.Concurrent;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Tests.Conformance.Sinks.Cassandra.Cql;

/// <summary>A session on the server that ETL_TEST_CASSANDRA names, and a keyspace of its own, for one protocol version.</summary>
public abstract class CqlWorld(ProtocolVersion version, CompressionType compression) : IAsyncLifetime
{
    private static readonly TimeSpan DropTimeout = TimeSpan.FromMinutes(2); // other suites keep the server busy

    private Cluster? _cluster;
    private ISession? _session;
    private int _tables;

    public static string? Server { get; } = Environment.GetEnvironmentVariable("ETL_TEST_CASSANDRA") is { Length: > 0 } server ? server : null;

    public ProtocolVersion Version => version;

    public string Keyspace { get; } = $"cql_{Guid.NewGuid():N}";

    public ConcurrentQueue<CqlLogEntry> Log { get; } = [];

    public ISession Session
    {
        get
        {
            if (_session is null) Assert.Skip("ETL_TEST_CASSANDRA is not set: expected host:port of a Cassandra");
            return _session!;
        }
    }

    public Builder Builder() => Cluster.Builder(TimeProvider.System, new Random(1)).AddContactPoints(Server!).WithMaxProtocolVersion(version).WithCompression(compression).WithLog(Log.Enqueue);

    public async ValueTask InitializeAsync()
    {
        if (Server is null) return;
        _cluster = Builder().WithPoolingOptions(new() { QueuedMax = 10_000 }).Build();
        _session = await _cluster.ConnectAsync();
        await ExecuteAsync($"CREATE KEYSPACE {Keyspace} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is null) return;
        if (_session is not null) await _session.ExecuteAsync(new SimpleStatement($"DROP KEYSPACE {Keyspace}").SetRequestTimeout(DropTimeout));
        await _cluster.DisposeAsync();
    }

    public Task<RowSet> ExecuteAsync(string cql, params object?[] values) => Session.ExecuteAsync(new SimpleStatement(cql, values));

    /// <summary>Makes a table from its columns; its name with the keyspace.</summary>
    public async Task<string> TableAsync(string columns)
    {
        string table = $"{Keyspace}.t{Interlocked.Increment(ref _tables)}";
        var made = await ExecuteAsync($"CREATE TABLE {table} ({columns})");
        made.Info.IsSchemaInAgreement.ShouldBeTrue();
        return table;
    }
}

public sealed class CqlV4World() : CqlWorld(ProtocolVersion.V4, CompressionType.NoCompression);

public sealed class CqlV4Lz4World() : CqlWorld(ProtocolVersion.V4, CompressionType.LZ4);

public sealed class CqlV5World() : CqlWorld(ProtocolVersion.V5, CompressionType.NoCompression);

public sealed class CqlV5Lz4World() : CqlWorld(ProtocolVersion.V5, CompressionType.LZ4);

[Trait("needs", "cassandra")]
public sealed class CqlV4Conformance(CqlV4World world) : CqlConformance(world), IClassFixture<CqlV4World>;

[Trait("needs", "cassandra")]
public sealed class CqlV4Lz4Conformance(CqlV4Lz4World world) : CqlValuesConformance(world), IClassFixture<CqlV4Lz4World>;

[Trait("needs", "cassandra")]
public sealed class CqlV5Conformance(CqlV5World world) : CqlConformance(world), IClassFixture<CqlV5World>;

[Trait("needs", "cassandra")]
public sealed class CqlV5Lz4Conformance(CqlV5Lz4World world) : CqlValuesConformance(world), IClassFixture<CqlV5Lz4World>;
