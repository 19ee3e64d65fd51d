using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Slots;

internal sealed class RelationalLedger(Database database, NameTable names, SlotRows rows) : ILedger
{
    /// <summary>Slots inserted in one transaction.</summary>
    private const int PlanMax = 5_000;

    private readonly SlotClaim _claim = new(database, names, rows);
    private readonly SlotFollow _follow = new(database, names, rows);
    private readonly SlotListing _listing = new(database, names, rows);

    public async Task<int> PlanAsync(IReadOnlyList<PlannedSlot> slots, CancellationToken cancel)
    {
        if (slots.FirstOrDefault(static slot => slot.State is not (SlotState.Waiting or SlotState.Queued)) is { } wrong)
            throw new ArgumentException($"{wrong.Id.Step} {wrong.Id.Window}: a slot is planned as Waiting or Queued, not as {wrong.State}");
        var known = await names.EnterAsync(slots.SelectMany(static slot => new[] { slot.Id.Step, slot.Id.Key, slot.Id.Window.Zone }).Append(""), cancel);
        var inserted = 0;
        foreach (var chunk in slots.Chunk(PlanMax)) inserted += await database.WriteAsync(session => InsertAsync(session, chunk, known, cancel), cancel, mayBeLost: true);
        return inserted;
    }

    private async Task<int> InsertAsync(Session session, PlannedSlot[] slots, IReadOnlyDictionary<string, long> known, CancellationToken cancel)
    {
        var (_, now) = await Head.ReadAsync(session, database, cancel);
        await session.InsertAsync(new($"{database.InsertIgnore.Text} etl_step (step)"), [.. slots.Select(static slot => slot.Id.Step).Distinct().Select(step => new Statement().Add($"{known[step]}"))], new(""), cancel);
        return await session.InsertAsync(
            new($"{database.InsertIgnore.Text} etl_slot (step, start, finish, grain, zone, slot_key, lane, state, round, attempt, due, token, as_of, digest, version, row_count, checksum, reason)"),
            [.. slots.Select(slot => new Statement().Add(
                $"""
                {known[slot.Id.Step]}, {Micros.Of(slot.Id.Window.Start)}, {Micros.Of(slot.Id.Window.End)}, {(int)slot.Id.Window.Grain}, {known[slot.Id.Window.Zone]}, {known[slot.Id.Key]},
                {(int)slot.Lane}, {(int)slot.State}, 1, 0, {(slot.State == SlotState.Queued ? now : (long?)null)}, 0, 0, {known[""]}, 0, 0, '', {SlotRow.Cut(slot.Reason)}
                """))], new(""), cancel);
    }

    public Task<IReadOnlyList<Slot>> ClaimAsync(ClaimRequest request, CancellationToken cancel) => _claim.ClaimAsync(request, cancel);

    public Task<int> DueAsync(IReadOnlyCollection<string> steps, Lane? lane, int max, CancellationToken cancel) => _claim.CountAsync(steps, lane, max, cancel);

    public Task<IReadOnlyList<Slot>> FollowAsync(IReadOnlyList<FollowingSlot> slots, long token, TimeSpan lease, CancellationToken cancel) =>
        _follow.FollowAsync(slots, token, lease, (session, absent, known) => InsertAsync(session, absent, known, cancel), cancel);

    public async Task<IReadOnlyList<SlotId>> RenewAsync(IReadOnlyList<Slot> slots, TimeSpan lease, CancellationToken cancel)
    {
        if (slots.Count == 0) return [];
        var known = await FindNamesAsync(slots.Select(static slot => slot.Id), cancel);
        return await database.WriteAsync<IReadOnlyList<SlotId>>(async session =>
        {
            var found = await rows.FindAsync(session, [.. slots.Select(static slot => slot.Id)], known, database.ForUpdate, cancel);
            var held = slots.Where(slot => found.TryGetValue(slot.Id, out var row) && IsAsRead(row.Slot, slot) && row.Slot.State == SlotState.Running).ToList();
            if (held.Count == 0) return [];
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            await session.ExecuteManyAsync([.. held.Select(slot => found[slot.Id].Number).Chunk(database.ListMax).Select(chunk => new Statement().Add(
                $"update etl_slot set due = {now + SlotClaim.MicrosOf(lease)} where id in ({chunk})"))], cancel);
            return [.. held.Select(static slot => slot.Id)];
        }, cancel, mayBeLost: true);
    }

    public async Task<IReadOnlyList<SlotId>> MoveAsync(IReadOnlyList<SlotMove> moves, CancellationToken cancel)
    {
        foreach (var move in moves) SlotMoves.Require(move);
        if (moves.Count == 0) return [];
        var known = await FindNamesAsync(moves.Select(static move => move.Expected.Id), cancel);
        return await database.WriteAsync<IReadOnlyList<SlotId>>(async session =>
        {
            var found = await rows.FindAsync(session, [.. moves.Select(static move => move.Expected.Id)], known, database.ForUpdate, cancel);
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            List<Statement> updates = [];
            List<SlotId> moved = [];
            List<(Statement, int)> stories = [];
            foreach (var move in moves)
            {
                if (!found.TryGetValue(move.Expected.Id, out var row) || !IsAsRead(row.Slot, move.Expected)) continue;
                var after = SlotMoves.After(row.Slot, move);
                found[move.Expected.Id] = row with { Slot = after };
                updates.AddRange(Updates(row, after, now));
                if (row.Slot.State == SlotState.Running) stories.Add(AttemptLogRows.RowOf(row.Number, row.Slot.Round, row.Slot.Attempt, now, [new(Micros.ToInstant(now), LogSeverity.Warning, $"taken from its worker: {move.Reason}")]));
                moved.Add(move.Expected.Id);
            }
            await session.ExecuteManyAsync(updates, cancel);
            await AttemptLogRows.AppendAsync(session, database, stories, cancel);
            return moved;
        }, cancel, mayBeLost: moves.All(static move => move.To is SlotState.Waiting or SlotState.Queued));
    }

    public async Task<int> ToLiveAsync(IReadOnlyList<SlotId> slots, CancellationToken cancel)
    {
        if (slots.Count == 0) return 0;
        var known = await FindNamesAsync(slots, cancel);
        return await database.WriteAsync(async session =>
        {
            var found = await rows.FindAsync(session, slots, known, database.ForUpdate, cancel);
            var behind = found.Values.Where(static row => row.Slot.Lane != Lane.Live && !SlotTransitions.IsEnd(row.Slot.State)).Select(static row => row.Number).Order().ToList();
            await session.ExecuteManyAsync([.. behind.Chunk(database.ListMax).Select(chunk => new Statement().Add($"update etl_slot set lane = {(int)Lane.Live} where id in ({chunk})"))], cancel);
            return behind.Count;
        }, cancel, mayBeLost: true);
    }

    private static IEnumerable<Statement> Updates(SlotRow row, Slot after, long now)
    {
        long? notBefore = after.NotBefore is { } at ? Micros.Of(at) : null;
        yield return new Statement().Add(
            $"""
            update etl_slot set state = {(int)after.State}, lane = {(int)after.Lane}, round = {after.Round}, attempt = {after.Attempt}, not_before = {notBefore}, due = {SlotRow.Due(after, now)}, reason = {SlotRow.Cut(after.Reason)}
            where id = {row.Number}
            """);
        if (row.Slot.State == SlotState.Running)
            yield return new Statement().Add(
                $"""
                update etl_attempt set ended = {now}, state = {(int)after.State}, reason = {SlotRow.Cut(after.Reason)}
                where slot = {row.Number} and round = {row.Slot.Round} and attempt = {row.Slot.Attempt}
                """);
    }

    internal static bool IsAsRead(Slot now, Slot read) => now.State == read.State && now.Round == read.Round && now.Attempt == read.Attempt && now.Token == read.Token;

    public async Task<Slot?> FindAsync(SlotId id, CancellationToken cancel) => (await FindAsync([id], cancel)) is [var found] ? found : null;

    public async Task<IReadOnlyList<Slot>> FindAsync(IReadOnlyList<SlotId> ids, CancellationToken cancel)
    {
        var known = await FindNamesAsync(ids, cancel);
        var found = await database.ReadAsync(session => rows.FindAsync(session, ids, known, new(""), cancel), cancel);
        return [.. ids.Distinct(WindowIdentity.Comparer).Where(found.ContainsKey).Select(id => found[id].Slot)];
    }

    public Task<IReadOnlyList<Slot>> ListAsync(SlotFilter filter, CancellationToken cancel) => _listing.ListAsync(filter, cancel);

    public Task<IReadOnlyList<SlotCount>> CountAsync(SlotFilter filter, CancellationToken cancel) => _listing.CountAsync(filter, cancel);

    public async Task<IReadOnlyList<SlotAttempt>> AttemptsAsync(SlotId id, CancellationToken cancel)
    {
        var known = await FindNamesAsync([id], cancel);
        return await database.ReadAsync<IReadOnlyList<SlotAttempt>>(async session =>
        {
            var found = await rows.FindAsync(session, [id], known, new(""), cancel);
            if (!found.TryGetValue(id, out var row)) return [];
            return await session.QueryAsync($"select {AttemptLogRows.AttemptColumns} from etl_attempt a left join etl_writer w on w.token = a.token where a.slot = {row.Number} order by a.round, a.attempt",
                AttemptLogRows.Attempt, cancel);
        }, cancel);
    }

    private Task<IReadOnlyDictionary<string, long>> FindNamesAsync(IEnumerable<SlotId> ids, CancellationToken cancel) =>
        names.FindAsync(ids.SelectMany(static id => new[] { id.Step, id.Key }).ToHashSet(StringComparer.Ordinal), cancel);
}
