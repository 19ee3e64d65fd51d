using MySqlConnector;

namespace Etl.Sinks.MySql;

/// <summary>A pool of connections whose session says all that matters itself, whatever the server's defaults are.</summary>
internal sealed class MySqlServer(MySqlSinkOptions options) : IAsyncDisposable
{
    /// <summary>How long a transaction waits for another's row, in seconds.</summary>
    public const int LockWaitSeconds = 20;

    private static readonly string SetSession =
        $"SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO', time_zone = '+00:00', innodb_lock_wait_timeout = {LockWaitSeconds}";

    /// <summary>Seconds after which a session that says nothing in a transaction is ended, and its locks with it. MySQL knows no transactions there: it ends idle ones of the pool too, which then are opened anew.</summary>
    private readonly int _idleSeconds = (int)Math.Ceiling(options.TransactionIdleMax.TotalSeconds);

    private readonly MySqlDataSource _pool = new(options.Complete().ConnectionString);

    public string Place => options.Place;

    /// <summary>Opens a connection, on a database that is made if absent.</summary>
    public async Task<MySqlConnection> OpenAsync(CancellationToken cancel)
    {
        MySqlConnection connection;
        try { connection = await _pool.OpenConnectionAsync(cancel); }
        catch (MySqlException error) when (error.ErrorCode == MySqlErrorCode.UnknownDatabase)
        {
            await CreateDatabaseAsync(cancel);
            connection = await _pool.OpenConnectionAsync(cancel);
        }
        try
        {
            await using var command = new MySqlCommand($"{SetSession}, {(IsMariaDb(connection) ? "idle_transaction_timeout" : "wait_timeout")} = {_idleSeconds}", connection);
            await command.ExecuteNonQueryAsync(cancel);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The collation that compares bytes and pads nothing: "a" and "a " are two keys.</summary>
    /// <returns>Or why the server has none.</returns>
    public static (string Collation, string? Unfit) Collation(MySqlConnection connection)
    {
        string version = connection.ServerVersion;
        if (IsMariaDb(connection)) return ("utf8mb4_nopad_bin", null);
        return version[0] is >= '1' and <= '4' && !char.IsAsciiDigit(version[1]) || version.StartsWith("5.", StringComparison.Ordinal)
            ? ("", $"found MySQL {version}, expected 8 or later (its keys tell \"a\" from \"a \"), or MariaDB")
            : ("utf8mb4_0900_bin", null);
    }

    private static bool IsMariaDb(MySqlConnection connection) => connection.ServerVersion.Contains("MariaDB", StringComparison.OrdinalIgnoreCase);

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    private async Task CreateDatabaseAsync(CancellationToken cancel)
    {
        var withoutDatabase = options.Complete();
        (withoutDatabase.Database, withoutDatabase.Pooling) = ("", false);
        await using var connection = new MySqlConnection(withoutDatabase.ConnectionString);
        await connection.OpenAsync(cancel);
        await using var command = new MySqlCommand($"CREATE DATABASE IF NOT EXISTS {MySqlSql.Quote(options.DatabaseName!)} CHARACTER SET utf8mb4", connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
