using Etl.Contracts.Time;
using Etl.Metadata.Relational.Slots;

namespace Etl.Metadata.Relational.Runs;

internal sealed class RelationalFeedLog(Database database, NameTable names) : IFeedLog
{
    private readonly FeedShares _shares = new(database);

    public async Task<bool> TakeAsync(string feed, long token, TimeSpan lease, CancellationToken cancel)
    {
        long number = (await names.EnterAsync([feed], cancel))[feed];
        return await database.WriteAsync(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            await InsertAsync(session, number, now, cancel);
            long end = now + SlotClaim.MicrosOf(lease);
            // A token that is no lander's is that of an earlier version's process.
            if (await session.ExecuteAsync(
                $"""
                update etl_feed set since = case when state = {(int)FeedState.Running} then since else {now} end, state = {(int)FeedState.Running}, token = {token}, lease_end = {end}
                where feed = {number} and state <> {(int)FeedState.Paused} and (token = {token} or lease_end < {now} or state = {(int)FeedState.Stopped} or token in (select token from etl_feed_lander where feed = {number}))
                """, cancel) == 0) return false;
            await _shares.JoinAsync(session, number, token, end, cancel);
            return true;
        }, cancel);
    }

    public async Task<FeedDivision?> DivideAsync(string feed, long token, int partitions, TimeSpan lease, bool mayMove, CancellationToken cancel)
    {
        if (partitions < 1) throw new ArgumentOutOfRangeException(nameof(partitions), partitions, "a topic has at least one partition");
        if (await names.FindAsync(feed, cancel) is not { } number) return null;
        return await database.WriteAsync(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            long end = now + SlotClaim.MicrosOf(lease);
            if (!await RenewAsync(session, number, token, end, cancel)) return null;
            return await _shares.DivideAsync(session, number, token, partitions, mayMove, now, cancel);
        }, cancel);
    }

    public async Task<DateTimeOffset?> LandedAsync(string feed, IReadOnlyCollection<int> partitions, int of, DateTimeOffset before, CancellationToken cancel)
    {
        if (partitions.Count == 0 || await names.FindAsync(feed, cancel) is not { } number) return null;
        return await database.WriteAsync(session => _shares.LandedAsync(session, number, partitions, of, before, cancel), cancel);
    }

    public async Task<int> ReportAsync(string feed, long token, FeedNews news, TimeSpan lease, CancellationToken cancel)
    {
        if (await names.FindAsync(feed, cancel) is not { } number) return 0;
        var (now, micros) = (database.Clock, SlotClaim.MicrosOf(lease));
        var change = new Statement().Add($"update etl_feed set since = case when state = {(int)news.State} then since else {now} end, state = {(int)news.State}, token = {token}, lease_end = {now} + {micros}, landed = landed + {news.Landed}");
        if (news.Lag is { } behind) change.Add($", lag = {behind.Ticks / TimeSpan.TicksPerMicrosecond}, lag_at = {now}");
        if (news.Error is { } error) change.Add($", failures = failures + 1, last_error = {SlotRow.Cut(error)}, error_at = {now}");
        else change.Add($", failures = 0");
        change.Add($" where feed = {number} and state <> {(int)FeedState.Paused} and exists (select 1 from etl_feed_lander l where l.feed = {number} and l.token = {token})");
        return await database.WriteAsync(async session => await session.ExecuteAsync(change, cancel) == 0 ? 0 : await _shares.RenewAsync(session, number, token, micros, cancel), cancel);
    }

    public async Task ReleaseAsync(string feed, long token, CancellationToken cancel)
    {
        if (await names.FindAsync(feed, cancel) is not { } number) return;
        await database.WriteAsync(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            if (!await RenewAsync(session, number, token, now, cancel)) return 0; // locks the feed
            if (await _shares.LeaveAsync(session, number, token, now, cancel) > 0) return 0;
            return await session.ExecuteAsync($"update etl_feed set state = {(int)FeedState.Stopped}, since = {now}, lease_end = 0 where feed = {number}", cancel);
        }, cancel);
    }

    /// <summary>Locks the feed until the transaction ends: its landers ask one after the other.</summary>
    /// <returns>false when the token is none of its landers', or it is paused.</returns>
    private async Task<bool> RenewAsync(Session session, long feed, long token, long end, CancellationToken cancel) =>
        await session.ExecuteAsync($"update etl_feed set token = {token}, lease_end = {end} where feed = {feed} and state <> {(int)FeedState.Paused} and exists (select 1 from etl_feed_lander l where l.feed = {feed} and l.token = {token})", cancel) > 0
        && await _shares.RenewUntilAsync(session, feed, token, end, cancel);

    public async Task PauseAsync(string feed, bool paused, CancellationToken cancel)
    {
        long number = (await names.EnterAsync([feed], cancel))[feed];
        await database.WriteAsync(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            await InsertAsync(session, number, now, cancel);
            if (paused) await session.ExecuteAsync($"delete from etl_feed_lander where feed = {number}", cancel);
            return paused
                ? await session.ExecuteAsync($"update etl_feed set state = {(int)FeedState.Paused}, since = {now}, lease_end = 0 where feed = {number}", cancel)
                : await session.ExecuteAsync($"update etl_feed set state = {(int)FeedState.Stopped}, since = {now} where feed = {number} and state = {(int)FeedState.Paused}", cancel);
        }, cancel);
    }

    public Task<IReadOnlyList<FeedStatus>> ListAsync(CancellationToken cancel) => database.ReadAsync<IReadOnlyList<FeedStatus>>(async session =>
    {
        var raws = await session.QueryAsync($"select feed, state, token, since, landed, lag, lag_at, failures, last_error, error_at from etl_feed", static row => (Feed: row.GetInt64(0), Status: new FeedStatus(
            "", (FeedState)row.GetInt32(1), row.GetInt64(2), Micros.ToInstant(row.GetInt64(3)), row.GetInt64(4), row.Int64OrNull(5) is { } lag ? TimeSpan.FromMicroseconds(lag) : null, RunRow.Instant(row, 6), row.GetInt32(7),
            row.GetString(8), RunRow.Instant(row, 9))), cancel);
        var texts = await names.TextsAsync(session, raws.Select(static raw => raw.Feed), cancel);
        var landers = await _shares.LandersAsync(session, cancel);
        return [.. raws.Select(raw => raw.Status with { Feed = texts[raw.Feed], Landers = [.. landers[raw.Feed]] }).OrderBy(static status => status.Feed, StringComparer.Ordinal)];
    }, cancel);

    public async Task KeepAsync(IReadOnlyList<FeedStory> stories, CancellationToken cancel)
    {
        if (stories.Count == 0) return;
        var known = await names.EnterAsync([.. stories.Select(static story => story.Feed)], cancel);
        await database.WriteAsync(async session =>
        {
            foreach (var story in stories)
                await session.InsertAsync(new("insert into etl_feed_log (feed, started, token, ended, body)"),
                    [new Statement().Add($"{known[story.Feed]}, {Micros.Of(story.Started)}, {story.Token}, {(story.Ended is { } ended ? Micros.Of(ended) : (long?)null)}, {AttemptLogRows.Write(story.Lines)}")],
                    database.Overwrite("feed, started, token", "ended", "body"), cancel);
            foreach (long feed in stories.Select(story => known[story.Feed]).Distinct())
                if (await session.NumberAsync($"select started from etl_feed_log where feed = {feed} order by started desc limit 1 offset {IFeedLog.StoriesKept}", cancel) is { } oldest)
                    await session.ExecuteAsync($"delete from etl_feed_log where feed = {feed} and started <= {oldest}", cancel);
            return 0;
        }, cancel, mayBeLost: true);
    }

    public async Task<IReadOnlyList<FeedStory>> StoriesAsync(string feed, int max, CancellationToken cancel)
    {
        if (await names.FindAsync(feed, cancel) is not { } number) return [];
        var found = await database.ReadAsync(session => session.QueryAsync(
            $"""
            select l.started, l.token, l.ended, l.body, coalesce(w.name, '') from etl_feed_log l left join etl_writer w on w.token = l.token
            where l.feed = {number} order by l.started desc, l.token desc limit {max}
            """, row => new FeedStory(feed, row.GetInt64(1), Micros.ToInstant(row.GetInt64(0)), RunRow.Instant(row, 2), AttemptLogRows.Read(row.StringOrNull(3))) { Worker = row.GetString(4) }, cancel), cancel);
        return [.. found.AsEnumerable().Reverse()];
    }

    private Task InsertAsync(Session session, long feed, long now, CancellationToken cancel) => session.InsertAsync(
        new($"{database.InsertIgnore.Text} etl_feed (feed, state, token, lease_end, since, landed, failures, last_error)"), [new Statement().Add($"{feed}, {(int)FeedState.Stopped}, 0, 0, {now}, 0, 0, ''")], new(""), cancel);
}
