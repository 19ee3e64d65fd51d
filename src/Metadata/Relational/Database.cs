using System.Diagnostics;
using Etl.Contracts;

namespace Etl.Metadata.Relational;

/// <summary>What differs between the stores: the words, the connections, and what their errors mean.</summary>
internal abstract class Database(MetadataOptions options) : IAsyncDisposable
{
    private readonly Random _jitter = new(options.Seed);
    private long _retries;

    public MetadataOptions Options => options;

    /// <summary>The database's clock in microseconds since 1970-01-01 UTC.</summary>
    public abstract SqlText Clock { get; }

    /// <summary>The beginning of an INSERT that leaves rows alone that are there.</summary>
    public abstract SqlText InsertIgnore { get; }

    /// <summary>The number that the last INSERT of this session gave.</summary>
    public abstract SqlText LastNumber { get; }

    /// <summary>Most numbers in one list of a statement.</summary>
    public abstract int ListMax { get; }

    /// <summary>Whether many rows are changed faster by one INSERT that overwrites them than by an UPDATE for each: where each statement has to be parsed.</summary>
    public abstract bool OverwritesMany { get; }

    /// <summary>Due slots looked at for each one wanted, so that workers that come together all find some. 1 where writers come one after the other.</summary>
    public abstract int ClaimLookAhead { get; }

    public abstract SqlText ForUpdate { get; }

    public abstract SqlText ForUpdateSkipLocked { get; }

    /// <summary>Transactions and reads that were begun anew after a deadlock, a lock's timeout or a lost connection.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>The end of an INSERT that overwrites <paramref name="columns"/> of the row with the same key.</summary>
    public abstract SqlText Overwrite(string key, params string[] columns);

    /// <summary>The same; of the row with the same key the JSON list in <paramref name="list"/> stays, and the new one's items are added at its end. Neither is empty.</summary>
    public abstract SqlText Append(string key, string list, params string[] columns);

    protected abstract string Begin { get; }

    /// <summary>What to do where none of several connections is free.</summary>
    protected const string MoreConnections = "try again, or allow more connections";

    protected abstract SessionPool Readers { get; }

    protected abstract SessionPool Writers { get; }

    /// <returns>null where it is no trouble with the store.</returns>
    protected abstract Trouble? Judge(Exception exception);

    /// <summary>Reads outside of a transaction; each statement sees what is committed.</summary>
    public Task<T> ReadAsync<T>(Func<Session, Task<T>> read, CancellationToken cancel) => AgainAsync(Readers, read, cancel);

    /// <summary>One transaction. It may run more than once, also after a COMMIT whose reply was lost: its body reads what it needs and finds what is done already.</summary>
    /// <param name="commits">Says the crash points around COMMIT.</param>
    /// <param name="mayBeLost">Whether a machine that loses power may lose it, with all that came after: plans, claims and moves are made again from what is left. A process that is killed loses nothing.</param>
    public Task<T> WriteAsync<T>(Func<Session, Task<T>> write, CancellationToken cancel, bool commits = false, bool mayBeLost = false) => AgainAsync(Writers, async session =>
    {
        await session.SyncAsync(always: !mayBeLost, cancel);
        return await TransactionAsync(session, write, commits, cancel);
    }, cancel);

    /// <summary>One statement that is a transaction by itself; it may run more than once.</summary>
    /// <returns>Rows that were inserted, deleted or found by an update.</returns>
    public Task<int> WriteOneAsync(Statement statement, CancellationToken cancel, bool mayBeLost = false) => AgainAsync(Writers, async session =>
    {
        await session.SyncAsync(always: !mayBeLost, cancel);
        return await session.ExecuteAsync(statement, cancel);
    }, cancel);

    private async Task<T> TransactionAsync<T>(Session session, Func<Session, Task<T>> write, bool commits, CancellationToken cancel)
    {
        await session.ExecuteTextAsync(Begin, cancel);
        try
        {
            var result = await write(session);
            if (commits) CrashPoints.Reached(CrashPoint.CommitPrepared);
            await session.ExecuteTextAsync("commit", CancellationToken.None); // past the last chance to cancel: the reply is awaited
            if (commits) CrashPoints.Reached(CrashPoint.Committed);
            return result;
        }
        catch (Exception exception)
        {
            if (Judge(exception) is not { Kind: TroubleKind.ConnectionLost }) await RollBackAsync(session); // else the server rolls back by itself
            throw;
        }
    }

    private async Task RollBackAsync(Session session)
    {
        if (!session.IsOpen) return;
        try { await session.ExecuteTextAsync("rollback", CancellationToken.None); }
        catch (Exception exception) when (Judge(exception) is { } trouble) // SQLite has rolled back already, e.g. on a full disk
        {
            if (trouble.Kind == TroubleKind.ConnectionLost) session.IsBroken = true;
        }
    }

    private async Task<T> AgainAsync<T>(SessionPool pool, Func<Session, Task<T>> work, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            Session? session = null;
            try
            {
                session = await pool.RentAsync(cancel);
                return await work(session);
            }
            catch (Exception exception) when (Judge(exception) is { } trouble)
            {
                if (trouble.Kind == TroubleKind.ConnectionLost)
                {
                    if (session is not null) session.IsBroken = true;
                    await pool.DropIdleAsync(); // where one was lost, the others mostly are too: the next attempt must not meet them one by one
                }
                var most = trouble.Kind switch { TroubleKind.Conflict => options.ConflictAttempts, TroubleKind.ConnectionLost => options.ConnectAttempts, _ => 1 };
                if (attempt >= most || Stopwatch.GetElapsedTime(started) > options.Patience) throw new StoreException(trouble.Message, trouble.IsTransient, exception);
            }
            finally
            {
                if (session is not null) await pool.ReturnAsync(session);
            }
            Interlocked.Increment(ref _retries);
            await Task.Delay(Backoff(attempt), cancel);
        }
    }

    /// <summary>From 5 ms, doubled each time up to 640 ms; half of it by chance, so that two that met do not meet again.</summary>
    private TimeSpan Backoff(int attempt)
    {
        var most = 5 << Math.Min(attempt - 1, 7);
        lock (_jitter) return TimeSpan.FromMilliseconds(most * (0.5 + _jitter.NextDouble() / 2));
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Readers.DisposeAsync();
        await Writers.DisposeAsync();
    }
}

internal enum TroubleKind
{
    /// <summary>Trying again at once is no help.</summary>
    Final,

    /// <summary>A deadlock or a lock's timeout: the transaction is begun anew.</summary>
    Conflict,

    /// <summary>The connection is gone: the work is begun anew on another.</summary>
    ConnectionLost,
}

/// <param name="Message">Found, expected, how to mend; without secrets.</param>
internal sealed record Trouble(TroubleKind Kind, bool IsTransient, string Message);
