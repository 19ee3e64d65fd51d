using System.Runtime.CompilerServices;
using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using MySqlConnector;

namespace Etl.Sinks.MySql;

/// <summary>Publishes to MariaDB (10.3 or later) or MySQL (8 or later): one READ COMMITTED transaction a window, run again when a deadlock or a lost connection undid it.</summary>
public sealed class MySqlSink : ISink
{
    /// <summary>Runs of one transaction at most.</summary>
    public const int AttemptsMax = 6;

    private static readonly TimeSpan PauseFirst = TimeSpan.FromMilliseconds(10);

    private readonly MySqlServer _server;
    private readonly TimeProvider _time;
    private readonly Random _random;

    /// <param name="random">Spreads the pauses between attempts; used under a lock.</param>
    /// <exception cref="ArgumentException">The options have faults.</exception>
    public MySqlSink(SinkName name, MySqlSinkOptions options, TimeProvider time, Random random)
    {
        string faults = string.Join("; ", options.Faults());
        if (faults.Length > 0) throw new ArgumentException(faults, nameof(options));
        (Name, _server, _time, _random) = (name, new MySqlServer(options), time, random);
    }

    public SinkName Name { get; }

    public SinkTraits Traits { get; } = new(NotAtomic: null, NoTransactions: null);

    public Task<string?> PrepareAsync(ResultTable table, CancellationToken cancel) => TableShape.Fault(table) is { } fault
        ? Task.FromResult<string?>(fault)
        : RunAsync($"preparing {table.Name}", async connection =>
        {
            var (collation, unfit) = MySqlServer.Collation(connection);
            return unfit ?? await MySqlTable.PrepareAsync(connection, table, collation, cancel);
        }, cancel);

    public Task<ReplaceOutcome> ReplaceAsync(ResultTable table, Window window, long version, ColumnBatch rows, ColumnBatch? vanished, CancellationToken cancel)
    {
        var publish = new MySqlWindow(table, WindowKey.Of(table, window), version, RowsByKey.Of(table, window, rows), vanished is null ? null : RowsByKey.KeysOf(table, window, vanished));
        return RunAsync($"publishing {table.Name} {window}", connection => publish.ReplaceAsync(connection, cancel), cancel);
    }

    public Task<long?> VersionAsync(string table, Window window, CancellationToken cancel) => RunAsync($"reading the version of {table} {window}", async connection =>
    {
        try { return await MySqlWindow.VersionAsync(connection, null, table, WindowKey.Of(window), cancel); }
        catch (MySqlException error) when (error.ErrorCode == MySqlErrorCode.NoSuchTable) { return null; } // nothing was ever published here
    }, cancel);

    public Task<IReadOnlyList<object?[]>> ReadAsync(ResultTable table, Window window, CancellationToken cancel)
    {
        var key = WindowKey.Of(table, window);
        return RunAsync($"reading {table.Name} {window}", connection => MySqlWindow.ReadAsync(connection, table, key, cancel), cancel);
    }

    /// <remarks>Read as one whole: rows that were handed out are not handed out again when the connection is lost.</remarks>
    public async IAsyncEnumerable<object?[]> ReadRangeAsync(ResultTable table, Window first, Window last, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (from, to) = (WindowKey.Of(table, first), WindowKey.Of(table, last));
        var rows = await RunAsync($"reading {table.Name} from {first} to {last}", async connection =>
        {
            var read = new List<object?[]>();
            try
            {
                await foreach (object?[] row in MySqlWindow.ReadRangeAsync(connection, table, from, to, cancel)) read.Add(row);
            }
            catch (MySqlException error) when (error.ErrorCode == MySqlErrorCode.NoSuchTable) { } // nothing was ever published here
            return read;
        }, cancel);
        foreach (object?[] row in rows) yield return row;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task<T> RunAsync<T>(string doing, Func<MySqlConnection, Task<T>> work, CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            MySqlConnection? connection = null;
            try
            {
                connection = await _server.OpenAsync(cancel);
                return await work(connection);
            }
            catch (Exception error) when (MySqlTrouble.IsServers(error) && !cancel.IsCancellationRequested)
            {
                if (attempt == AttemptsMax || !MySqlTrouble.IsLost(error, connection)) throw MySqlTrouble.Of(error, connection, _server.Place, doing);
            }
            finally
            {
                if (connection is not null) await connection.DisposeAsync();
            }
            await Task.Delay(Pause(attempt), _time, cancel);
        }
    }

    // Doubling, half of it by chance, so that two that met in a deadlock do not meet again: 10 ms to at most 320 ms.
    private TimeSpan Pause(int attempt)
    {
        lock (_random) return PauseFirst * (1 << (attempt - 1)) * (0.5 + _random.NextDouble());
    }
}
