using Etl.Sinks.Cassandra.Cql;

namespace Etl.Sinks.Cassandra;

/// <summary>One session with the cluster, opened at first use; the keyspace and the guards' table are made with it. A failed opening is tried anew by the next call.</summary>
internal sealed class CassandraServer(CassandraSinkOptions options, TimeProvider time, Random random) : IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1);
    private Cluster? _cluster;
    private ISession? _session;
    private CassandraSchema? _schema;

    public string Place => options.Place;

    /// <summary>Of the open session.</summary>
    public CassandraSchema Schema => _schema ?? throw new InvalidOperationException("the session is not open");

    public CassandraCql Cql { get; } = new(options.Keyspace);

    public int InFlightMax => options.InFlightMax;

    public async Task<ISession> OpenAsync(CancellationToken cancel)
    {
        if (Volatile.Read(ref _session) is { } open) return open;
        await _opening.WaitAsync(cancel);
        try
        {
            if (_session is { } opened) return opened;
            _cluster ??= options.Cluster(time, random).Build();
            var session = await _cluster.ConnectAsync(cancel);
            try
            {
                _schema = new(session, Place, time, random);
                await CreateAsync(session, _schema, _cluster.LocalDatacenter, cancel);
                Volatile.Write(ref _session, session);
                return session;
            }
            catch
            {
                _schema?.Dispose();
                await session.DisposeAsync();
                throw;
            }
        }
        finally { _opening.Release(); }
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is not null) await _session.DisposeAsync();
        if (_cluster is not null) await _cluster.DisposeAsync();
        _opening.Dispose();
        _schema?.Dispose();
    }

    // Asked for first: a user without the right to create needs none where all is there.
    private async Task CreateAsync(ISession session, CassandraSchema schema, string datacenter, CancellationToken cancel)
    {
        await schema.EnsureAsync(async stop =>
            await IsMissingAsync(session, "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?", stop, options.Keyspace) ? Cql.CreateKeyspace(datacenter, options.ReplicationFactor) : null, cancel);
        await schema.EnsureAsync(async stop =>
            await IsMissingAsync(session, "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?", stop, options.Keyspace, CassandraCql.Guards) ? Cql.CreateGuards : null, cancel);
    }

    private static async Task<bool> IsMissingAsync(ISession session, string cql, CancellationToken cancel, params object?[] values) =>
        (await session.ExecuteAsync(new SimpleStatement(cql, values).SetIdempotence(true), cancel)).Rows.Count == 0;
}
