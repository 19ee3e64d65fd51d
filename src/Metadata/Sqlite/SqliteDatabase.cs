using System.Diagnostics;
using System.Globalization;
using Etl.Contracts.Time;
using Etl.Metadata.Relational;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Etl.Metadata.Sqlite;

/// <summary>SQLite in WAL mode, synced at every commit: one writer (BEGIN IMMEDIATE) beside several readers.</summary>
internal sealed class SqliteDatabase : Database
{
    /// <summary>SQLITE_DBCONFIG_ENABLE_QPSG: a statement keeps its plan, whatever its values; without it some are prepared anew at each use.</summary>
    private const int EnableQpsg = 1007;

    private static readonly TimeSpan WalPause = TimeSpan.FromMilliseconds(10);

    private readonly string _path;
    private readonly TimeProvider _clock;

    public SqliteDatabase(string path, TimeProvider clock, MetadataOptions options) : base(options)
    {
        (_path, _clock) = (path, options.DatabaseClock ?? clock);
        Writers = new(1, options.Patience, $"SQLite has one writer: {path} is locked by another process, or its disk is slow", cancel => ConnectAsync(writes: true, cancel));
        Readers = new(options.ConnectionsMax - 1, options.Patience, MoreConnections, cancel => ConnectAsync(writes: false, cancel));
    }

    /// <summary>SQLite has no server and so no clock of its own: all processes on the file share the machine's.</summary>
    public override SqlText Clock => new("", Micros.Of(_clock.GetUtcNow()));

    public override SqlText InsertIgnore => new("insert or ignore into");

    public override SqlText LastNumber => new("last_insert_rowid()");

    public override int ListMax => 64;

    public override int ClaimLookAhead => 1;

    public override bool OverwritesMany => false;

    public override SqlText ForUpdate => new("");

    public override SqlText ForUpdateSkipLocked => new("");

    protected override string Begin => "begin immediate";

    protected override SessionPool Readers { get; }

    protected override SessionPool Writers { get; }

    public override SqlText Overwrite(string key, params string[] columns) =>
        new($" on conflict ({key}) do update set {string.Join(", ", columns.Select(static column => $"{column} = excluded.{column}"))}");

    public override SqlText Append(string key, string list, params string[] columns) =>
        new($"{Overwrite(key, columns).Text}, {list} = substr({list}, 1, length({list}) - 1) || ',' || substr(excluded.{list}, 2)");

    protected override Trouble? Judge(Exception exception) => exception is SqliteException error ? SqliteTrouble.Judge(error, _path, Options.Patience) : null;

    private async Task<Session> ConnectAsync(bool writes, CancellationToken cancel)
    {
        // The wait for a lock is SQLite's own (busy_timeout); the provider's, which sleeps 150 ms at a time, is cut to its least.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = false, DefaultTimeout = 1 }.ToString());
        var session = new SqliteSession(connection, valuesMax: 100);
        try
        {
            await connection.OpenAsync(cancel);
            raw.sqlite3_db_config(connection.Handle, EnableQpsg, 1, out _);
            await session.ExecuteTextAsync(string.Create(CultureInfo.InvariantCulture, $"pragma busy_timeout = {(long)Options.Patience.TotalMilliseconds}"), cancel);
            if (writes) await SetWalAsync(session, cancel);
            await session.ExecuteTextAsync("pragma synchronous = full; pragma temp_store = memory; pragma cache_size = -32768", cancel);
            if (!writes) await session.ExecuteTextAsync("pragma query_only = 1", cancel);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    // Processes that switch a new file at once are refused without the busy timeout's wait, as SQLite takes it for a deadlock; the provider tries again for 1 s only.
    private async Task SetWalAsync(SqliteSession session, CancellationToken cancel)
    {
        for (long start = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                await session.ExecuteTextAsync("pragma journal_mode = wal", cancel);
                return;
            }
            catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_BUSY && Stopwatch.GetElapsedTime(start) < Options.Patience) { await Task.Delay(WalPause, cancel); }
        }
    }
}
