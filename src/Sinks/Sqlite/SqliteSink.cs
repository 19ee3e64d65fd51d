using System.Runtime.CompilerServices;
using Etl.Codecs.Columns;
using Etl.Contracts;
using Etl.Contracts.Results;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Etl.Sinks.Sqlite;

/// <summary>Publishes to a SQLite file: WAL, one durable transaction a window, one connection. Safe to call from several threads; they take turns.</summary>
public sealed class SqliteSink : ISink
{
    private static readonly TimeSpan WalPause = TimeSpan.FromMilliseconds(10);

    private readonly SqliteSinkOptions _options;
    private readonly SemaphoreSlim _turn = new(1);
    private SqliteConnection? _connection;

    /// <exception cref="ArgumentException">The options have faults.</exception>
    public SqliteSink(SinkName name, SqliteSinkOptions options)
    {
        string faults = string.Join("; ", options.Faults());
        if (faults.Length > 0) throw new ArgumentException(faults, nameof(options));
        (Name, _options) = (name, options);
    }

    public SinkName Name { get; }

    public SinkTraits Traits { get; } = new(NotAtomic: null, NoTransactions: null);

    public Task<string?> PrepareAsync(ResultTable table, CancellationToken cancel) => TableShape.Fault(table) is { } fault
        ? Task.FromResult<string?>(fault)
        : RunAsync($"preparing {table.Name}", connection => Transaction(connection, () => SqliteTable.Prepare(connection, table)), cancel);

    public Task<ReplaceOutcome> ReplaceAsync(ResultTable table, Window window, long version, ColumnBatch rows, ColumnBatch? vanished, CancellationToken cancel)
    {
        var key = WindowKey.Of(table, window);
        var upserted = RowsByKey.Of(table, window, rows);
        var deleted = vanished is null ? null : RowsByKey.KeysOf(table, window, vanished);
        return RunAsync($"publishing {table.Name} {window}", connection =>
        {
            var outcome = Transaction(connection, () => SqliteWindow.Replace(connection, table, key, version, upserted, deleted, cancel));
            if (outcome == ReplaceOutcome.Replaced) CrashPoints.Reached(CrashPoint.PublishWritten);
            return outcome;
        }, cancel);
    }

    public Task<long?> VersionAsync(string table, Window window, CancellationToken cancel) =>
        RunAsync($"reading the version of {table} {window}", connection => SqliteWindow.Version(connection, table, WindowKey.Of(window)), cancel);

    public Task<IReadOnlyList<object?[]>> ReadAsync(ResultTable table, Window window, CancellationToken cancel)
    {
        var key = WindowKey.Of(table, window);
        return RunAsync($"reading {table.Name} {window}", connection => SqliteWindow.Read(connection, table, key, cancel), cancel);
    }

    public async IAsyncEnumerable<object?[]> ReadRangeAsync(ResultTable table, Window first, Window last, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (from, to) = (WindowKey.Of(table, first), WindowKey.Of(table, last));
        foreach (object?[] row in await RunAsync($"reading {table.Name} from {first} to {last}", connection => SqliteWindow.ReadRange(connection, table, from, to, cancel), cancel)) yield return row;
    }

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        _connection?.Dispose();
        _connection = null;
        _turn.Dispose();
    }

    // SQLite waits for the disk on the calling thread, so the work goes to a pool thread.
    private async Task<T> RunAsync<T>(string doing, Func<SqliteConnection, T> work, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            return await Task.Run(() => work(_connection ??= Open()), cancel);
        }
        catch (SqliteException error) { throw SqliteTrouble.Of(error, _options.Path, doing); }
        finally { _turn.Release(); }
    }

    private SqliteConnection Open()
    {
        MakeFolder();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _options.Path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            sqlite3_busy_timeout(connection.Handle!, (int)_options.BusyTimeout.TotalMilliseconds);
            SetWal(connection);
            SqliteStatement.Run(connection, "PRAGMA synchronous = FULL"); // what is confirmed as published must outlive a power cut
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // Two that switch a new file at once are refused without the busy timeout's wait: SQLite takes it for a deadlock.
    private void SetWal(SqliteConnection connection)
    {
        for (long start = Environment.TickCount64; ;)
        {
            try
            {
                SqliteStatement.Run(connection, "PRAGMA journal_mode = WAL");
                return;
            }
            catch (SqliteException error) when (error.SqliteErrorCode == SQLITE_BUSY && Environment.TickCount64 - start < _options.BusyTimeout.TotalMilliseconds) { Thread.Sleep(WalPause); }
        }
    }

    private void MakeFolder()
    {
        try { Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_options.Path))!); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"sqlite {_options.Path}: cannot make its folder ({error.Message}); expected a folder this user may write", isTransient: false, error);
        }
    }

    private static T Transaction<T>(SqliteConnection connection, Func<T> work)
    {
        SqliteStatement.Run(connection, "BEGIN IMMEDIATE");
        try
        {
            var result = work();
            SqliteStatement.Run(connection, "COMMIT");
            return result;
        }
        finally
        {
            if (sqlite3_get_autocommit(connection.Handle!) == 0) SqliteStatement.Run(connection, "ROLLBACK");
        }
    }
}
