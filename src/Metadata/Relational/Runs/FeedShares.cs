using Etl.Contracts.Time;

namespace Etl.Metadata.Relational.Runs;

/// <summary>Who lands a feed, and which partitions each has. Whoever changes it holds the feed's row, so landers come one after the other.</summary>
internal sealed class FeedShares(Database database)
{
    public Task JoinAsync(Session session, long feed, long token, long leaseEnd, CancellationToken cancel) => session.InsertAsync(
        new("insert into etl_feed_lander (feed, token, lease_end)"), [new Statement().Add($"{feed}, {token}, {leaseEnd}")], database.Overwrite("feed, token", "lease_end"), cancel);

    /// <returns>false when the token is none of the feed's landers'.</returns>
    public async Task<bool> RenewUntilAsync(Session session, long feed, long token, long leaseEnd, CancellationToken cancel) =>
        await session.ExecuteAsync($"update etl_feed_lander set lease_end = {leaseEnd} where feed = {feed} and token = {token}", cancel) > 0;

    /// <summary>The same by the database's clock; few statements, for a feed at rest.</summary>
    /// <returns>How many landers have a lease.</returns>
    public async Task<int> RenewAsync(Session session, long feed, long token, long leaseMicros, CancellationToken cancel)
    {
        await session.ExecuteAsync($"update etl_feed_lander set lease_end = {database.Clock} + {leaseMicros} where feed = {feed} and token = {token}", cancel);
        return (int)(await session.NumberAsync($"select count(*) from etl_feed_lander where feed = {feed} and lease_end >= {database.Clock}", cancel) ?? 0);
    }

    /// <returns>How many landers are left.</returns>
    public async Task<long> LeaveAsync(Session session, long feed, long token, long now, CancellationToken cancel)
    {
        await session.ExecuteAsync($"delete from etl_feed_lander where feed = {feed} and token = {token}", cancel);
        await session.ExecuteAsync($"update etl_feed_part set token = 0 where feed = {feed} and token = {token}", cancel);
        return await session.NumberAsync($"select count(*) from etl_feed_lander where feed = {feed} and lease_end >= {now}", cancel) ?? 0;
    }

    /// <param name="token">Of a lander whose lease was just renewed.</param>
    public async Task<FeedDivision> DivideAsync(Session session, long feed, long token, int partitions, bool mayMove, long now, CancellationToken cancel)
    {
        await session.ExecuteAsync($"delete from etl_feed_lander where feed = {feed} and lease_end < {now}", cancel);
        var landers = await session.QueryAsync($"select token from etl_feed_lander where feed = {feed} order by token", static row => row.GetInt64(0), cancel);
        var holders = (await session.QueryAsync($"select part, token from etl_feed_part where feed = {feed} and part < {partitions}", static row => (Part: row.GetInt32(0), Token: row.GetInt64(1)), cancel))
            .ToDictionary(static row => row.Part, static row => row.Token);
        var turn = PartitionTurns.Of(landers, holders, partitions, token);
        if (!mayMove) return new(turn.Mine, turn.Due, turn.Free.Count);
        foreach (int part in turn.Gives) await session.ExecuteAsync($"update etl_feed_part set token = 0 where feed = {feed} and part = {part}", cancel);
        if (turn.Takes.Count > 0)
            await session.InsertAsync(new("insert into etl_feed_part (feed, part, token)"), [.. turn.Takes.Select(part => new Statement().Add($"{feed}, {part}, {token}"))], database.Overwrite("feed, part", "token"), cancel);
        return new([.. turn.Mine.Except(turn.Gives).Concat(turn.Takes).Order()], turn.Due, turn.Free.Count - turn.Takes.Count);
    }

    public async Task<DateTimeOffset?> LandedAsync(Session session, long feed, IReadOnlyCollection<int> partitions, int of, DateTimeOffset before, CancellationToken cancel)
    {
        long until = Micros.Of(before);
        foreach (long[] chunk in partitions.Select(static part => (long)part).Order().Chunk(database.ListMax))
            await session.ExecuteAsync($"update etl_feed_part set landed_until = {until} where feed = {feed} and part in ({chunk}) and (landed_until is null or landed_until < {until})", cancel);
        var (known, least) = await session.FirstAsync($"select count(landed_until), min(landed_until) from etl_feed_part where feed = {feed} and part < {of}", static row => (row.GetInt64(0), row.Int64OrNull(1)), cancel);
        return known == of && least is { } all ? Micros.ToInstant(all) : null;
    }

    /// <summary>The landers of every feed that have a lease, by feed.</summary>
    public async Task<ILookup<long, FeedLander>> LandersAsync(Session session, CancellationToken cancel)
    {
        var rows = await session.QueryAsync(
            $"""
            select l.feed, l.token, coalesce(w.name, ''), p.part from etl_feed_lander l
            left join etl_writer w on w.token = l.token left join etl_feed_part p on p.feed = l.feed and p.token = l.token
            where l.lease_end >= {database.Clock} order by l.feed, l.token, p.part
            """, static row => (Feed: row.GetInt64(0), Token: row.GetInt64(1), Worker: row.GetString(2), Part: (int?)row.Int64OrNull(3)), cancel);
        return rows.GroupBy(static row => (row.Feed, row.Token, row.Worker)).ToLookup(static lander => lander.Key.Feed,
            static lander => new FeedLander(lander.Key.Token, lander.Key.Worker, [.. lander.Select(static row => row.Part).OfType<int>()]));
    }
}
