using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Slots;

/// <summary>Reads and forgets the attempts' logs.</summary>
internal sealed class RelationalAttemptLogs(Database database, NameTable names, SlotRows rows) : IAttemptLogs
{
    private readonly OldAttempts _old = new(database);

    public async Task<IReadOnlyList<AttemptStory>> OfAsync(SlotId slot, CancellationToken cancel)
    {
        var known = await names.FindAsync(new HashSet<string>(StringComparer.Ordinal) { slot.Step, slot.Key }, cancel);
        return await database.ReadAsync<IReadOnlyList<AttemptStory>>(async session =>
        {
            if (!(await rows.FindAsync(session, [slot], known, new(""), cancel)).TryGetValue(slot, out var row)) return [];
            return await session.QueryAsync(
                $"""
                select {AttemptLogRows.AttemptColumns}, l.body from etl_attempt a left join etl_writer w on w.token = a.token
                left join etl_attempt_log l on l.slot = a.slot and l.round = a.round and l.attempt = a.attempt where a.slot = {row.Number} order by a.round, a.attempt
                """, each => new AttemptStory(row.Slot.Id, AttemptLogRows.Attempt(each), AttemptLogRows.Read(each.StringOrNull(9))), cancel);
        }, cancel);
    }

    public async Task<int> KeepAsync(IReadOnlyList<RunningLog> logs, CancellationToken cancel)
    {
        if (logs.Count == 0) return 0;
        var known = await names.FindAsync(logs.SelectMany(static log => new[] { log.Slot.Id.Step, log.Slot.Id.Key }).ToHashSet(StringComparer.Ordinal), cancel);
        return await database.WriteAsync(async session =>
        {
            // A row that is locked is about to end, and its end writes more.
            var found = await rows.FindAsync(session, [.. logs.Select(static log => log.Slot.Id)], known, database.ForUpdateSkipLocked, cancel);
            var running = logs.Where(log => found.TryGetValue(log.Slot.Id, out var row) && row.Slot.State == SlotState.Running && RelationalLedger.IsAsRead(row.Slot, log.Slot)).ToList();
            if (running.Count == 0) return 0;
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            await AttemptLogRows.WriteAsync(session, database, [.. running.Select(log => AttemptLogRows.RowOf(found[log.Slot.Id].Number, log.Slot.Round, log.Slot.Attempt, now, log.Lines))], cancel);
            return running.Count;
        }, cancel, mayBeLost: true);
    }

    public async Task<IReadOnlyList<AttemptStory>> BetweenAsync(SlotFilter slots, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        var where = new Statement().Add($"l.ended >= {Micros.Of(from)} and l.ended < {Micros.Of(to)}");
        if (slots.Steps is { } some)
        {
            var steps = (await names.FindAsync(some.ToHashSet(StringComparer.Ordinal), cancel)).Values.Order().ToList();
            if (steps.Count == 0) return [];
            where.Add($" and s.step in ({steps})");
        }
        if (slots.States is { Count: > 0 } states) where.Add($" and a.state in ({states.Select(static state => (long)state).Distinct().ToList()})");
        if (slots.From is { } first) where.Add($" and s.start >= {Micros.Of(first)}");
        if (slots.To is { } last) where.Add($" and s.start < {Micros.Of(last)}");
        return await database.ReadAsync<IReadOnlyList<AttemptStory>>(async session =>
        {
            var found = await session.QueryAsync(
                $"""
                select {AttemptLogRows.AttemptColumns}, l.body, l.slot from etl_attempt_log l join etl_slot s on s.id = l.slot
                join etl_attempt a on a.slot = l.slot and a.round = l.round and a.attempt = l.attempt left join etl_writer w on w.token = a.token
                where {where} order by l.ended desc, l.slot desc, l.round desc, l.attempt desc limit {slots.Max}
                """, static each => (Attempt: AttemptLogRows.Attempt(each), Lines: AttemptLogRows.Read(each.StringOrNull(9)), Slot: each.GetInt64(10)), cancel);
            var ids = (await rows.ByNumberAsync(session, [.. found.Select(static each => each.Slot).Distinct()], new(), cancel)).ToDictionary(static row => row.Number, static row => row.Slot.Id);
            return [.. found.AsEnumerable().Reverse().Select(each => new AttemptStory(ids[each.Slot], each.Attempt, each.Lines))];
        }, cancel);
    }

    public Task<Forgotten> ForgetAttemptsAsync(DateTimeOffset endedBefore, long after, int slots, CancellationToken cancel) => _old.ForgetAsync(endedBefore, after, slots, cancel);

    public Task<int> ForgetAsync(DateTimeOffset endedBefore, int max, CancellationToken cancel) => database.WriteAsync(async session =>
    {
        long before = Micros.Of(endedBefore);
        long last = await session.NumberAsync($"select ended from etl_attempt_log where ended < {before} order by ended limit 1 offset {Math.Max(0, max - 1)}", cancel) ?? before - 1;
        return await session.ExecuteAsync($"delete from etl_attempt_log where ended <= {last}", cancel);
    }, cancel, mayBeLost: true);
}
