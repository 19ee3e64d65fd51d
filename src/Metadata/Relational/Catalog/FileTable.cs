using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Catalog;

/// <summary>The lake's files, live and retired.</summary>
internal sealed class FileTable(Database database, NameTable names)
{
    /// <summary>Paths in one list.</summary>
    private const int ChunkMax = 256;

    /// <param name="condition">On <c>etl_file f</c>.</param>
    /// <returns>Ordered by path.</returns>
    public async Task<List<LakeFile>> ReadAsync(Session session, Statement condition, CancellationToken cancel)
    {
        var rows = await session.QueryAsync(
            $"""
            select f.id, f.dataset, f.path, f.row_count, f.byte_count, f.schema_version, f.added_in, f.retired_in, r.topic, r.generation, r.part, r.from_offset, r.to_offset
            from etl_file f left join etl_file_range r on r.file = f.id where {condition} order by f.path, r.topic, r.generation, r.part, r.from_offset
            """,
            static row => (Id: row.GetInt64(0), Dataset: row.GetInt64(1), File: new LakeFile("", row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.GetInt32(5), row.GetInt64(6), row.Int64OrNull(7), []),
                Topic: row.Int64OrNull(8), Range: row.IsDBNull(8) ? null : new OffsetRange("", row.GetInt32(9), row.GetInt32(10), row.GetInt64(11), row.GetInt64(12))), cancel);
        var texts = await names.TextsAsync(session, rows.SelectMany(static row => row.Topic is { } topic ? new[] { row.Dataset, topic } : [row.Dataset]), cancel);
        return [.. rows.GroupBy(static row => row.Id).Select(group => group.First().File with
        {
            Dataset = texts[group.First().Dataset],
            Offsets = [.. group.Where(static row => row.Range is not null).Select(row => row.Range! with { Topic = texts[row.Topic!.Value] })],
        })];
    }

    public async Task<IReadOnlySet<string>> ListedAsync(IReadOnlyCollection<string> paths, CancellationToken cancel)
    {
        var listed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var chunk in paths.Distinct(StringComparer.Ordinal).Chunk(ChunkMax))
            listed.UnionWith(await database.ReadAsync(session => session.QueryAsync($"select path from etl_file where path in ({chunk})", static row => row.GetString(0), cancel), cancel));
        return listed;
    }

    /// <remarks>
    /// A running slot reads as of its claim. A publish reads the result file of its version, and the keys of the versions that may be in the sink:
    /// the last confirmed one and all intended since (a confirmation takes earlier intents out). A result's file was added by the commit whose number is its
    /// version; that commit may have added files of other windows too (adopt), which the window's start tells apart.
    /// </remarks>
    public async Task<IReadOnlyList<LakeFile>> VacuumableAsync(DateTimeOffset retiredBefore, CancellationToken cancel) => await database.ReadAsync(async session =>
    {
        // Instants stand for commit numbers: a number is never below its commit's time.
        var oldest = await session.NumberAsync($"select min(as_of) from etl_slot where state = {(int)SlotState.Running}", cancel) ?? long.MaxValue;
        return await ReadAsync(session, new Statement().Add(
            $"""
            f.retired_in < {Micros.Of(retiredBefore)} and f.retired_in <= {oldest}
            and not exists (select 1 from etl_intent i join etl_file_hour h on h.start = i.start where i.version = f.added_in and h.file = f.id)
            and not exists (select 1 from etl_publish p join etl_file_hour h on h.start = p.start where p.version = f.added_in and h.file = f.id)
            """), cancel);
    }, cancel);

    /// <summary>Deletes the rows of retired files; a live one stays.</summary>
    public async Task ForgetAsync(IReadOnlyCollection<string> paths, CancellationToken cancel)
    {
        foreach (var chunk in paths.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Chunk(ChunkMax))
            await database.WriteAsync(async session =>
            {
                var files = await session.QueryAsync($"select id from etl_file where path in ({chunk}) and retired_in is not null", static row => row.GetInt64(0), cancel);
                if (files.Count == 0) return 0;
                await session.ExecuteAsync($"delete from etl_file_hour where file in ({files})", cancel);
                await session.ExecuteAsync($"delete from etl_file_range where file in ({files})", cancel);
                return await session.ExecuteAsync($"delete from etl_file where id in ({files})", cancel);
            }, cancel);
    }
}
