using System.Runtime.CompilerServices;
using System.Data;
using Etl.Codecs.Columns;
using Etl.Contracts;
using Etl.Contracts.Results;
using MySqlConnector;

namespace Etl.Sinks.MySql;

/// <summary>One window on its way to MySQL; kept over the attempts, so that a COMMIT whose reply was lost is known.</summary>
internal sealed class MySqlWindow(ResultTable table, WindowKey window, long version, RowsByKey rows, RowsByKey? vanished)
{
    private readonly MySqlRows _rows = new(table, rows);
    private readonly MySqlRows? _vanished = vanished is null ? null : new(table, vanished);
    private bool _commitSent;

    /// <summary>One transaction. Safe to run again after any error: the guard, whose lock an unfinished COMMIT still holds, says what became of the last one.</summary>
    public async Task<ReplaceOutcome> ReplaceAsync(MySqlConnection connection, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancel);
        if (await RaiseGuardAsync(connection, transaction, cancel) is { } there)
            return there > version ? ReplaceOutcome.Superseded : _commitSent ? ReplaceOutcome.Replaced : ReplaceOutcome.AlreadyThere;
        var left = (await MySqlTable.ColumnsAsync(connection, transaction, table.Name, cancel)).Where(name => !table.Columns.Any(column => column.Name.Equals(name, StringComparison.OrdinalIgnoreCase))).ToList();
        if (_vanished is not null) await _vanished.WriteAsync(connection, transaction, count => MySqlSql.Delete(table, count), cancel);
        await _rows.WriteAsync(connection, transaction, count => MySqlSql.Upsert(table, left, count), cancel);
        _commitSent = true;
        await transaction.CommitAsync(CancellationToken.None); // once sent it is not taken back: its reply tells what happened
        CrashPoints.Reached(CrashPoint.PublishWritten);
        return ReplaceOutcome.Replaced;
    }

    /// <returns>null when nothing of the window was published.</returns>
    public static async Task<long?> VersionAsync(MySqlConnection connection, MySqlTransaction? transaction, string table, WindowKey window, CancellationToken cancel)
    {
        await using var command = new MySqlCommand(MySqlSql.ReadGuard, connection, transaction);
        command.Parameters.Add(new MySqlParameter { Value = table });
        command.Parameters.Add(new MySqlParameter { Value = window.Text });
        return (long?)await command.ExecuteScalarAsync(cancel);
    }

    public static async Task<IReadOnlyList<object?[]>> ReadAsync(MySqlConnection connection, ResultTable table, WindowKey window, CancellationToken cancel)
    {
        await using var command = new MySqlCommand(MySqlSql.Select(table), connection);
        command.Parameters.Add(new MySqlParameter { Value = At(table, window) });
        await command.PrepareAsync(cancel); // values come in binary, doubles with all their bits
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<object?[]>();
        while (await reader.ReadAsync(cancel)) rows.Add([.. table.Columns.Select((column, index) => MySqlValue.Read(reader, index, column.Type))]);
        return rows;
    }

    public static async IAsyncEnumerable<object?[]> ReadRangeAsync(MySqlConnection connection, ResultTable table, WindowKey first, WindowKey last, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = new MySqlCommand(MySqlSql.SelectRange(table), connection);
        foreach (var window in (WindowKey[])[first, last]) command.Parameters.Add(new MySqlParameter { Value = At(table, window) });
        await command.PrepareAsync(cancel); // values come in binary, doubles with all their bits
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) yield return [.. table.Columns.Select((column, index) => MySqlValue.Read(reader, index, column.Type))];
    }

    private static object At(ResultTable table, WindowKey window) => window.Kind == ColumnKind.Date ? SqlText.Date((int)window.Value, table.WindowColumn) : SqlText.Instant(window.Value, table.WindowColumn);

    /// <returns>null when the guard was raised to this version; else the version that stands there.</returns>
    private async Task<long?> RaiseGuardAsync(MySqlConnection connection, MySqlTransaction transaction, CancellationToken cancel)
    {
        await using var command = new MySqlCommand(MySqlSql.RaiseGuard, connection, transaction);
        foreach (object value in (object[])[table.Name, window.Text, version]) command.Parameters.Add(new MySqlParameter { Value = value });
        return await command.ExecuteNonQueryAsync(cancel) > 0 ? null : await VersionAsync(connection, transaction, table.Name, window, cancel);
    }
}
