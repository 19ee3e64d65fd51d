using System.Globalization;
using Etl.Codecs.Columns;
using Etl.Contracts;
using Etl.Contracts.Results;
using Microsoft.Data.Sqlite;

namespace Etl.Sinks.Sqlite;

/// <summary>A result's table in SQLite: its SQL, and how it is created or widened.</summary>
/// <remarks>
/// STRICT, WITHOUT ROWID: the rows lie in key order, the window first, so that one window is one run of pages. Only the key is NOT NULL.
/// Whole numbers and booleans INTEGER, floating point REAL, all else TEXT: times as SQL text, decimals with all their digits, nested values as JSON.
/// </remarks>
internal static class SqliteTable
{
    /// <summary>Stands in the table's own SQL, so that it travels with the table.</summary>
    private const string Mark = "/* a result published by etl */";

    private const string GuardSql = "CREATE TABLE IF NOT EXISTS etl_published (table_name TEXT NOT NULL, window_name TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (table_name, window_name)) STRICT, WITHOUT ROWID";

    /// <summary>Inside the caller's transaction.</summary>
    /// <returns>null, or why the table there cannot hold the result and how to mend it.</returns>
    public static string? Prepare(SqliteConnection connection, ResultTable table)
    {
        SqliteStatement.Run(connection, GuardSql);
        if (Found(connection, table.Name) is not var (type, sql))
        {
            Create(connection, table);
            return null;
        }
        if (type != "table" || !sql.Contains(Mark, StringComparison.Ordinal))
            return $"{table.Name}: found a {type} of that name that etl did not make; publish under another name, or drop the {type} if nobody needs it";
        return Widen(connection, table);
    }

    /// <summary>Columns that an earlier form of the result left are set to NULL: the window holds this version and nothing else.</summary>
    public static string Upsert(SqliteConnection connection, ResultTable table)
    {
        var left = Columns(connection, table.Name).Types.Keys.Where(name => !table.Columns.Any(column => column.Name.Equals(name, StringComparison.OrdinalIgnoreCase)));
        string columns = Names(table.Columns.Select(column => column.Name)), values = string.Join(", ", table.Columns.Select(_ => "?"));
        string updates = string.Join(", ", TableShape.NonKey(table).Select(column => $"{Quote(column.Name)} = excluded.{Quote(column.Name)}").Concat(left.Select(name => Quote(name) + " = NULL")));
        return $"INSERT INTO {Quote(table.Name)} ({columns}) VALUES ({values}) ON CONFLICT ({Names(table.Key)}) DO {(updates.Length == 0 ? "NOTHING" : "UPDATE SET " + updates)}";
    }

    public static string Delete(ResultTable table) => $"DELETE FROM {Quote(table.Name)} WHERE {string.Join(" AND ", table.Key.Select(column => Quote(column) + " = ?"))}";

    public static string Select(ResultTable table) =>
        $"SELECT {Names(table.Columns.Select(column => column.Name))} FROM {Quote(table.Name)} WHERE {Quote(table.WindowColumn)} = ? ORDER BY {Names(table.Key)}";

    public static string SelectRange(ResultTable table) =>
        $"SELECT {Names(table.Columns.Select(column => column.Name))} FROM {Quote(table.Name)} WHERE {Quote(table.WindowColumn)} BETWEEN ? AND ?";

    /// <exception cref="StoreException">Past 64 bits.</exception>
    public static long Int64Of(Int128 value, string column) => value >= long.MinValue && value <= long.MaxValue
        ? (long)value
        : throw new StoreException(FormattableString.Invariant($"column \"{column}\": found {value}, expected a whole number of 64 bits, which is all SQLite holds; cast it in the SQL to DOUBLE or DECIMAL(38,0)"), isTransient: false);

    /// <summary>The value of a column of the current row, in the form of <see cref="PublishedValue"/>.</summary>
    public static object? Read(SqliteStatement statement, int index, ColumnType type) => statement.IsNull(index) ? null : type.Kind switch
    {
        ColumnKind.Boolean => statement.GetInt64(index) != 0,
        ColumnKind.Int32 => (int)statement.GetInt64(index),
        ColumnKind.Int64 => statement.GetInt64(index),
        ColumnKind.Int128 => (Int128)statement.GetInt64(index),
        ColumnKind.Float => (float)statement.GetDouble(index),
        ColumnKind.Double => statement.GetDouble(index),
        _ => PublishedText.Read(statement.GetString(index), type),
    };

    private static (string Type, string Sql)? Found(SqliteConnection connection, string table)
    {
        using var statement = new SqliteStatement(connection, "SELECT type, coalesce(sql, '') FROM sqlite_schema WHERE name = ? COLLATE NOCASE");
        statement.Bind(1, table);
        return statement.Step() ? (statement.GetString(0), statement.GetString(1)) : null;
    }

    private static void Create(SqliteConnection connection, ResultTable table)
    {
        using (var forget = new SqliteStatement(connection, "DELETE FROM etl_published WHERE table_name = ?")) // of a table dropped by hand
        {
            forget.Bind(1, table.Name);
            forget.Step();
        }
        string columns = string.Join(", ", table.Columns.Select(column => $"{Quote(column.Name)} {SqlType(column.Type)}{(table.Key.Contains(column.Name) ? " NOT NULL" : "")}"));
        SqliteStatement.Run(connection, $"CREATE TABLE {Quote(table.Name)} ({Mark} {columns}, PRIMARY KEY ({Names(table.Key)})) STRICT, WITHOUT ROWID");
    }

    private static string? Widen(SqliteConnection connection, ResultTable table)
    {
        var (columns, key) = Columns(connection, table.Name);
        if (!key.SequenceEqual(table.Key, StringComparer.OrdinalIgnoreCase))
            return $"{table.Name}: found the key ({string.Join(", ", key)}), expected ({string.Join(", ", table.Key)}); publish under another name, or drop the table and publish again";
        foreach (var column in table.Columns)
            if (columns.TryGetValue(column.Name, out string? type) && type != SqlType(column.Type))
                return $"{table.Name}.{column.Name}: found {type}, expected {SqlType(column.Type)} ({column.Type.ToSql()}), and SQLite cannot change a column's type; publish under another name, or drop the table and publish again";
        foreach (var column in table.Columns.Where(column => !columns.ContainsKey(column.Name)))
            SqliteStatement.Run(connection, $"ALTER TABLE {Quote(table.Name)} ADD COLUMN {Quote(column.Name)} {SqlType(column.Type)}");
        return null;
    }

    private static (Dictionary<string, string> Types, List<string> Key) Columns(SqliteConnection connection, string table)
    {
        var types = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var key = new SortedList<long, string>();
        using var statement = new SqliteStatement(connection, "SELECT name, type, pk FROM pragma_table_info(?)");
        statement.Bind(1, table);
        while (statement.Step())
        {
            types[statement.GetString(0)] = statement.GetString(1);
            if (statement.GetInt64(2) > 0) key[statement.GetInt64(2)] = statement.GetString(0);
        }
        return (types, [.. key.Values]);
    }

    private static string SqlType(ColumnType type) => type.Kind switch
    {
        ColumnKind.Boolean or ColumnKind.Int32 or ColumnKind.Int64 or ColumnKind.Int128 => "INTEGER",
        ColumnKind.Float or ColumnKind.Double => "REAL",
        _ => "TEXT",
    };

    private static string Names(IEnumerable<string> columns) => string.Join(", ", columns.Select(Quote));

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
