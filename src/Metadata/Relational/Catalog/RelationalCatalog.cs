using Etl.Contracts.Commits;
using Etl.Contracts.Time;

namespace Etl.Metadata.Relational.Catalog;

/// <summary>The catalog's parts behind one seam: files, progress, and what is known of datasets.</summary>
internal sealed class RelationalCatalog(Database database, NameTable names, Head head) : ILakeCatalog
{
    private readonly FileTable _files = new(database, names);
    private readonly ProgressTable _progress = new(database, names, head);
    private readonly RejectTable _rejects = new(database, names);

    public async Task<DateTimeOffset> NowAsync(CancellationToken cancel) =>
        Micros.ToInstant(await database.ReadAsync(session => session.FirstAsync($"select {database.Clock}", static row => row.GetInt64(0), cancel), cancel));

    public Task<IReadOnlyList<string>> DatasetsAsync(CancellationToken cancel) => database.ReadAsync<IReadOnlyList<string>>(async session =>
    {
        var numbers = await session.QueryAsync($"select dataset from etl_schema union select dataset from etl_file", static row => row.GetInt64(0), cancel);
        return [.. (await names.TextsAsync(session, numbers, cancel)).Values.Order(StringComparer.Ordinal)];
    }, cancel);

    public Task<IReadOnlyList<DatasetSchema>> SchemasAsync(string dataset, CancellationToken cancel) => OfAsync<DatasetSchema>(dataset, async (session, number) =>
        await session.QueryAsync($"select version, column_list, registry_id, avro from etl_schema where dataset = {number} order by version",
            row => new DatasetSchema(dataset, row.GetInt32(0), row.GetString(1), row.GetInt32(2), row.GetString(3)), cancel), cancel);

    public Task<IReadOnlyList<LakeFile>> FilesAsync(string dataset, DateTimeOffset from, DateTimeOffset to, long asOf, CancellationToken cancel) => OfAsync(dataset, (session, number) => _files.ReadAsync(session,
        new Statement().Add(
            $"""
            f.id in (select file from etl_file_hour where dataset = {number} and start >= {Micros.Of(from)} and start < {Micros.Of(to)})
            and f.added_in <= {asOf} and (f.retired_in is null or f.retired_in > {asOf})
            """), cancel), cancel);

    public Task<IReadOnlyList<LakeFile>> FilesAsync(string dataset, long asOf, CancellationToken cancel) => OfAsync(dataset, (session, number) => _files.ReadAsync(session,
        new Statement().Add($"f.dataset = {number} and f.added_in <= {asOf} and (f.retired_in is null or f.retired_in > {asOf})"), cancel), cancel);

    public Task<IReadOnlySet<string>> ListedAsync(IReadOnlyCollection<string> paths, CancellationToken cancel) => _files.ListedAsync(paths, cancel);

    public Task<IReadOnlyList<LakeFile>> VacuumableAsync(DateTimeOffset retiredBefore, CancellationToken cancel) => _files.VacuumableAsync(retiredBefore, cancel);

    public Task ForgetAsync(IReadOnlyCollection<string> paths, CancellationToken cancel) => _files.ForgetAsync(paths, cancel);

    public Task<IReadOnlyList<ChangedWindow>> ChangedAsync(string dataset, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel) => OfAsync<ChangedWindow>(dataset, async (session, number) =>
        await session.QueryAsync($"select start, number from etl_changed where dataset = {number} and start >= {Micros.Of(from)} and start < {Micros.Of(to)} order by start",
            row => new ChangedWindow(dataset, Micros.ToInstant(row.GetInt64(0)), row.GetInt64(1)), cancel), cancel);

    public Task<IReadOnlyList<WindowRows>> RowsAsync(string dataset, DateTimeOffset from, DateTimeOffset to, long asOf, CancellationToken cancel) => OfAsync<WindowRows>(dataset, async (session, number) =>
        await session.QueryAsync(
            $"""
            select h.start, cast(sum(h.row_count) as signed) from etl_file_hour h join etl_file f on f.id = h.file
            where h.dataset = {number} and h.start >= {Micros.Of(from)} and h.start < {Micros.Of(to)} and f.added_in <= {asOf} and (f.retired_in is null or f.retired_in > {asOf})
            group by h.start order by h.start
            """, static row => new WindowRows(Micros.ToInstant(row.GetInt64(0)), row.GetInt64(1)), cancel), cancel);

    public Task<IReadOnlyList<PartitionProgress>> ProgressAsync(string topic, CancellationToken cancel) => _progress.ReadAsync(topic, cancel);

    public Task<IReadOnlyList<PartitionProgress>> TakeAsync(string topic, string topicId, IReadOnlyCollection<int> partitions, long token, CancellationToken cancel) =>
        _progress.TakeAsync(topic, topicId, partitions, token, cancel);

    public Task HaltAsync(string topic, int partition, string reason, CancellationToken cancel) => _progress.HaltAsync(topic, partition, reason, cancel);

    public Task AcceptResetAsync(string topic, string topicId, IReadOnlyDictionary<int, long> from, CancellationToken cancel) => _progress.AcceptResetAsync(topic, topicId, from, cancel);

    public async Task<DateTimeOffset?> FrontierAsync(string dataset, CancellationToken cancel)
    {
        if (await names.FindAsync(dataset, cancel) is not { } number) return null;
        return await database.ReadAsync(session => session.NumberAsync($"select at from etl_frontier where dataset = {number}", cancel), cancel) is { } at ? Micros.ToInstant(at) : null;
    }

    public async Task MoveFrontierAsync(string dataset, DateTimeOffset frontier, CancellationToken cancel)
    {
        var number = (await names.EnterAsync([dataset], cancel))[dataset];
        // Mostly it is there and moves: one statement. The insert leaves alone what is there.
        if (await database.WriteOneAsync(new Statement().Add($"update etl_frontier set at = {Micros.Of(frontier)} where dataset = {number} and at < {Micros.Of(frontier)}"), cancel) > 0) return;
        await database.WriteOneAsync(new Statement().Add($"{database.InsertIgnore} etl_frontier (dataset, at) values ({number}, {Micros.Of(frontier)})"), cancel);
    }

    public Task<IReadOnlyList<StoredReject>> RejectsAsync(string? dataset, int max, CancellationToken cancel) => _rejects.NewestAsync(dataset, max, cancel);

    public Task<StoredReject?> RejectAsync(long id, CancellationToken cancel) => _rejects.FindAsync(id, cancel);

    /// <summary>Reads something of a dataset; a name that the store has never met has nothing.</summary>
    private async Task<IReadOnlyList<T>> OfAsync<T>(string dataset, Func<Session, long, Task<List<T>>> read, CancellationToken cancel) =>
        await names.FindAsync(dataset, cancel) is { } number ? await database.ReadAsync(session => read(session, number), cancel) : [];
}
