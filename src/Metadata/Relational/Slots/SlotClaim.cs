using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Slots;

/// <summary>Gives due slots to workers, none to two: first a look at who is due, by index; then locks on those rows alone, passing over what another worker holds.</summary>
internal sealed class SlotClaim(Database database, NameTable names, SlotRows rows)
{
    public const int Most = 1_000;

    /// <summary>Parts of one UNION.</summary>
    private const int UnionMax = 50;

    private static readonly Lane[] Lanes = Enum.GetValues<Lane>();

    private readonly LaneShares _shares = new();
    private readonly SlotStarts _starts = new(database, rows);

    public async Task<IReadOnlyList<Slot>> ClaimAsync(ClaimRequest request, CancellationToken cancel)
    {
        if (request.Max is < 1 or > Most) throw new ArgumentException($"claim: found {request.Max} slots wanted, expected 1 to {Most}");
        var lease = MicrosOf(request.Lease);
        var steps = (await names.FindAsync(request.Steps.ToHashSet(StringComparer.Ordinal), cancel)).Values.Order().ToList();
        if (steps.Count == 0) return [];
        return await database.WriteAsync<IReadOnlyList<Slot>>(async session =>
        {
            var (head, now) = await Head.ReadAsync(session, database, cancel);
            if (!await SlotStarts.IsOpenAsync(session, request.Token, cancel)) return [];
            var due = await DueAsync(session, steps, request, now, cancel);
            var held = await HoldAsync(session, due, request.Max, now, cancel);
            if (held.Count == 0) return [];
            await CloseLostAttemptsAsync(session, held, now, cancel);
            return await _starts.StartAsync(session, held, request.Token, lease, head, now, cancel);
        }, cancel, mayBeLost: true);
    }

    public async Task<int> CountAsync(IReadOnlyCollection<string> steps, Lane? lane, int max, CancellationToken cancel)
    {
        if (max is < 1 or > Most) throw new ArgumentException($"due: found {max} slots wanted, expected 1 to {Most}");
        var known = (await names.FindAsync(steps.ToHashSet(StringComparer.Ordinal), cancel)).Values.Order().ToList();
        var count = 0;
        foreach (var chunk in known.SelectMany(step => Lanes.Where(each => lane is null || each == lane).Select(each => (step, lane: each))).Chunk(UnionMax))
        {
            if (count >= max) break;
            var parts = chunk.Select(each => new Statement().Add($"select * from (select id from etl_slot where step = {each.step} and lane = {(int)each.lane} and due <= {database.Clock} limit {max}) part"));
            count += (await database.ReadAsync(session => session.QueryAsync(Statement.Join(" union all ", parts), static row => row.GetInt64(0), cancel), cancel)).Count;
        }
        return Math.Min(count, max);
    }

    /// <summary>Rows that are due, each lane by its share, in it whoever waited longest.</summary>
    private async Task<List<long>> DueAsync(Session session, List<long> steps, ClaimRequest request, long now, CancellationToken cancel)
    {
        int max = request.Max;
        List<(long Number, long Lane, long Due)> due = [];
        foreach (var chunk in steps.SelectMany(step => Lanes.Where(lane => request.Lane is null || lane == request.Lane).Select(lane => (step, lane))).Chunk(UnionMax))
        {
            var parts = chunk.Select(each => new Statement().Add(
                $"select * from (select id, lane, due from etl_slot where step = {each.step} and lane = {(int)each.lane} and due <= {now} order by due, id limit {max * database.ClaimLookAhead}) part"));
            due.AddRange(await session.QueryAsync(Statement.Join(" union all ", parts), static row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancel));
        }
        return _shares.Mix([.. due.OrderBy(static row => row.Due).ThenBy(static row => row.Number).Select(static row => ((Lane)row.Lane, row.Number))], max, database.ClaimLookAhead);
    }

    private async Task<List<SlotRow>> HoldAsync(Session session, List<long> due, int max, long now, CancellationToken cancel)
    {
        List<SlotRow> held = [];
        for (var next = 0; next < due.Count && held.Count < max;)
        {
            var chunk = due.Slice(next, Math.Min(max - held.Count, due.Count - next));
            next += chunk.Count;
            var order = chunk.Index().ToDictionary(static each => each.Item, static each => each.Index);
            // By number: the plus keeps SQLite from the index on states, where it would read all that is queued.
            var free = await rows.ByNumberAsync(session, chunk, new Statement().Add(
                $"and +due <= {now} and +state in ({(int)SlotState.Queued}, {(int)SlotState.Retrying}, {(int)SlotState.Running}) order by id{database.ForUpdateSkipLocked}"), cancel);
            held.AddRange(free.OrderBy(row => order[row.Number]));
        }
        return held;
    }

    /// <summary>A running slot that is due is one whose lease is over: its worker stopped or hangs.</summary>
    private async Task CloseLostAttemptsAsync(Session session, List<SlotRow> held, long now, CancellationToken cancel)
    {
        await session.ExecuteManyAsync([.. held.Where(static row => row.Slot.State == SlotState.Running).Select(row => new Statement().Add(
            $"""
            update etl_attempt set ended = {now}, state = {(int)SlotState.Retrying}, reason = 'lease over'
            where slot = {row.Number} and round = {row.Slot.Round} and attempt = {row.Slot.Attempt} and ended is null
            """))], cancel);
        await AttemptLogRows.AppendAsync(session, database, [.. held.Where(static row => row.Slot.State == SlotState.Running).Select(row => AttemptLogRows.RowOf(row.Number, row.Slot.Round, row.Slot.Attempt, now,
            [new(Micros.ToInstant(now), LogSeverity.Error, $"lease over: its worker (token {row.Slot.Token}) was killed, or has not renewed it; what it said in its last seconds is lost. Another attempt begins")]))], cancel);
    }

    public static long MicrosOf(TimeSpan lease) => lease > TimeSpan.Zero ? lease.Ticks / TimeSpan.TicksPerMicrosecond : throw new ArgumentException($"lease: found {lease}, expected more than zero");
}
