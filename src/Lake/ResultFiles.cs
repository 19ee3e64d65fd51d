using Etl.Codecs.Columns;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Lake.DuckDb;
using Etl.Metadata;

namespace Etl.Lake;

/// <summary>Results as datasets: one file for each window that has rows.</summary>
internal sealed class ResultFiles(IMetadata store, DuckDatabase database, LakeFiles files, LakeWriter writer)
{
    public async Task<PendingCommit> WriteAsync(string dataset, LakeResult result, long token, CancellationToken cancel)
    {
        var start = result.Window.Start;
        var (schema, isNew) = await SchemaAsync(dataset, result.Rows.Fields, cancel);
        var before = await FilesAsync(dataset, result.Window, await store.Commits.HeadAsync(cancel), cancel);
        var footer = new LakeFooter { Schema = schema, Windows = [new(start, result.Rows.RowCount)], AsOf = result.AsOf };
        return new()
        {
            Kind = CommitKind.Build,
            Token = token,
            Added = result.Rows.RowCount == 0 ? [] : [await writer.WriteAsync(footer, result.Rows, token, cancel)],
            Retired = [.. before.Select(file => file.Path)],
            Changed = [new(dataset, start)],
            Schemas = isNew ? [schema] : [],
            Note = $"{dataset} {result.Window}: {result.Rows.RowCount} rows as of {result.AsOf}",
        };
    }

    public async Task<ColumnBatch> ReadAsync(string dataset, Window window, IReadOnlyList<string> key, long asOf, CancellationToken cancel)
    {
        var there = await FilesAsync(dataset, window, asOf, cancel);
        var view = await ViewAsync(dataset, cancel);
        var columns = view.Columns.Where(column => column.Type.Kind != ColumnKind.Bytes).Select(column => Sql.Name(column.Name));
        return await FetchAsync($"SELECT {string.Join(", ", columns)} FROM ({Select(view, there)}) ORDER BY {Names(Whole(window, key))}", dataset, window, cancel);
    }

    public async Task<ColumnBatch> VanishedAsync(string dataset, Window window, IReadOnlyList<string> key, IReadOnlyList<long> versions, long now, CancellationToken cancel)
    {
        var view = await ViewAsync(dataset, cancel);
        string names = Names(Whole(window, key));
        var then = new Dictionary<string, LakeFile>(StringComparer.Ordinal);
        foreach (long version in versions)
            foreach (var file in await FilesAsync(dataset, window, version, cancel)) then[file.Path] = file;
        var current = await FilesAsync(dataset, window, now, cancel);
        foreach (var file in current) then.Remove(file.Path);
        return await FetchAsync(
            $"(SELECT {names} FROM ({Select(view, [.. then.Values])}) EXCEPT SELECT {names} FROM ({Select(view, current)})) ORDER BY {names}", dataset, window, cancel);
    }

    // A version is equal to the newest one or is a new one: going back to older columns counts as a change, so that the newest is always what is built now.
    private async Task<(DatasetSchema Schema, bool IsNew)> SchemaAsync(string dataset, IReadOnlyList<ColumnField> fields, CancellationToken cancel)
    {
        string columns = DatasetColumns.Write(fields);
        var newest = (await store.Catalog.SchemasAsync(dataset, cancel)).LastOrDefault();
        return newest is { } schema && schema.Columns == columns ? (schema, false) : (new(dataset, (newest?.Version ?? 0) + 1, columns, 0, ""), true);
    }

    private async Task<DatasetView> ViewAsync(string dataset, CancellationToken cancel) =>
        new(dataset, DatasetKind.Results, await store.Catalog.SchemasAsync(dataset, cancel));

    private Task<IReadOnlyList<LakeFile>> FilesAsync(string dataset, Window window, long asOf, CancellationToken cancel) =>
        store.Catalog.FilesAsync(dataset, window.Start, window.Start + TimeSpan.FromMicroseconds(1), asOf, cancel);

    private string Select(DatasetView view, IReadOnlyList<LakeFile> there) => view.Select(there, files.FullPath);

    private async Task<ColumnBatch> FetchAsync(string sql, string dataset, Window window, CancellationToken cancel)
    {
        using var connection = database.Connect();
        try { return await connection.FetchAsync(sql, cancel: cancel); }
        catch (DuckException error) { throw LakeException.From(error, $"reading {dataset} of window {window}"); }
    }

    private static IEnumerable<string> Whole(Window window, IReadOnlyList<string> key) => key.Prepend(ResultTables.WindowColumn(window.Grain));

    private static string Names(IEnumerable<string> columns) => string.Join(", ", columns.Select(Sql.Name));
}
