using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Sinks.Cassandra;

/// <summary>A table as the cluster has it.</summary>
/// <param name="Id">Another one when the table was dropped and made again.</param>
/// <param name="Columns">Types by name.</param>
/// <param name="Partition">Columns of the partition key, in their order.</param>
/// <param name="Clustering">Columns that order a partition, in their order.</param>
internal sealed record CassandraTable(Guid Id, string Comment, IReadOnlyDictionary<string, string> Columns, IReadOnlyList<string> Partition, IReadOnlyList<string> Clustering)
{
    /// <returns>null where there is none.</returns>
    public static async Task<CassandraTable?> FindAsync(ISession session, string keyspace, string name, CancellationToken cancel)
    {
        var tables = await session.ExecuteAsync(Ask("SELECT id, comment FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?", keyspace, name), cancel);
        if (tables.Rows is not [var table]) return null;
        List<(string Name, string Type, string Kind, int Position)> columns = [];
        await foreach (var row in (await session.ExecuteAsync(Ask("SELECT column_name, type, kind, position FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?", keyspace, name), cancel)).WithCancellation(cancel))
            columns.Add((row.GetValue<string>(0)!, row.GetValue<string>(1)!, row.GetValue<string>(2)!, row.GetValue<int>(3)));
        if (columns.Count == 0) return null; // another process makes it at this moment, and the node that was asked for the columns has not heard of it
        IReadOnlyList<string> Of(string kind) => [.. columns.Where(column => column.Kind == kind).OrderBy(column => column.Position).Select(column => column.Name)];
        return new(table.GetValue<Guid>(0), table.GetValue<string>(1) ?? "", columns.ToDictionary(column => column.Name, column => column.Type, StringComparer.Ordinal), Of("partition_key"), Of("clustering"));
    }

    /// <returns>The table's id; null where there is none.</returns>
    public static async Task<Guid?> IdAsync(ISession session, string keyspace, string name, CancellationToken cancel) =>
        (await session.ExecuteAsync(Ask("SELECT id FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?", keyspace, name), cancel)).Rows is [var table] ? table.GetValue<Guid>(0) : null;

    /// <summary>Creates or widens a result's table.</summary>
    /// <returns>null, or why the table there cannot hold the result and how to mend it.</returns>
    public static async Task<string?> PrepareAsync(ISession session, CassandraSchema schema, CassandraCql cql, ResultTable table, CancellationToken cancel)
    {
        string? fault = Fault(table);
        if (fault is null)
            await schema.EnsureAsync(async stop =>
            {
                var there = await FindAsync(session, cql.Keyspace, table.Name, stop);
                fault = there is not null ? there.FaultOf(table) : await ViewAsync(session, cql.Keyspace, table.Name, stop) ? Foreign(table, "view") : null;
                return fault is not null ? null : there is null ? cql.Create(table) : there.Added(table) is { Count: > 0 } added ? cql.Widen(table, added) : null;
            }, cancel);
        return fault;
    }

    /// <summary>Columns that the table has and the result has not, the bucket left out: NULL in windows published from now on.</summary>
    public IReadOnlyList<string> Left(ResultTable table)
    {
        var known = table.Columns.Select(column => column.Name).Append(WindowBucket.ColumnOf(table)).ToHashSet(StringComparer.Ordinal);
        return [.. Columns.Keys.Where(name => !known.Contains(name)).Order(StringComparer.Ordinal)];
    }

    private IReadOnlyList<ColumnField> Added(ResultTable table) => [.. table.Columns.Where(column => !Columns.ContainsKey(column.Name))];

    private string? FaultOf(ResultTable table)
    {
        if (Comment != CassandraCql.Mark) return Foreign(table, "table");
        if (KeyFault(table) is { } key) return key;
        foreach (var column in table.Columns)
            if (Columns.TryGetValue(column.Name, out string? type) && type != CassandraCql.TypeOf(table, column))
                return $"{table.Name}.{column.Name}: found {type}, expected {CassandraCql.TypeOf(table, column)} ({column.Type.ToSql()}), and Cassandra changes no column's type; publish under another name, or drop the table and publish again";
        return null;
    }

    private string? KeyFault(ResultTable table)
    {
        string[] found = [.. Clustering.Take(1), .. Partition.Where(name => name != WindowBucket.ColumnOf(table)), .. Clustering.Skip(1)];
        return found.SequenceEqual(table.Key, StringComparer.Ordinal) ? null
            : $"{table.Name}: found the key ({string.Join(", ", found)}), expected ({string.Join(", ", table.Key)}); publish under another name, or drop the table and publish again";
    }

    private static string? Fault(ResultTable table)
    {
        if (table.Name.Length > CassandraSinkOptions.NameMax) return $"table \"{table.Name}\": found {table.Name.Length} letters, expected at most {CassandraSinkOptions.NameMax} in Cassandra; publish under another name";
        string bucket = WindowBucket.ColumnOf(table);
        return table.Columns.Any(column => column.Name.Equals(bucket, StringComparison.OrdinalIgnoreCase))
            ? $"{table.Name}.{bucket}: Cassandra's tables have a column {bucket} of their own, which parts the partitions; rename it with AS in the SQL"
            : null;
    }

    private static async Task<bool> ViewAsync(ISession session, string keyspace, string name, CancellationToken cancel) =>
        (await session.ExecuteAsync(Ask("SELECT view_name FROM system_schema.views WHERE keyspace_name = ? AND view_name = ?", keyspace, name), cancel)).Rows.Count > 0;

    private static string Foreign(ResultTable table, string kind) => $"{table.Name}: found a {kind} of that name that etl did not make; publish under another name, or drop the {kind} if nobody needs it";

    private static Statement Ask(string cql, params object?[] values) => new SimpleStatement(cql, values).SetIdempotence(true);
}
