using Etl.Codecs.Columns;
using Etl.Contracts.Results;

namespace Etl.Sinks.Cassandra;

/// <summary>The CQL of a result's table. A partition is one value of the key's first column (a truck, a place) in one month (by hours) or one year (by days), in time order, so a day of a truck is one read of one partition.</summary>
internal sealed class CassandraCql(string keyspace)
{
    /// <summary>The table's comment, so that it travels with the table.</summary>
    public const string Mark = "a result published by etl";

    /// <summary>Table of the guards: which version each window holds. By the table's id, so that those of a table that was dropped count no more.</summary>
    public const string Guards = "etl_published";

    public string Keyspace => keyspace;

    public string CreateGuards => $"CREATE TABLE IF NOT EXISTS {Quote(keyspace)}.{Guards} (table_id uuid, bucket int, window_name text, intended bigint, version bigint, PRIMARY KEY ((table_id, bucket), window_name)) WITH comment = 'versions of the windows published by etl'";

    public string ReadGuard => $"SELECT intended, version FROM {Quote(keyspace)}.{Guards} WHERE table_id = ? AND bucket = ? AND window_name = ?";

    /// <summary>Values: table, bucket, window, version, version as its own write time: of two writers the higher stays.</summary>
    public string Intend => $"INSERT INTO {Quote(keyspace)}.{Guards} (table_id, bucket, window_name, intended) VALUES (?, ?, ?, ?) USING TIMESTAMP ?";

    /// <summary>Values as of <see cref="Intend"/>.</summary>
    public string Confirm => $"INSERT INTO {Quote(keyspace)}.{Guards} (table_id, bucket, window_name, version) VALUES (?, ?, ?, ?) USING TIMESTAMP ?";

    public string CreateKeyspace(string datacenter, int replicas) =>
        $"CREATE KEYSPACE IF NOT EXISTS {Quote(keyspace)} WITH replication = {{'class': 'NetworkTopologyStrategy', '{datacenter.Replace("'", "''", StringComparison.Ordinal)}': {replicas}}}";

    public string Create(ResultTable table)
    {
        string bucket = WindowBucket.ColumnOf(table);
        IEnumerable<string> columns = [.. table.Columns.Select(column => $"{Quote(column.Name)} {TypeOf(table, column)}"), $"{bucket} int"];
        return $"CREATE TABLE IF NOT EXISTS {Name(table)} ({string.Join(", ", columns)}, PRIMARY KEY (({Names(PartitionOf(table))}), {Names([table.WindowColumn, .. table.Key.Skip(2)])})) WITH comment = '{Mark}'";
    }

    public string Widen(ResultTable table, IEnumerable<ColumnField> columns) =>
        $"ALTER TABLE {Name(table)} ADD ({string.Join(", ", columns.Select(column => $"{Quote(column.Name)} {TypeOf(table, column)}"))})";

    /// <summary>Values: the result's columns, the bucket, those left by an earlier form of the result, the version as the write time.</summary>
    public string Insert(ResultTable table, IReadOnlyList<string> left)
    {
        string[] columns = [.. table.Columns.Select(column => column.Name), WindowBucket.ColumnOf(table), .. left];
        return $"INSERT INTO {Name(table)} ({Names(columns)}) VALUES ({string.Join(", ", columns.Select(_ => "?"))}) USING TIMESTAMP ?";
    }

    /// <summary>Values: the version as the write time, the key's columns, the window's first, the bucket.</summary>
    public string Delete(ResultTable table) => $"DELETE FROM {Name(table)} USING TIMESTAMP ? WHERE {string.Join(" AND ", table.Key.Append(WindowBucket.ColumnOf(table)).Select(column => Quote(column) + " = ?"))}";

    /// <summary>The partitions of all times.</summary>
    public string Partitions(ResultTable table) => $"SELECT DISTINCT {Names(PartitionOf(table))} FROM {Name(table)}";

    /// <summary>Values: the partition as of <see cref="Partitions"/>, first and last window.</summary>
    public string Select(ResultTable table)
    {
        string window = Quote(table.WindowColumn);
        return $"SELECT {Names(table.Columns.Select(column => column.Name))} FROM {Name(table)} WHERE {string.Join(" AND ", PartitionOf(table).Select(column => Quote(column) + " = ?"))} AND {window} >= ? AND {window} <= ?";
    }

    /// <summary>The key's first column beside the window, where it has one, and the bucket.</summary>
    public static IReadOnlyList<string> PartitionOf(ResultTable table) => [.. table.Key.Skip(1).Take(1), WindowBucket.ColumnOf(table)];

    /// <summary>The type that holds a result's column. Whole numbers are bigint, whatever their size now: Cassandra changes no column's type later.</summary>
    public static string TypeOf(ResultTable table, ColumnField column) => column.Type.Kind switch
    {
        ColumnKind.Boolean => "boolean",
        ColumnKind.Int32 or ColumnKind.Int64 => "bigint",
        ColumnKind.Int128 => "varint",
        ColumnKind.Float or ColumnKind.Double => "double",
        ColumnKind.Decimal => "decimal",
        ColumnKind.Date => "date",
        ColumnKind.Time => "time",
        ColumnKind.Timestamp when column.Name == table.WindowColumn => "timestamp",
        ColumnKind.Uuid => "uuid",
        _ => "text", // instants, too: timestamp holds milliseconds, and half a value is none
    };

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Names(IEnumerable<string> columns) => string.Join(", ", columns.Select(Quote));

    private string Name(ResultTable table) => $"{Quote(keyspace)}.{Quote(table.Name)}";
}
