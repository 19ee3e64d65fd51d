using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata.Relational.Slots;

namespace Etl.Metadata.Relational.Commits;

/// <summary>Reads what the store holds about a group of pending commits, in a bounded number of statements.</summary>
internal sealed class CommitFactsReader(Session session, IReadOnlyDictionary<string, long> names, SlotRows slots, CancellationToken cancel)
{
    /// <summary>Values in one list.</summary>
    private const int ChunkMax = 256;

    /// <summary>Parts of one UNION.</summary>
    private const int UnionMax = 50;

    public async Task<CommitFacts> ReadAsync(IReadOnlyList<PendingCommit> commits)
    {
        var facts = new CommitFacts();
        await ReadTokensAsync(commits, facts);
        await ReadFilesAsync(commits, facts);
        await ReadProgressAsync(commits, facts);
        await ReadSchemasAsync(commits, facts);
        await ReadSlotsAsync(commits, facts);
        await ReadInputChangesAsync(commits, facts);
        await ReadConfirmedAsync(commits, facts);
        return facts;
    }

    private async Task ReadTokensAsync(IReadOnlyList<PendingCommit> commits, CommitFacts facts)
    {
        foreach (var chunk in commits.Select(static commit => commit.Token).Distinct().Chunk(ChunkMax))
            facts.OpenTokens.UnionWith(await session.QueryAsync($"select token from etl_writer where token in ({chunk}) and state = {(int)WriterState.Open}", static row => row.GetInt64(0), cancel));
    }

    private async Task ReadFilesAsync(IReadOnlyList<PendingCommit> commits, CommitFacts facts)
    {
        var paths = commits.SelectMany(static commit => commit.Added.Select(static file => file.Path).Concat(commit.Retired)).Distinct(StringComparer.Ordinal);
        foreach (var chunk in paths.Chunk(ChunkMax))
            foreach (var (path, fact) in await session.QueryAsync(
                $"""
                select f.path, f.id, f.row_count, f.byte_count, f.added_in, a.token, f.retired_in, r.token from etl_file f
                join etl_commit a on a.number = f.added_in left join etl_commit r on r.number = f.retired_in where f.path in ({chunk})
                """,
                static row => (row.GetString(0), new FileFact(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.Int64OrNull(6), row.Int64OrNull(7))), cancel))
                facts.Files.Add(path, fact);
    }

    private async Task ReadProgressAsync(IReadOnlyList<PendingCommit> commits, CommitFacts facts)
    {
        foreach (var topic in commits.SelectMany(static commit => commit.Progress.Select(static move => move.Range.Topic)).Distinct(StringComparer.Ordinal))
            foreach (var (generation, partition, fact) in await session.QueryAsync(
                $"""
                select generation, part, next_offset, token, last_hash, halt, number from etl_progress
                where topic = {names[topic]} and generation = (select max(generation) from etl_progress where topic = {names[topic]})
                """,
                static row => (row.GetInt32(0), row.GetInt32(1), new ProgressFact(row.GetInt64(2), row.GetInt64(3), row.GetString(4), row.StringOrNull(5), row.GetInt64(6))), cancel))
            {
                facts.Generations[topic] = generation;
                facts.Progress[(topic, partition)] = fact;
            }
    }

    private async Task ReadSchemasAsync(IReadOnlyList<PendingCommit> commits, CommitFacts facts)
    {
        foreach (var dataset in commits.SelectMany(static commit => commit.Schemas.Select(static schema => schema.Dataset)).Distinct(StringComparer.Ordinal))
            foreach (var schema in await session.QueryAsync(
                $"select version, column_list, registry_id, avro from etl_schema where dataset = {names[dataset]}",
                row => new DatasetSchema(dataset, row.GetInt32(0), row.GetString(1), row.GetInt32(2), row.GetString(3)), cancel))
                facts.Schemas[(dataset, schema.Version)] = schema;
    }

    private async Task ReadSlotsAsync(IReadOnlyList<PendingCommit> commits, CommitFacts facts)
    {
        var ends = commits.Where(static commit => commit.Slot is not null).ToList();
        if (ends.Count == 0) return;
        foreach (var (id, row) in await slots.EndingAsync(session, [.. ends.Select(static commit => commit.Slot!.Id)], names, cancel)) facts.Slots[id] = row;
        foreach (var commit in ends)
        {
            var end = commit.Slot!;
            if (!facts.Slots.TryGetValue(end.Id, out var row) || (row.Slot.State == SlotState.Running && row.Slot.Round == end.Round && row.Slot.Attempt == end.Attempt)) continue;
            var attempt = await session.FirstAsync(
                $"select token, state, number from etl_attempt where slot = {row.Number} and round = {end.Round} and attempt = {end.Attempt} and number > 0",
                static each => new AttemptFact(each.GetInt64(0), (SlotState)each.GetInt32(1), each.GetInt64(2)), cancel);
            if (attempt is not null) facts.Attempts[(end.Id, end.Round, end.Attempt)] = attempt;
        }
    }

    private async Task ReadInputChangesAsync(IReadOnlyList<PendingCommit> commits, CommitFacts facts)
    {
        var inputs = commits.Where(static commit => commit.Slot?.State == SlotState.Done).SelectMany(static commit => commit.Slot!.Inputs).Distinct();
        foreach (var chunk in inputs.Chunk(UnionMax))
        {
            var parts = chunk.Select((input, index) => new Statement().Add(
                $"select {index}, max(number) from etl_changed where dataset = {names[input.Dataset]} and start >= {Micros.Of(input.From)} and start < {Micros.Of(input.To)}"));
            foreach (var (index, number) in await session.QueryAsync(Statement.Join(" union all ", parts), static row => (row.GetInt32(0), row.Int64OrNull(1)), cancel))
                if (number is { } last) facts.InputChanges[chunk[index]] = last;
        }
    }

    private async Task ReadConfirmedAsync(IReadOnlyList<PendingCommit> commits, CommitFacts facts)
    {
        foreach (var confirmed in commits.Where(static commit => commit.Confirmed is not null).Select(static commit => commit.Confirmed!))
        {
            var (version, number) = await session.FirstAsync(
                $"""
                select version, number from etl_publish where sink = {names[confirmed.Sink]} and target = {names[confirmed.Table]}
                and grain = {(int)confirmed.Window.Grain} and start = {Micros.Of(confirmed.Window.Start)}
                """,
                static row => (row.GetInt64(0), row.GetInt64(1)), cancel);
            facts.Confirmed[PublishPlace.Of(confirmed)] = (version, number);
        }
    }
}
