using Etl.Codecs.Cql;
using Etl.Contracts;
using Etl.Contracts.Results;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Sinks.Cassandra;

/// <summary>Windows of one table that are written together. Rows of one partition, whichever window they are of, share a batch: for the nodes one write instead of many.</summary>
/// <remarks>Safe to run again at any point: one version of a window has one content.</remarks>
internal sealed class CassandraPublish(ResultTable table, IReadOnlyList<CassandraWindow> windows)
{
    /// <summary>Rows and bytes of one batch: far below what nodes warn of (5 KiB is for batches of several partitions), large enough that its cost is the rows'.</summary>
    private const int RowsPerBatch = 100, BytesPerBatch = 32 * 1024;

    public async Task<IReadOnlyList<ReplaceOutcome>> ReplaceAsync(ISession session, CassandraServer server, CancellationToken cancel)
    {
        if ((await FindAsync() ?? await FindAgainAsync()) is not { } there)
            throw new StoreException($"{server.Place}: {table.Name} was dropped after it was prepared; publish again", isTransient: true);
        var left = there.Left(table);
        var found = await Task.WhenAll(windows.Select(window => window.LookAsync(session, server.Cql, there, left.Count, cancel)));
        CassandraWindow[] due = [.. windows.Where((_, index) => found[index] is null)];
        if (due.Length > 0)
        {
            var insert = (await session.PrepareAsync(server.Cql.Insert(table, left), cancel)).SetIdempotence(true);
            var delete = due.Any(window => window.Vanished is { Count: > 0 }) ? (await session.PrepareAsync(server.Cql.Delete(table), cancel)).SetIdempotence(true) : null;
            await Task.WhenAll(due.Select(window => window.IntendAsync(cancel)));
            await WriteAsync(session, Statements(due, insert, delete), server.InFlightMax, cancel);
            // What went to a table that was dropped meanwhile is gone with it, and statements go on with the one made in its place as if nothing had been.
            if (await CassandraTable.IdAsync(session, server.Cql.Keyspace, table.Name, cancel) != there.Id)
                throw new StoreException($"{server.Place}: {table.Name} was dropped while it was published, and rows with it; publish again", isTransient: true);
            await Task.WhenAll(due.Select(window => window.ConfirmAsync(cancel)));
            CrashPoints.Reached(CrashPoint.PublishWritten);
        }
        return [.. found.Select(outcome => outcome ?? ReplaceOutcome.Replaced)];

        Task<CassandraTable?> FindAsync() => CassandraTable.FindAsync(session, server.Cql.Keyspace, table.Name, cancel);

        async Task<CassandraTable?> FindAgainAsync() // another process has made it, and the node that was asked has not heard of it
        {
            await server.Schema.LearnAsync(1, cancel);
            return await FindAsync();
        }
    }

    private static async Task WriteAsync(ISession session, IEnumerable<Statement> statements, int inFlightMax, CancellationToken cancel)
    {
        using var next = statements.GetEnumerator();
        if (!next.MoveNext()) return;
        await session.ExecuteAsync(next.Current, cancel);
        CrashPoints.Reached(CrashPoint.PublishHalf);
        cancel.ThrowIfCancellationRequested();
        await session.ExecuteAllAsync(Rest(next), inFlightMax, cancel);
    }

    private static IEnumerable<Statement> Rest(IEnumerator<Statement> statements)
    {
        while (statements.MoveNext()) yield return statements.Current;
    }

    private IEnumerable<Statement> Statements(CassandraWindow[] due, PreparedStatement insert, PreparedStatement? delete)
    {
        var deletes = delete is null ? [] : Batches(delete, PartitionRun.Of(table, due, window => window.Vanished), static (values, at) => at.Window.WriteKey(values, at.Row));
        return deletes.Concat(Batches(insert, PartitionRun.Of(table, due, window => window.Rows), static (values, at) => at.Window.WriteRow(values, at.Row)));
    }

    /// <summary>Rows of one partition in unlogged batches; one that would be alone in its batch goes by itself.</summary>
    internal static IEnumerable<Statement> Batches(PreparedStatement prepared, List<PartitionRun> runs, BindValues<(CassandraWindow Window, int Row)> write)
    {
        var batch = new BatchStatement();
        for (int i = 0; i < runs.Count; i++)
        {
            var run = runs[i];
            bool goesOn = i + 1 < runs.Count && run.ComparePartition(runs[i + 1]) == 0;
            for (int at = 0; at < run.Count; at++)
            {
                bool isLast = at + 1 == run.Count && !goesOn;
                if (isLast && batch.Count == 0)
                {
                    yield return prepared.Bind(run.Row(at), write);
                    continue;
                }
                batch.Add(prepared, run.Row(at), write);
                if (!isLast && batch.Count < RowsPerBatch && batch.Bytes < BytesPerBatch) continue;
                yield return batch; // encoded when the next one is asked for
                batch.Clear();
            }
        }
    }
}
