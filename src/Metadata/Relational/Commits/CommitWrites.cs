using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata.Relational.Slots;

namespace Etl.Metadata.Relational.Commits;

/// <summary>Gathers what accepted commits of a group write, and writes it at the end in few statements. Keeps the facts up with it.</summary>
internal sealed class CommitWrites(Database database, IReadOnlyDictionary<string, long> names, CommitFacts facts, long now)
{
    private const int NoteMax = 200, DetailMax = 4_000;

    private readonly List<Statement> _commits = [], _files = [], _changed = [], _schemas = [], _rejects = [], _updates = [];
    private readonly List<(NewFile File, long Number)> _added = [];
    private readonly SlotEnds _ends = new(database, names, now);

    public void Add(PendingCommit commit, long number, Slot? slot)
    {
        _commits.Add(new Statement().Add($"{number}, {now}, {(int)commit.Kind}, {commit.Token}, {Cut(commit.Note, NoteMax)}"));
        foreach (var file in commit.Added) AddFile(file, commit.Token, number);
        foreach (var path in commit.Retired) Retire(path, commit.Token, number);
        foreach (var move in commit.Progress) Move(move, commit.Token, number);
        foreach (var change in commit.Changed.Distinct())
        {
            facts.OwnChanges.Add((change, number));
            _changed.Add(new Statement().Add($"{names[change.Dataset]}, {Micros.Of(change.Start)}, {number}"));
        }
        foreach (var schema in commit.Schemas)
            if (facts.Schemas.TryAdd((schema.Dataset, schema.Version), schema))
                _schemas.Add(new Statement().Add($"{names[schema.Dataset]}, {schema.Version}, {schema.Columns}, {schema.RegistryId}, {schema.Text}, {number}"));
        foreach (var reject in commit.Rejects) AddReject(reject, number);
        if (commit.Confirmed is { } confirmed) Confirm(confirmed, number);
        if (slot is not null) End(commit, slot, number);
    }

    public async Task WriteAsync(Session session, CancellationToken cancel)
    {
        SqlText none = new("");
        await session.InsertAsync(new("insert into etl_commit (number, at, kind, token, note)"), _commits, none, cancel);
        await session.InsertAsync(new("insert into etl_file (dataset, path, row_count, byte_count, schema_version, added_in)"), _files, none, cancel);
        await session.ExecuteManyAsync(_updates, cancel);
        await _ends.WriteAsync(session, cancel);
        await WriteFilePartsAsync(session, cancel);
        await session.InsertAsync(new("insert into etl_changed (dataset, start, number)"), _changed, database.Overwrite("dataset, start", "number"), cancel);
        await session.InsertAsync(new("insert into etl_schema (dataset, version, column_list, registry_id, avro, number)"), _schemas, none, cancel);
        foreach (var reject in _rejects) // one at a time: each may hold 128 KB
            await session.InsertAsync(new($"{database.InsertIgnore.Text} etl_reject (dataset, topic, generation, part, at_offset, reason, detail, key_bytes, value_bytes, number)"), [reject], none, cancel);
    }

    private void AddFile(NewFile file, long token, long number)
    {
        facts.Files[file.Path] = new(0, file.Rows, file.Bytes, number, token, null);
        _files.Add(new Statement().Add($"{names[file.Dataset]}, {file.Path}, {file.Rows}, {file.Bytes}, {file.SchemaVersion}, {number}"));
        _added.Add((file, number));
    }

    private void Retire(string path, long token, long number)
    {
        facts.Files[path] = facts.Files[path] with { RetiredIn = number, RetiredBy = token };
        _updates.Add(new Statement().Add($"update etl_file set retired_in = {number} where path = {path}"));
    }

    private void Move(ProgressMove move, long token, long number)
    {
        var range = move.Range;
        var before = facts.Progress[(range.Topic, range.Partition)];
        var hash = move.LastHash.Length > 0 ? move.LastHash : before.LastHash; // a range of holes leaves the last record as it was
        facts.Progress[(range.Topic, range.Partition)] = new(range.To, token, hash, null, number);
        _updates.Add(new Statement().Add(
            $"""
            update etl_progress set next_offset = {range.To}, last_hash = {hash}, landed = landed + {move.Landed}, rejected = rejected + {move.Rejected}, number = {number}
            where topic = {names[range.Topic]} and generation = {range.Generation} and part = {range.Partition}
            """));
    }

    private void AddReject(Reject reject, long number)
    {
        var cut = reject.Bytes.Length > Reject.BytesMax || reject.Key.Length > Reject.BytesMax;
        var detail = cut ? $"{reject.Detail} (cut: the key was {reject.Key.Length} bytes, the value {reject.Bytes.Length})" : reject.Detail;
        _rejects.Add(new Statement().Add(
            $"""
            {names[reject.Dataset]}, {names[reject.Topic]}, {reject.Generation}, {reject.Partition}, {reject.Offset}, {Cut(reject.Reason, NoteMax)}, {Cut(detail, DetailMax)},
            {Cut(reject.Key)}, {Cut(reject.Bytes)}, {number}
            """));
    }

    private void Confirm(PublishConfirmation confirmed, long number)
    {
        var place = PublishPlace.Of(confirmed);
        var (sink, table, grain, start) = (names[confirmed.Sink], names[confirmed.Table], (int)confirmed.Window.Grain, Micros.Of(confirmed.Window.Start));
        if (facts.Confirmed[place].Version <= confirmed.Version)
        {
            _updates.Add(new Statement().Add(
                $"""
                insert into etl_publish (sink, target, grain, start, version, number) values ({sink}, {table}, {grain}, {start}, {confirmed.Version}, {number})
                {database.Overwrite("sink, target, grain, start", "version", "number")}
                """));
            facts.Confirmed[place] = (confirmed.Version, number);
        }
        // Intents recorded after this version's own stay: the publish could not know that their keys would come.
        _updates.Add(new Statement().Add(
            $"""
            delete from etl_intent where sink = {sink} and target = {table} and grain = {grain} and start = {start} and id <= (select id from
            (select id from etl_intent where sink = {sink} and target = {table} and grain = {grain} and start = {start} and version = {confirmed.Version}) own)
            """));
    }

    private void End(PendingCommit commit, Slot slot, long number)
    {
        var end = commit.Slot!;
        var row = facts.Slots[end.Id];
        facts.Slots[end.Id] = row with { Slot = slot };
        facts.Attempts[(end.Id, end.Round, end.Attempt)] = new(commit.Token, slot.State, number);
        _ends.Add(row, end, slot, number);
    }

    private async Task WriteFilePartsAsync(Session session, CancellationToken cancel)
    {
        if (_added.Count == 0) return;
        var ids = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var chunk in _added.Chunk(200))
            foreach (var (path, id) in await session.QueryAsync($"select path, id from etl_file where path in ({chunk.Select(static each => each.File.Path).ToArray()})", Place, cancel)) ids[path] = id;
        var hours = _added.SelectMany(each => each.File.Windows.Select(window => new Statement().Add($"{names[each.File.Dataset]}, {Micros.Of(window.Start)}, {ids[each.File.Path]}, {window.Rows}")));
        var ranges = _added.SelectMany(each => each.File.Offsets.Select(range => new Statement().Add(
            $"{ids[each.File.Path]}, {names[range.Topic]}, {range.Generation}, {range.Partition}, {range.From}, {range.To}")));
        await session.InsertAsync(new("insert into etl_file_hour (dataset, start, file, row_count)"), [.. hours], new(""), cancel);
        await session.InsertAsync(new("insert into etl_file_range (file, topic, generation, part, from_offset, to_offset)"), [.. ranges], new(""), cancel);
    }

    private static (string, long) Place(Row row) => (row.GetString(0), row.GetInt64(1));

    private static string Cut(string text, int max) => text.Length <= max ? text : text[..(max - 1)] + "…";

    private static byte[] Cut(byte[] bytes) => bytes.Length <= Reject.BytesMax ? bytes : bytes[..Reject.BytesMax];
}
