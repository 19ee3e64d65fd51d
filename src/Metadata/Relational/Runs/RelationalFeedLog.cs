using Etl.Contracts.Time;
using Etl.Metadata.Relational.Slots;

namespace Etl.Metadata.Relational.Runs;

internal sealed class RelationalFeedLog(Database database, NameTable names) : IFeedLog
{
    public async Task<bool> TakeAsync(string feed, long token, TimeSpan lease, CancellationToken cancel)
    {
        long number = (await names.EnterAsync([feed], cancel))[feed];
        return await database.WriteAsync(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            await InsertAsync(session, number, now, cancel);
            return await session.ExecuteAsync(
                $"""
                update etl_feed set since = case when state = {(int)FeedState.Running} and token = {token} then since else {now} end, state = {(int)FeedState.Running}, token = {token}, lease_end = {now + SlotClaim.MicrosOf(lease)}
                where feed = {number} and state <> {(int)FeedState.Paused} and (token = {token} or lease_end < {now} or state = {(int)FeedState.Stopped})
                """, cancel) == 1;
        }, cancel);
    }

    public async Task<bool> ReportAsync(string feed, long token, FeedNews news, TimeSpan lease, CancellationToken cancel)
    {
        if (await names.FindAsync(feed, cancel) is not { } number) return false;
        var now = database.Clock;
        var change = new Statement().Add($"update etl_feed set since = case when state = {(int)news.State} then since else {now} end, state = {(int)news.State}, lease_end = {now} + {SlotClaim.MicrosOf(lease)}, landed = landed + {news.Landed}");
        if (news.Lag is { } behind) change.Add($", lag = {behind.Ticks / TimeSpan.TicksPerMicrosecond}, lag_at = {now}");
        if (news.Error is { } error) change.Add($", failures = failures + 1, last_error = {SlotRow.Cut(error)}, error_at = {now}");
        else change.Add($", failures = 0");
        return await database.WriteOneAsync(change.Add($" where feed = {number} and token = {token} and state <> {(int)FeedState.Paused}"), cancel) == 1;
    }

    public async Task ReleaseAsync(string feed, long token, CancellationToken cancel)
    {
        if (await names.FindAsync(feed, cancel) is not { } number) return;
        await database.WriteAsync(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            return await session.ExecuteAsync($"update etl_feed set state = {(int)FeedState.Stopped}, since = {now}, lease_end = 0 where feed = {number} and token = {token} and state <> {(int)FeedState.Paused}", cancel);
        }, cancel);
    }

    public async Task PauseAsync(string feed, bool paused, CancellationToken cancel)
    {
        long number = (await names.EnterAsync([feed], cancel))[feed];
        await database.WriteAsync(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            await InsertAsync(session, number, now, cancel);
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
        return [.. raws.Select(raw => raw.Status with { Feed = texts[raw.Feed] }).OrderBy(static status => status.Feed, StringComparer.Ordinal)];
    }, cancel);

    private Task InsertAsync(Session session, long feed, long now, CancellationToken cancel) => session.InsertAsync(
        new($"{database.InsertIgnore.Text} etl_feed (feed, state, token, lease_end, since, landed, failures, last_error)"), [new Statement().Add($"{feed}, {(int)FeedState.Stopped}, 0, 0, {now}, 0, 0, ''")], new(""), cancel);
}
