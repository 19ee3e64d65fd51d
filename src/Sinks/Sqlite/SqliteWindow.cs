using Etl.Codecs.Columns;
using Etl.Contracts;
using Etl.Contracts.Results;
using Microsoft.Data.Sqlite;

namespace Etl.Sinks.Sqlite;

/// <summary>One window's rows and guard in SQLite.</summary>
internal static class SqliteWindow
{
    /// <summary>Inside the caller's transaction.</summary>
    public static ReplaceOutcome Replace(SqliteConnection connection, ResultTable table, WindowKey window, long version, RowsByKey rows, RowsByKey? vanished, CancellationToken cancel)
    {
        long? there = Version(connection, table.Name, window);
        if (there >= version) return there == version ? ReplaceOutcome.AlreadyThere : ReplaceOutcome.Superseded;
        Guard(connection, table.Name, window, version);
        if (vanished is not null) Write(connection, SqliteTable.Delete(table), table, vanished, cancel);
        Write(connection, SqliteTable.Upsert(connection, table), table, rows, cancel);
        return ReplaceOutcome.Replaced;
    }

    /// <returns>null when nothing of the window was published.</returns>
    public static long? Version(SqliteConnection connection, string table, WindowKey window)
    {
        if (!HasGuards(connection)) return null;
        using var statement = new SqliteStatement(connection, "SELECT version FROM etl_published WHERE table_name = ? AND window_name = ?");
        statement.Bind(1, table);
        statement.Bind(2, window.Text);
        return statement.Step() ? statement.GetInt64(0) : null;
    }

    public static IReadOnlyList<object?[]> Read(SqliteConnection connection, ResultTable table, WindowKey window, CancellationToken cancel)
    {
        using var statement = new SqliteStatement(connection, SqliteTable.Select(table));
        statement.Bind(1, window.Text);
        return Rows(statement, table, cancel);
    }

    private static List<object?[]> Rows(SqliteStatement statement, ResultTable table, CancellationToken cancel)
    {
        var rows = new List<object?[]>();
        while (statement.Step())
        {
            cancel.ThrowIfCancellationRequested();
            rows.Add([.. table.Columns.Select((column, index) => SqliteTable.Read(statement, index, column.Type))]);
        }
        return rows;
    }

    public static IReadOnlyList<object?[]> ReadRange(SqliteConnection connection, ResultTable table, WindowKey first, WindowKey last, CancellationToken cancel)
    {
        if (!IsThere(connection, table.Name)) return [];
        using var statement = new SqliteStatement(connection, SqliteTable.SelectRange(table));
        statement.Bind(1, first.Text);
        statement.Bind(2, last.Text);
        return Rows(statement, table, cancel);
    }

    private static bool IsThere(SqliteConnection connection, string table)
    {
        using var statement = new SqliteStatement(connection, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
        statement.Bind(1, table);
        return statement.Step();
    }

    private static bool HasGuards(SqliteConnection connection)
    {
        using var statement = new SqliteStatement(connection, "SELECT 1 FROM sqlite_schema WHERE name = 'etl_published'");
        return statement.Step();
    }

    private static void Guard(SqliteConnection connection, string table, WindowKey window, long version)
    {
        using var statement = new SqliteStatement(connection,
            "INSERT INTO etl_published (table_name, window_name, version) VALUES (?, ?, ?) ON CONFLICT (table_name, window_name) DO UPDATE SET version = excluded.version");
        statement.Bind(1, table);
        statement.Bind(2, window.Text);
        statement.Bind(3, version);
        statement.Step();
    }

    private static void Write(SqliteConnection connection, string sql, ResultTable table, RowsByKey rows, CancellationToken cancel)
    {
        using var statement = new SqliteStatement(connection, sql);
        var fields = rows.Columns.Select(column => rows.Batch.Fields[column]).ToArray();
        int window = 1 + Array.FindIndex(fields, field => field.Name == table.WindowColumn);
        for (int i = 0; i < rows.Count; i++)
        {
            int row = rows.Row(i), inBlock = row % ColumnBlock.RowsMax;
            var columns = rows.Batch.Block(row / ColumnBlock.RowsMax).Columns;
            for (int parameter = 1; parameter <= fields.Length; parameter++)
                if (i == 0 || parameter != window) // the window is the same in all rows, and what was bound stays
                    statement.Bind(parameter, fields[parameter - 1], columns[rows.Columns[parameter - 1]], inBlock);
            statement.Step();
            statement.Reset();
            if (i == 0) CrashPoints.Reached(CrashPoint.PublishHalf);
            if (i % ColumnBlock.RowsMax == 0) cancel.ThrowIfCancellationRequested();
        }
    }
}
