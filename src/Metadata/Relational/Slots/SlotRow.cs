using System.Collections.Concurrent;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Slots;

/// <summary>A slot with the number of its row.</summary>
internal sealed record SlotRow(long Number, Slot Slot)
{
    /// <summary>When a worker may claim it, by the database's clock: the end of its lease while running; null when it is not for claiming.</summary>
    public static long? Due(Slot slot, long now) => slot.State switch
    {
        SlotState.Queued or SlotState.Retrying => slot.NotBefore is { } at ? Micros.Of(at) : now,
        SlotState.Running => Micros.Of(slot.LeaseEnd ?? throw new ArgumentException($"{slot.Id}: running without the end of its lease")),
        _ => null,
    };

    /// <summary>Letters of a reason that are kept.</summary>
    public const int ReasonMax = 2_000;

    public static string Cut(string reason) => reason.Length <= ReasonMax ? reason : reason[..(ReasonMax - 1)] + "…";
}

/// <summary>Reads and finds rows of the slot table.</summary>
internal sealed class SlotRows(Database database, NameTable names)
{
    private const string Columns = "id, step, start, finish, grain, zone, slot_key, lane, state, round, attempt, not_before, due, token, as_of, digest, version, row_count, checksum, reason";

    /// <summary>Slots named by identity in one statement.</summary>
    private const int ChunkMax = 16;

    /// <summary>Rows whose number is remembered; past it all are looked up again as they come.</summary>
    private const int RememberedMax = 100_000;

    /// <summary>Claimed rows that are remembered until their end.</summary>
    private const int ClaimedMax = 8_192;

    private readonly ConcurrentDictionary<SlotId, long> _numbers = new(WindowIdentity.Comparer);
    private readonly ConcurrentDictionary<SlotId, SlotRow> _claimed = new(WindowIdentity.Comparer);

    /// <summary>The rows by identity; those the store does not hold are left out. A row seen before is found by its number.</summary>
    /// <param name="locks">null to read; else the dialect's words for locking.</param>
    public async Task<Dictionary<SlotId, SlotRow>> FindAsync(Session session, IReadOnlyCollection<SlotId> ids, IReadOnlyDictionary<string, long> known, SqlText locks, CancellationToken cancel)
    {
        var wanted = ids.Where(id => known.ContainsKey(id.Step) && known.ContainsKey(id.Key)).Distinct()
            .OrderBy(id => known[id.Step]).ThenBy(static id => id.Window.Start).ThenBy(id => known[id.Key]).ToList(); // one order for all: no deadlock
        List<long> numbers = [];
        List<SlotId> unknown = [];
        foreach (var id in wanted)
            if (_numbers.TryGetValue(id, out var number)) numbers.Add(number);
            else unknown.Add(id);
        foreach (var chunk in unknown.Chunk(ChunkMax)) numbers.AddRange(await NumbersAsync(session, chunk, known, cancel));
        Dictionary<SlotId, SlotRow> found = new(WindowIdentity.Comparer);
        foreach (var chunk in numbers.Distinct().Order().Chunk(database.ListMax))
            foreach (var row in await ReadAsync(session, new Statement().Add($"where id in ({chunk}) order by id{locks}"), cancel)) found[row.Slot.Id] = row;
        return found;
    }

    /// <summary>Each by an index of its own: of alternatives joined by OR, SQLite reads all slots of the step.</summary>
    private static Task<List<long>> NumbersAsync(Session session, SlotId[] ids, IReadOnlyDictionary<string, long> known, CancellationToken cancel) => session.QueryAsync(
        Statement.Join(" union all ", ids.Select(id => new Statement().Add(
            $"select id from etl_slot where step = {known[id.Step]} and start = {Micros.Of(id.Window.Start)} and slot_key = {known[id.Key]} and grain = {(int)id.Window.Grain}"))),
        static row => row.GetInt64(0), cancel);

    /// <summary>Remembers rows as a claim left them: while round, attempt and token are the same, nobody changes what their end needs.</summary>
    public void Claimed(IEnumerable<SlotRow> claimed)
    {
        if (_claimed.Count > ClaimedMax) _claimed.Clear();
        foreach (var row in claimed) _claimed[row.Slot.Id] = row;
    }

    /// <summary>The rows, under their locks, whose attempts are about to end. Of those that were claimed here only what may have changed is read.</summary>
    public async Task<Dictionary<SlotId, SlotRow>> EndingAsync(Session session, IReadOnlyCollection<SlotId> ids, IReadOnlyDictionary<string, long> known, CancellationToken cancel)
    {
        Dictionary<long, SlotRow> claimed = [];
        foreach (var id in ids)
            if (_claimed.TryRemove(id, out var row)) claimed[row.Number] = row;
        Dictionary<SlotId, SlotRow> found = new(WindowIdentity.Comparer);
        foreach (var chunk in claimed.Keys.Order().Chunk(database.ListMax))
            foreach (var (number, state, round, attempt, token) in await session.QueryAsync($"select id, state, round, attempt, token from etl_slot where id in ({chunk}) order by id{database.ForUpdate}",
                static row => (row.GetInt64(0), (SlotState)row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetInt64(4)), cancel))
                if (claimed[number] is var row && (row.Slot.State, row.Slot.Round, row.Slot.Attempt, row.Slot.Token) == (state, round, attempt, token)) found[row.Slot.Id] = row;
        if (found.Count == ids.Count) return found;
        foreach (var (id, row) in await FindAsync(session, [.. ids.Where(id => !found.ContainsKey(id))], known, database.ForUpdate, cancel)) found[id] = row;
        return found;
    }

    public async Task<List<SlotRow>> ByNumberAsync(Session session, IReadOnlyList<long> numbers, Statement more, CancellationToken cancel)
    {
        List<SlotRow> rows = [];
        foreach (var chunk in numbers.Chunk(database.ListMax)) rows.AddRange(await ReadAsync(session, new Statement().Add($"where id in ({chunk}) {more}"), cancel));
        return rows;
    }

    /// <param name="tail">From WHERE on.</param>
    public async Task<List<SlotRow>> ReadAsync(Session session, Statement tail, CancellationToken cancel)
    {
        var raws = await session.QueryAsync($"select {new SqlText(Columns)} from etl_slot {tail}", static row => new Raw(row), cancel);
        var texts = await names.TextsAsync(session, raws.SelectMany(static raw => new[] { raw.Step, raw.Zone, raw.Key, raw.Digest }), cancel);
        List<SlotRow> rows = [.. raws.Select(raw => raw.ToRow(texts))];
        if (_numbers.Count + rows.Count > RememberedMax) _numbers.Clear();
        foreach (var row in rows) _numbers[row.Slot.Id] = row.Number;
        return rows;
    }

    private sealed class Raw(Row row)
    {
        private readonly long _number = row.GetInt64(0), _start = row.GetInt64(2), _finish = row.GetInt64(3);
        private readonly int _grain = row.GetInt32(4), _lane = row.GetInt32(7), _state = row.GetInt32(8), _round = row.GetInt32(9), _attempt = row.GetInt32(10);
        private readonly long? _notBefore = row.Int64OrNull(11), _due = row.Int64OrNull(12);
        private readonly long _token = row.GetInt64(13), _asOf = row.GetInt64(14), _version = row.GetInt64(16), _rows = row.GetInt64(17);
        private readonly string _checksum = row.GetString(18), _reason = row.GetString(19);

        public long Step { get; } = row.GetInt64(1);

        public long Zone { get; } = row.GetInt64(5);

        public long Key { get; } = row.GetInt64(6);

        public long Digest { get; } = row.GetInt64(15);

        public SlotRow ToRow(IReadOnlyDictionary<long, string> texts) => new(_number, new Slot
        {
            Id = new(texts[Step], new Window((Grain)_grain, Micros.ToInstant(_start), Micros.ToInstant(_finish), texts[Zone]), texts[Key]),
            State = (SlotState)_state,
            Lane = (Lane)_lane,
            Round = _round,
            Attempt = _attempt,
            NotBefore = _notBefore is { } notBefore ? Micros.ToInstant(notBefore) : null,
            LeaseEnd = (SlotState)_state == SlotState.Running && _due is { } due ? Micros.ToInstant(due) : null,
            Token = _token,
            AsOf = _asOf,
            Digest = texts[Digest],
            Version = _version,
            Rows = _rows,
            Checksum = _checksum,
            Reason = _reason,
        });
    }
}

/// <summary>What makes two slot ids the same row: step, grain, start and key; a window's end and zone follow from them.</summary>
internal sealed class WindowIdentity : IEqualityComparer<SlotId>
{
    public static WindowIdentity Comparer { get; } = new();

    public bool Equals(SlotId? one, SlotId? other) => one is null ? other is null
        : other is not null && one.Step == other.Step && one.Key == other.Key && one.Window.Grain == other.Window.Grain && one.Window.Start == other.Window.Start;

    public int GetHashCode(SlotId id) => HashCode.Combine(id.Step, id.Key, id.Window.Grain, id.Window.Start);
}
