using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Sinks.Cassandra;

/// <summary>Reads windows that follow each other inside one month or year: the partitions of that time, each by one statement, many at once.</summary>
internal static class CassandraRange
{
    private const int PartitionsAtOnce = 128;

    /// <returns>In any order; none where there is no such table.</returns>
    public static async Task<IReadOnlyList<object?[]>> ReadAsync(ISession session, CassandraCql cql, ResultTable table, WindowKey first, WindowKey last, int inFlightMax, CancellationToken cancel)
    {
        int bucket = WindowBucket.Of(first);
        if (WindowBucket.Of(last) != bucket) throw new ArgumentException($"{table.Name}: windows {first.Text} to {last.Text} are of two {WindowBucket.ColumnOf(table)}s; ask for each by itself", nameof(last));
        if (await CassandraTable.FindAsync(session, cql.Keyspace, table.Name, cancel) is null) return [];
        var partitions = new List<object?[]>();
        await foreach (var row in (await session.ExecuteAsync(new SimpleStatement(cql.Partitions(table)).SetIdempotence(true), cancel)).WithCancellation(cancel))
            if (row.GetValue<int>(row.Columns.Count - 1) == bucket) partitions.Add([.. Enumerable.Range(0, row.Columns.Count).Select(column => row[column])]);
        var select = (await session.PrepareAsync(cql.Select(table), cancel)).SetIdempotence(true);
        object from = At(table, first), to = At(table, last);
        var found = new List<object?[]>[partitions.Count];
        await Parallel.ForAsync(0, partitions.Count, new ParallelOptions { MaxDegreeOfParallelism = Math.Min(PartitionsAtOnce, inFlightMax), CancellationToken = cancel }, async (index, stop) =>
        {
            var rows = found[index] = [];
            await foreach (var row in (await session.ExecuteAsync(select.Bind([.. partitions[index], from, to]), stop)).WithCancellation(stop))
                rows.Add([.. table.Columns.Select((column, place) => CassandraValue.Read(row, place, column.Type, column.Name == table.WindowColumn))]);
        });
        return [.. found.SelectMany(static rows => rows)];
    }

    public static IReadOnlyList<object?[]> InKeyOrder(ResultTable table, IReadOnlyList<object?[]> rows)
    {
        int[] key = TableShape.KeyIndexes(table);
        return [.. rows.Order(Comparer<object?[]>.Create((a, b) => key.Select(column => CassandraValue.Compare(a[column], b[column])).FirstOrDefault(static compared => compared != 0)))];
    }

    private static object At(ResultTable table, WindowKey window) =>
        window.Kind == ColumnKind.Date ? SqlText.Date((int)window.Value, table.WindowColumn) : new DateTimeOffset(SqlText.Instant(window.Value, table.WindowColumn), TimeSpan.Zero);
}
