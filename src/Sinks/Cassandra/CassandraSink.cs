using System.Runtime.CompilerServices;
using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Sinks.Cassandra;

/// <summary>Publishes to Apache Cassandra (4 or later): each row by a prepared statement whose write time is the version, many unanswered at once.</summary>
public sealed class CassandraSink : IGroupSink
{
    private readonly CassandraServer _server;

    /// <param name="random">Spreads the pauses between attempts.</param>
    /// <exception cref="ArgumentException">The options have faults.</exception>
    public CassandraSink(SinkName name, CassandraSinkOptions options, TimeProvider time, Random random)
    {
        string faults = string.Join("; ", options.Faults());
        if (faults.Length > 0) throw new ArgumentException(faults, nameof(options));
        (Name, _server) = (name, new CassandraServer(options, time, random));
    }

    public SinkName Name { get; }

    public SinkTraits Traits { get; } = new(
        NotAtomic: "Cassandra writes each partition by itself, so while a window is written a reader may see some keys at the new version and others at the old one; etl_published says which version is whole",
        NoTransactions: "Cassandra has no transactions over partitions; a version is the write time of its rows instead, so that late writes of a lower one lose");

    public Task<string?> PrepareAsync(ResultTable table, CancellationToken cancel) => TableShape.Fault(table) is { } fault
        ? Task.FromResult<string?>(fault)
        : RunAsync($"preparing {table.Name}", session => CassandraTable.PrepareAsync(session, _server.Schema, _server.Cql, table, cancel), cancel);

    /// <summary>Two days of hours: enough that a key's rows of a day fill a batch.</summary>
    public int WindowsMax => 48;

    public async Task<ReplaceOutcome> ReplaceAsync(ResultTable table, Window window, long version, ColumnBatch rows, ColumnBatch? vanished, CancellationToken cancel) =>
        (await ReplaceAsync(table, [new(window, version, rows, vanished)], cancel))[0];

    public Task<IReadOnlyList<ReplaceOutcome>> ReplaceAsync(ResultTable table, IReadOnlyList<WindowReplacement> windows, CancellationToken cancel)
    {
        var publish = new CassandraPublish(table, [.. windows.Select(window => new CassandraWindow(table, window))]);
        return RunAsync($"publishing {table.Name} {(windows.Count == 1 ? $"{windows[0].Window}" : $"{windows[0].Window} to {windows[^1].Window}")}", session => ReplaceAsync(session, publish, cancel), cancel);
    }

    public Task<long?> VersionAsync(string table, Window window, CancellationToken cancel) => RunAsync<long?>($"reading the version of {table} {window}", async session =>
        await CassandraTable.FindAsync(session, _server.Cql.Keyspace, table, cancel) is { } there ? (await new CassandraGuard(session, _server.Cql, there.Id, WindowKey.Of(window)).ReadAsync(cancel)).Version : null, cancel);

    public Task<IReadOnlyList<object?[]>> ReadAsync(ResultTable table, Window window, CancellationToken cancel)
    {
        var key = WindowKey.Of(table, window);
        return RunAsync($"reading {table.Name} {window}", async session => CassandraRange.InKeyOrder(table, await CassandraRange.ReadAsync(session, _server.Cql, table, key, key, _server.InFlightMax, cancel)), cancel);
    }

    public async IAsyncEnumerable<object?[]> ReadRangeAsync(ResultTable table, Window first, Window last, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (from, to) = (WindowKey.Of(table, first), WindowKey.Of(table, last));
        var rows = await RunAsync($"reading {table.Name} from {first} to {last}", session => CassandraRange.ReadAsync(session, _server.Cql, table, from, to, _server.InFlightMax, cancel), cancel);
        foreach (object?[] row in rows) yield return row;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    // Run again where a node has not heard of the table or a column yet; one version has one content.
    private async Task<IReadOnlyList<ReplaceOutcome>> ReplaceAsync(ISession session, CassandraPublish publish, CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            try { return await publish.ReplaceAsync(session, _server, cancel); }
            catch (DriverException error) when (attempt < CassandraSchema.AttemptsMax && CassandraTrouble.IsOfSchema(error)) { await _server.Schema.LearnAsync(attempt, cancel); }
        }
    }

    private async Task<T> RunAsync<T>(string doing, Func<ISession, Task<T>> work, CancellationToken cancel)
    {
        try { return await work(await _server.OpenAsync(cancel)); }
        catch (DriverException error) when (!cancel.IsCancellationRequested) { throw CassandraTrouble.Of(error, _server.Place, doing); }
    }
}
