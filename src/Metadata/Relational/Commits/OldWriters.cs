using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Commits;

/// <summary>Forgets the writers of calls long over. A token that is not there counts as revoked, so nobody can commit under it.</summary>
internal sealed class OldWriters(Database database)
{
    /// <summary>How far past its lease a writer's commits are looked for: after the clock was set back, numbers run ahead of it.</summary>
    private static readonly long Past = TimeSpan.FromHours(1).Ticks / TimeSpan.TicksPerMicrosecond;

    public async Task<Forgotten> ForgetAsync(DateTimeOffset endedBefore, long after, int max, CancellationToken cancel)
    {
        var (old, last) = await database.ReadAsync(async session =>
        {
            if (await session.NumberAsync($"select max(token) from (select token from etl_writer where token > {after} order by token limit {max}) page", cancel) is not { } end) return ([], null);
            List<long> unneeded = [];
            foreach (var (token, opened, leaseEnd) in await FreeAsync(session, endedBefore, after, end, cancel))
                if (!await HasCommittedAsync(session, token, opened, leaseEnd, cancel)) unneeded.Add(token);
            return (unneeded, (long?)end);
        }, cancel);
        if (old.Count > 0)
            await database.WriteAsync(async session =>
            {
                foreach (long[] chunk in old.Chunk(database.ListMax)) await session.ExecuteAsync($"delete from etl_writer where token in ({chunk})", cancel);
                return 0;
            }, cancel, mayBeLost: true);
        return new(old.Count, last);
    }

    /// <summary>Swept writers take up nothing again, so they stay free. Not the newest token: some stores would give it out anew after a restart.</summary>
    private static Task<List<(long Token, long Opened, long LeaseEnd)>> FreeAsync(Session session, DateTimeOffset endedBefore, long after, long last, CancellationToken cancel) => session.QueryAsync(
        $"""
        select w.token, w.opened, w.lease_end from etl_writer w
        where w.token > {after} and w.token <= {last} and w.token < (select max(token) from etl_writer) and w.state = {(int)WriterState.Swept} and w.lease_end < {Micros.Of(endedBefore)}
        and not exists (select 1 from etl_progress p where p.token = w.token) and not exists (select 1 from etl_feed f where f.token = w.token)
        and not exists (select 1 from etl_slot s where s.state = {(int)SlotState.Running} and s.token = w.token)
        and not exists (select 1 from etl_run r where r.state = {(int)RunState.Running} and r.token = w.token)
        """, static row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancel);

    /// <summary>By the commits' numbers, which are times: they have no index on tokens, which each commit would pay for.</summary>
    private static async Task<bool> HasCommittedAsync(Session session, long token, long opened, long leaseEnd, CancellationToken cancel) =>
        await session.NumberAsync($"select number from etl_commit where number >= {opened} and number <= {leaseEnd + Past} and token = {token} limit 1", cancel) is not null;
}
