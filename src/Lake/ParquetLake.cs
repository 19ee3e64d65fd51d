using Etl.Codecs.Columns;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Lake.DuckDb;
using Etl.Metadata;

namespace Etl.Lake;

/// <summary>The lake: Parquet files that the store's commits list. Writes files and says what a commit shall change; reads exactly what a commit shows. Any thread may call.</summary>
/// <remarks>Its database is for builds and files; users' SQL has one of its own, locked down (<see cref="LakeQuery"/>).</remarks>
public sealed class ParquetLake
{
    private readonly IMetadata _store;
    private readonly DuckDatabase _database;
    private readonly LakeWriter _writer;
    private readonly ResultFiles _results;
    private readonly UniqueViews _unique = new();
    private readonly LakeLint _lint;

    public ParquetLake(IMetadata store, DuckDatabase database, LakeOptions options)
    {
        if (options.Faults() is { Count: > 0 } faults) throw new ArgumentException(string.Join(Environment.NewLine, faults), nameof(options));
        (_store, _database, Options, Files) = (store, database, options, new LakeFiles(options.Folder));
        _writer = new(store.StoreId, database, Files, options);
        _results = new(store, database, Files, _writer);
        _lint = new(database, SqlRules.All);
    }

    public LakeOptions Options { get; }

    public LakeFiles Files { get; }

    /// <summary>The settings that the lake's own database is opened with.</summary>
    public static DuckOptions DatabaseOptions(LakeOptions options) =>
        new() { Threads = options.Threads, MemoryMegabytes = options.MemoryMegabytes, SpillFolder = options.SpillFolder };

    /// <summary>Writes a batch of events as one durable file. Nobody sees it before a commit lists it.</summary>
    /// <param name="schema">The version that the rows are in; the file's footer keeps it whole.</param>
    /// <param name="rows">The schema's columns and <see cref="DatasetColumns.Origin"/>, ordered by (hour, partition, offset); at least one row.</param>
    /// <param name="windows">Rows by UTC hour; their sum is the number of rows.</param>
    /// <param name="offsets">The ranges read, all of one generation.</param>
    /// <exception cref="Etl.Contracts.StoreException">The disk refused.</exception>
    public Task<NewFile> WriteEventsAsync(
        DatasetSchema schema, IColumnSource rows, IReadOnlyList<WindowRows> windows, IReadOnlyList<OffsetRange> offsets, long token, CancellationToken cancel) =>
        _writer.WriteAsync(new LakeFooter { Schema = schema, Windows = windows, Offsets = offsets }, rows, token, cancel);

    internal IMetadata Store => _store;

    internal LakeWriter Writer => _writer;

    internal DuckDatabase Database => _database;

    internal LakeLint Lint => _lint;

    /// <summary>Opens one window of some datasets for SQL, exactly as of a commit.</summary>
    /// <param name="memory">What its SQL may use: it gets a database of its own, so that it neither takes from others nor they from it; null: it shares <see cref="LakeOptions.MemoryMegabytes"/>.</param>
    /// <exception cref="LakeException">A dataset is unknown, or has no such time column.</exception>
    /// <exception cref="Etl.Contracts.StoreException">A file or the store is away.</exception>
    public async Task<LakeSnapshot> OpenAsync(IReadOnlyList<LakeInput> inputs, Window window, long asOf, CancellationToken cancel, SqlMemory? memory = null)
    {
        var views = new List<(LakeInput Input, DatasetView View, IReadOnlyList<LakeFile> Files)>();
        var reads = new List<LakeRead>();
        foreach (var input in inputs)
        {
            var range = LakeSnapshot.RangeOf(input, window);
            views.Add((input, new(input.Dataset, input.Kind, await _store.Catalog.SchemasAsync(input.Dataset, cancel)),
                await _store.Catalog.FilesAsync(input.Dataset, range.From, range.To, asOf, cancel)));
            var files = views[^1].Files;
            // A result's file holds one window; one of events may hold other hours too.
            long rows = input.Kind == DatasetKind.Results ? files.Sum(file => file.Rows) : (await _store.Catalog.RowsAsync(input.Dataset, range.From, range.To, asOf, cancel)).Sum(hour => hour.Rows);
            reads.Add(new(input.Dataset, files.Count, files.Count == 0 ? null : files.Max(file => file.AddedIn), rows));
        }
        var place = memory is null ? SqlPlace.On(_database) : SqlPlace.OfItsOwn(DatabaseOptions(Options), memory);
        try
        {
            await Task.Run(() => Prepare(place.Connection, views, window, cancel), cancel);
            return new(place, window, asOf, [.. views.Select(view => (view.Input, view.View))], _lint) { Reads = reads };
        }
        catch (Exception error)
        {
            place.Dispose();
            if (error is DuckException refused) throw place.Explain(refused, $"opening window {window} as of commit {asOf}");
            throw;
        }
    }

    /// <summary>The digest that a build of the window would have now, without running it.</summary>
    public async Task<string> DigestAsync(string sql, IReadOnlyList<string> key, IReadOnlyList<LakeInput> inputs, Window window, CancellationToken cancel)
    {
        var columns = new List<(LakeInput, IReadOnlyList<DatasetColumn>)>();
        foreach (var input in inputs)
            columns.Add((input, new DatasetView(input.Dataset, input.Kind, await _store.Catalog.SchemasAsync(input.Dataset, cancel)).Columns));
        return LakeDigest.Of(sql, key, window, columns);
    }

    /// <summary>Writes a result's file and returns the commit that puts it in place of the window's rows. Refused at commit when another writer was there first.</summary>
    public Task<PendingCommit> WriteResultAsync(string dataset, LakeResult result, long token, CancellationToken cancel) => _results.WriteAsync(dataset, result, token, cancel);

    /// <summary>The version of a window's result as of a commit: the number of the commit that stored its file; of a window without rows the last commit that changed it, or <paramref name="asOf"/> where that was later.</summary>
    /// <returns>null when the window was never built.</returns>
    public async Task<long?> VersionAsync(string dataset, Window window, long asOf, CancellationToken cancel)
    {
        var files = await _store.Catalog.FilesAsync(dataset, window.Start, window.End, asOf, cancel);
        if (files.Count > 0) return files.Max(file => file.AddedIn);
        return await _store.Catalog.ChangedAsync(dataset, window.Start, window.End, cancel) is [var changed, ..] ? Math.Min(changed.Number, asOf) : null;
    }

    /// <summary>A result's rows as a version holds them: the columns that sinks keep (no BLOBs), in key order.</summary>
    /// <param name="asOf">A version of the window, or any commit.</param>
    /// <param name="key">As declared, without the window's column.</param>
    /// <returns>No rows when the window is empty or was never built. The caller disposes it.</returns>
    public Task<ColumnBatch> ReadResultAsync(string dataset, Window window, IReadOnlyList<string> key, long asOf, CancellationToken cancel) =>
        _results.ReadAsync(dataset, window, key, asOf, cancel);

    /// <summary>Keys that some of <paramref name="versions"/> have and <paramref name="now"/> has not: rows that a sink must take out.</summary>
    /// <returns>The window's column and the key's, in key order; the caller disposes it.</returns>
    public Task<ColumnBatch> VanishedAsync(string dataset, Window window, IReadOnlyList<string> key, IReadOnlyList<long> versions, long now, CancellationToken cancel) =>
        _results.VanishedAsync(dataset, window, key, versions, now, cancel);

    private void Prepare(DuckConnection connection, IReadOnlyList<(LakeInput Input, DatasetView View, IReadOnlyList<LakeFile> Files)> views, Window window, CancellationToken cancel)
    {
        LakeSql.MakeMacros(connection, window.Start, window.End, cancel);
        foreach (var (input, view, files) in views)
            LakeSql.MakeView(connection, input, view.Select(files, Files.FullPath, input.Time, window), files, _unique, cancel);
    }
}
