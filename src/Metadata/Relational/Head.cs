using Etl.Contracts.Time;

namespace Etl.Metadata.Relational;

/// <summary>The number of the last commit, and the one lock under which commits are numbered.</summary>
internal sealed class Head(Database database, TimeProvider node)
{
    /// <summary>Locks the head until the transaction ends: who holds it sees all commits, and none is made beside it.</summary>
    /// <exception cref="ClockSkewException">The database's clock is too far off the node's.</exception>
    public async Task<LockedHead> LockAsync(Session session, CancellationToken cancel)
    {
        var (head, now, noted) = await session.FirstAsync($"select head, {database.Clock}, {ClockWatch.Noted} from etl_head where id = 1{database.ForUpdate}", static row => (row.GetInt64(0), row.GetInt64(1), row.Int64OrNull(2)), cancel);
        RefuseSkew(Micros.ToInstant(now), node.GetUtcNow());
        await ClockWatch.NoteAsync(session, database, noted, now, cancel);
        return new(head, now);
    }

    /// <summary>The head as committed, and the database's clock; inside a transaction.</summary>
    public static async Task<(long Head, long Now)> ReadAsync(Session session, Database database, CancellationToken cancel)
    {
        var (head, now, noted) = await session.FirstAsync($"select head, {database.Clock}, {ClockWatch.Noted} from etl_head where id = 1", static row => (row.GetInt64(0), row.GetInt64(1), row.Int64OrNull(2)), cancel);
        await ClockWatch.NoteAsync(session, database, noted, now, cancel);
        return (head, now);
    }

    private void RefuseSkew(DateTimeOffset store, DateTimeOffset own)
    {
        if ((store - own).Duration() > database.Options.ClockSkewMax) throw new ClockSkewException(store, own, database.Options.ClockSkewMax);
    }
}

/// <summary>The head under its lock.</summary>
/// <param name="Number">Of the last commit.</param>
/// <param name="Now">The database's clock, microseconds.</param>
internal readonly record struct LockedHead(long Number, long Now)
{
    /// <summary>The next commit's number: the database's clock, or one more than the last where the clock stands or ran back.</summary>
    public long Next => Math.Max(Number + 1, Now);

    public Task WriteAsync(Session session, long number, CancellationToken cancel) => session.ExecuteAsync($"update etl_head set head = {number} where id = 1", cancel);
}
