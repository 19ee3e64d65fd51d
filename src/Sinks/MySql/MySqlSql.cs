using Etl.Codecs.Columns;
using Etl.Contracts.Results;

namespace Etl.Sinks.MySql;

/// <summary>The SQL of a result's table.</summary>
internal static class MySqlSql
{
    /// <summary>The table's comment, so that it travels with the table.</summary>
    public const string Mark = "a result published by etl";

    /// <summary>Raises the guard: 1 row made, 2 rows raised, 0 when it stands there or higher. Holds the row's lock till the end.</summary>
    public const string RaiseGuard =
        "INSERT INTO etl_published (table_name, window_name, version) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE version = GREATEST(version, VALUES(version))";

    public const string ReadGuard = "SELECT version FROM etl_published WHERE table_name = ? AND window_name = ?";

    /// <summary>Letters of a text in a key: all of a key's columns together have 3,072 bytes in InnoDB, 4 a letter.</summary>
    public const int KeyLettersMax = 255;

    private const int KeyBytesMax = 3072, BytesPerLetter = 4, BytesPerOtherMax = 40;

    public static string CreateGuards(string collation) =>
        $"CREATE TABLE IF NOT EXISTS etl_published (table_name VARCHAR(64) NOT NULL, window_name VARCHAR(32) NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (table_name, window_name)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation}";

    /// <summary>The key is the primary key, the window first: InnoDB lays rows in its order, so one window is one run of pages.</summary>
    public static string Create(ResultTable table, string collation)
    {
        string columns = string.Join(", ", table.Columns.Select(column => Define(table, column.Name, TypeOf(table, column), collation)));
        return $"CREATE TABLE {Quote(table.Name)} ({columns}, PRIMARY KEY ({Names(table.Key)})) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE {collation} COMMENT='{Mark}'";
    }

    public static string Define(ResultTable table, string column, MySqlColumnType type, string collation) =>
        $"{Quote(column)} {type.ToSql(collation)} {(table.Key.Contains(column) ? "NOT NULL" : "NULL")}";

    public static MySqlColumnType TypeOf(ResultTable table, ColumnField column) => MySqlColumnType.Of(column.Type, table.Key.Contains(column.Name) ? KeyLetters(table) : null);

    public static int KeyLetters(ResultTable table)
    {
        int texts = TableShape.KeyIndexes(table).Count(column => table.Columns[column].Type.Kind == ColumnKind.Text);
        return Math.Min(KeyLettersMax, (KeyBytesMax - BytesPerOtherMax * (table.Key.Count - texts)) / BytesPerLetter / Math.Max(1, texts));
    }

    /// <param name="left">Columns that an earlier form of the result left: set to NULL, as the window holds this version and nothing else.</param>
    public static string Upsert(ResultTable table, IEnumerable<string> left, int rows)
    {
        string row = $"({string.Join(", ", table.Columns.Select(_ => "?"))})";
        string[] updates = [.. TableShape.NonKey(table).Select(column => $"{Quote(column.Name)} = VALUES({Quote(column.Name)})"), .. left.Select(name => $"{Quote(name)} = NULL")];
        if (updates.Length == 0) updates = [$"{Quote(table.Key[0])} = VALUES({Quote(table.Key[0])})"];
        return $"INSERT INTO {Quote(table.Name)} ({Names(table.Columns.Select(column => column.Name))}) VALUES {string.Join(", ", Enumerable.Repeat(row, rows))} ON DUPLICATE KEY UPDATE {string.Join(", ", updates)}";
    }

    // ORs of whole keys become ranges of the primary key on both servers; row constructors do not on MariaDB.
    public static string Delete(ResultTable table, int rows)
    {
        string row = $"({string.Join(" AND ", table.Key.Select(column => Quote(column) + " = ?"))})";
        return $"DELETE FROM {Quote(table.Name)} WHERE {string.Join(" OR ", Enumerable.Repeat(row, rows))}";
    }

    public static string Select(ResultTable table) =>
        $"SELECT {Names(table.Columns.Select(column => column.Name))} FROM {Quote(table.Name)} WHERE {Quote(table.WindowColumn)} = ? ORDER BY {Names(table.Key)}";

    public static string SelectRange(ResultTable table) =>
        $"SELECT {Names(table.Columns.Select(column => column.Name))} FROM {Quote(table.Name)} WHERE {Quote(table.WindowColumn)} BETWEEN ? AND ?";

    public static string Quote(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";

    private static string Names(IEnumerable<string> columns) => string.Join(", ", columns.Select(Quote));
}
