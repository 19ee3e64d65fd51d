using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Slots;

/// <summary>Forgets attempts that nobody needs any more, by pages of slots: there is no index on when attempts ended, which each end would pay for.</summary>
internal sealed class OldAttempts(Database database)
{
    private static readonly List<long> Ends = [.. Enum.GetValues<SlotState>().Where(SlotTransitions.IsEnd).Select(static state => (long)state)];

    public async Task<Forgotten> ForgetAsync(DateTimeOffset endedBefore, long after, int slots, CancellationToken cancel)
    {
        var (old, last) = await database.ReadAsync(async session =>
        {
            if (await session.NumberAsync($"select max(id) from (select id from etl_slot where id > {after} order by id limit {slots}) page", cancel) is not { } end) return ([], null);
            return (await OldAsync(session, endedBefore, after, end, cancel), (long?)end);
        }, cancel);
        if (old.Count > 0) await database.WriteAsync(session => DeleteAsync(session, old, cancel), cancel, mayBeLost: true);
        return new(old.Count, last);
    }

    /// <summary>Once old, always old: a slot's round, last attempt and last success only move on.</summary>
    private static Task<List<(long Slot, long Round, long Attempt)>> OldAsync(Session session, DateTimeOffset endedBefore, long after, long last, CancellationToken cancel) => session.QueryAsync(
        $"""
        select a.slot, a.round, a.attempt from etl_attempt a join etl_slot s on s.id = a.slot
        where a.slot > {after} and a.slot <= {last} and a.ended < {Micros.Of(endedBefore)}
        and (a.round < s.round or (s.state in ({Ends}) and a.attempt < s.attempt))
        and (s.version = 0 or a.number <> s.version)
        and (a.state <> {(int)SlotState.Done} or exists (
          select 1 from etl_attempt n where n.slot = a.slot and n.state = {(int)SlotState.Done} and (n.round > a.round or (n.round = a.round and n.attempt > a.attempt))))
        """, static row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancel);

    private static async Task<int> DeleteAsync(Session session, IReadOnlyList<(long Slot, long Round, long Attempt)> old, CancellationToken cancel)
    {
        await session.ExecuteManyAsync([.. old.Select(static each => new Statement().Add($"delete from etl_attempt_log where slot = {each.Slot} and round = {each.Round} and attempt = {each.Attempt}"))], cancel);
        await session.ExecuteManyAsync([.. old.Select(static each => new Statement().Add($"delete from etl_attempt where slot = {each.Slot} and round = {each.Round} and attempt = {each.Attempt}"))], cancel);
        return old.Count;
    }
}
