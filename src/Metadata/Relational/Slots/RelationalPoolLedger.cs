using Etl.Contracts.Workflow;
using Etl.Metadata.Relational.Commits;

namespace Etl.Metadata.Relational.Slots;

internal sealed class RelationalPoolLedger(Database database, NameTable names) : IPoolLedger
{
    public async Task<IReadOnlyList<long>> TakeAsync(PoolTake take, CancellationToken cancel)
    {
        if (take.Size < 1 || take.Most < 1) throw new ArgumentException($"pool {take.Pool}: found {take.Most} places of {take.Size} wanted, expected 1 or more of 1 or more");
        long pool = (await names.EnterAsync([take.Pool], cancel))[take.Pool], lease = SlotClaim.MicrosOf(take.Lease);
        return await database.WriteAsync<IReadOnlyList<long>>(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            await LockAsync(session, pool, cancel);
            if (!await SlotStarts.IsOpenAsync(session, take.Token, cancel)) return [];
            var rows = await session.QueryAsync(
                $"""
                select p.id, p.token, p.who, p.lane, p.waits, case when p.lease_end > {now} and w.state = {(int)WriterState.Open} then 0 else 1 end
                from etl_pool_place p left join etl_writer w on w.token = p.token where p.pool = {pool} order by p.id
                """, static row => new PoolRow(row.GetInt64(0), row.GetInt64(1), row.GetString(2), (Lane)row.GetInt32(3), row.GetInt32(4) == 1, row.GetInt32(5) == 1), cancel);
            int given = PoolTurns.Given(rows, take);
            var (turn, gone) = (PoolTurns.OwnTurn(rows, take), rows.Where(static row => row.IsOver).Select(static row => row.Number).ToList());
            if (given == 0 && turn is not null) await session.ExecuteAsync($"update etl_pool_place set lease_end = {now + SlotClaim.MicrosOf(IPoolLedger.TurnKept)} where id = {turn.Number}", cancel);
            else if (turn is not null) gone.Add(turn.Number);
            foreach (var chunk in gone.Order().Chunk(database.ListMax)) await session.ExecuteAsync($"delete from etl_pool_place where id in ({chunk})", cancel);
            if (given == 0 && turn is not null) return [];
            var fresh = given == 0 ? Row(pool, take, waits: 1, now + SlotClaim.MicrosOf(IPoolLedger.TurnKept)) : Row(pool, take, waits: 0, now + lease);
            await session.InsertAsync(new("insert into etl_pool_place (pool, token, who, lane, waits, lease_end)"), [.. Enumerable.Repeat(fresh, Math.Max(1, given))], new(""), cancel);
            // The newest are ours: the pool is locked.
            return given == 0 ? [] : await session.QueryAsync($"select id from etl_pool_place where pool = {pool} order by id desc limit {given}", static row => row.GetInt64(0), cancel);
        }, cancel, mayBeLost: true);
    }

    public Task GiveAsync(IReadOnlyCollection<long> places, long token, CancellationToken cancel) =>
        EachAsync(places, chunk => new Statement().Add($"delete from etl_pool_place where id in ({chunk}) and token = {token}"), cancel);

    public Task RenewAsync(IReadOnlyCollection<long> places, long token, TimeSpan lease, CancellationToken cancel) =>
        EachAsync(places, chunk => new Statement().Add($"update etl_pool_place set lease_end = {database.Clock} + {SlotClaim.MicrosOf(lease)} where id in ({chunk}) and token = {token}"), cancel);

    private async Task EachAsync(IReadOnlyCollection<long> places, Func<long[], Statement> change, CancellationToken cancel)
    {
        foreach (var chunk in places.Order().Chunk(database.ListMax)) await database.WriteOneAsync(change(chunk), cancel, mayBeLost: true);
    }

    /// <summary>One taker of a pool at a time, until the transaction ends.</summary>
    private async Task LockAsync(Session session, long pool, CancellationToken cancel)
    {
        if (await session.NumberAsync($"select pool from etl_pool where pool = {pool}{database.ForUpdate}", cancel) is not null) return;
        await session.InsertAsync(new($"{database.InsertIgnore.Text} etl_pool (pool)"), [new Statement().Add($"{pool}")], new(""), cancel);
        await session.NumberAsync($"select pool from etl_pool where pool = {pool}{database.ForUpdate}", cancel);
    }

    private static Statement Row(long pool, PoolTake take, int waits, long end) => new Statement().Add($"{pool}, {take.Token}, {take.Who}, {(int)take.Lane}, {waits}, {end}");
}
