using Etl.Codecs.Columns;
using Etl.Contracts;
using Etl.Contracts.Results;
using MySqlConnector;

namespace Etl.Sinks.MySql;

/// <summary>Creates or widens a result's table. DDL commits by itself here, so a named lock keeps two processes from doing it at once; where there is nothing to do it is not taken, as nobody can take it from a process that is frozen.</summary>
internal static class MySqlTable
{
    private const int LockSeconds = 30;

    /// <returns>null, or why the table there cannot hold the result and how to mend it.</returns>
    public static async Task<string?> PrepareAsync(MySqlConnection connection, ResultTable table, string collation, CancellationToken cancel)
    {
        if (table.Columns.FirstOrDefault(column => column.Type.Kind == ColumnKind.Decimal && column.Type.Scale > 30) is { } deep)
            return $"{table.Name}.{deep.Name}: found {deep.Type.ToSql()}, expected at most 30 digits behind the point; cast it in the SQL";
        if (await IsReadyAsync(connection, table, collation, cancel)) return null;
        string name = $"etl prepares {table.Name}"[..Math.Min(64, 13 + table.Name.Length)];
        if (await ScalarAsync(connection, "SELECT GET_LOCK(?, ?)", cancel, name, LockSeconds) is not 1L and not 1)
            throw new StoreException($"{table.Name}: another process has been preparing it for {LockSeconds} s; it is tried again. Where it stays so, SHOW PROCESSLIST names who holds the lock \"{name}\"", isTransient: true);
        try { return await PrepareLockedAsync(connection, table, collation, cancel); }
        finally { await ScalarAsync(connection, "SELECT RELEASE_LOCK(?)", CancellationToken.None, name); }
    }

    /// <summary>Names of the columns that the table has.</summary>
    public static async Task<List<string>> ColumnsAsync(MySqlConnection connection, MySqlTransaction transaction, string table, CancellationToken cancel)
    {
        await using var command = new MySqlCommand($"SELECT * FROM {MySqlSql.Quote(table)} LIMIT 0", connection, transaction);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
    }

    /// <summary>Whether guards and table are there as the result needs them.</summary>
    private static async Task<bool> IsReadyAsync(MySqlConnection connection, ResultTable table, string collation, CancellationToken cancel)
    {
        var there = await RowsAsync(connection, "SELECT TABLE_TYPE, TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?", table.Name, cancel);
        var guards = await RowsAsync(connection, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?", "etl_published", cancel);
        var changes = new List<string>();
        return guards.Count > 0 && there is [[not "VIEW", MySqlSql.Mark]] && await FindChangesAsync(connection, table, collation, changes, cancel) is null && changes.Count == 0;
    }

    private static async Task<string?> PrepareLockedAsync(MySqlConnection connection, ResultTable table, string collation, CancellationToken cancel)
    {
        await ExecuteAsync(connection, MySqlSql.CreateGuards(collation), cancel);
        var there = await RowsAsync(connection, "SELECT TABLE_TYPE, TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?", table.Name, cancel);
        if (there.Count == 0)
        {
            await ScalarAsync(connection, "DELETE FROM etl_published WHERE table_name = ?", cancel, table.Name); // of a table dropped by hand
            await ExecuteAsync(connection, MySqlSql.Create(table, collation), cancel);
            return null;
        }
        string kind = there[0][0] == "VIEW" ? "view" : "table";
        if (kind == "view" || there[0][1] != MySqlSql.Mark)
            return $"{table.Name}: found a {kind} of that name that etl did not make; publish under another name, or drop the {kind} if nobody needs it";
        return await WidenAsync(connection, table, collation, cancel);
    }

    private static async Task<string?> WidenAsync(MySqlConnection connection, ResultTable table, string collation, CancellationToken cancel)
    {
        var changes = new List<string>();
        if (await FindChangesAsync(connection, table, collation, changes, cancel) is { } fault) return fault;
        if (changes.Count > 0) await ExecuteAsync(connection, $"ALTER TABLE {MySqlSql.Quote(table.Name)} {string.Join(", ", changes)}", cancel);
        return null;
    }

    /// <returns>null, or why the table cannot be widened to hold the result.</returns>
    private static async Task<string?> FindChangesAsync(MySqlConnection connection, ResultTable table, string collation, List<string> changes, CancellationToken cancel)
    {
        var keys = await RowsAsync(connection, "SELECT COLUMN_NAME, SEQ_IN_INDEX FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX", table.Name, cancel);
        if (!keys.Select(key => key[0]).SequenceEqual(table.Key, StringComparer.OrdinalIgnoreCase))
            return $"{table.Name}: found the key ({string.Join(", ", keys.Select(key => key[0]))}), expected ({string.Join(", ", table.Key)}); publish under another name, or drop the table and publish again";
        var columns = await RowsAsync(connection, "SELECT COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?", table.Name, cancel);
        var found = columns.ToDictionary(column => column[0], column => MySqlColumnType.Parse(column[1]), StringComparer.OrdinalIgnoreCase);
        foreach (var column in table.Columns)
            if (Change(table, column, found, changes, collation) is { } fault) return fault;
        return null;
    }

    private static string? Change(ResultTable table, ColumnField column, Dictionary<string, MySqlColumnType> found, List<string> changes, string collation)
    {
        var expected = MySqlSql.TypeOf(table, column);
        if (!found.TryGetValue(column.Name, out var type)) changes.Add("ADD COLUMN " + MySqlSql.Define(table, column.Name, expected, collation));
        else if (type.With(expected) is not { } wider)
            return $"{table.Name}.{column.Name}: found {type}, expected {expected} ({column.Type.ToSql()}), and neither can be widened to hold both; publish under another name, or drop the table and publish again";
        else if (wider != type) changes.Add("MODIFY COLUMN " + MySqlSql.Define(table, column.Name, wider, collation));
        return null;
    }

    private static async Task ExecuteAsync(MySqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static async Task<object?> ScalarAsync(MySqlConnection connection, string sql, CancellationToken cancel, params object[] values)
    {
        await using var command = new MySqlCommand(sql, connection);
        foreach (object value in values) command.Parameters.Add(new MySqlParameter { Value = value });
        return await command.ExecuteScalarAsync(cancel);
    }

    private static async Task<List<string[]>> RowsAsync(MySqlConnection connection, string sql, string table, CancellationToken cancel)
    {
        await using var command = new MySqlCommand(sql, connection);
        command.Parameters.Add(new MySqlParameter { Value = table });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<string[]>();
        while (await reader.ReadAsync(cancel)) rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? "" : reader.GetValue(column).ToString()!)]);
        return rows;
    }
}
