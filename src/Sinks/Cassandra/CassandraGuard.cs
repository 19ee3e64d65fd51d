using Etl.Sinks.Cassandra.Cql;

namespace Etl.Sinks.Cassandra;

/// <summary>What is known of a window: the highest version that somebody began to write, and the highest that was written whole.</summary>
/// <remarks>A version is its own write time, so whatever comes in whatever order, the highest stays.</remarks>
internal sealed class CassandraGuard(ISession session, CassandraCql cql, Guid table, WindowKey window)
{
    private readonly int _bucket = WindowBucket.Of(window);

    /// <returns>null each where there is none.</returns>
    public async Task<(long? Intended, long? Version)> ReadAsync(CancellationToken cancel)
    {
        var read = (await session.PrepareAsync(cql.ReadGuard, cancel)).SetIdempotence(true);
        var rows = (await session.ExecuteAsync(read.Bind(table, _bucket, window.Text), cancel)).Rows;
        return rows is [var row] ? (row.GetValue<long?>(0), row.GetValue<long?>(1)) : (null, null);
    }

    /// <summary>Before the first row is written.</summary>
    public Task IntendAsync(long version, CancellationToken cancel) => WriteAsync(cql.Intend, version, cancel);

    /// <summary>After the last row is written.</summary>
    public Task ConfirmAsync(long version, CancellationToken cancel) => WriteAsync(cql.Confirm, version, cancel);

    private async Task WriteAsync(string text, long version, CancellationToken cancel)
    {
        var write = (await session.PrepareAsync(text, cancel)).SetIdempotence(true);
        await session.ExecuteAsync(write.Bind(table, _bucket, window.Text, version, version), cancel);
    }
}
