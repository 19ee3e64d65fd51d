using System.Globalization;
using Etl.Codecs.Columns;
using Etl.Lake.DuckDb;
using Etl.Metadata;

namespace Etl.Lake;

/// <summary>Users' questions over all datasets and results as of now. Its database can read the lake's folder and nothing else, and no setting can be changed.</summary>
public sealed class LakeQuery : IDisposable
{
    private readonly UniqueViews _unique = new();
    private readonly IMetadata _store;
    private readonly LakeOptions _options;
    private readonly IReadOnlyList<LakeInput> _known;
    private readonly TimeProvider _time;
    private readonly LakeFiles _files;
    private readonly DuckDatabase _database;
    private readonly LakeLint _lint;

    /// <param name="known">Datasets whose time and identity the DAGs declare; others are shown with every row.</param>
    public LakeQuery(IMetadata store, LakeOptions options, IReadOnlyList<LakeInput> known, TimeProvider time)
    {
        (_store, _options, _known, _time, _files) = (store, options, known, time, new LakeFiles(options.Folder));
        _database = new(new DuckOptions { Threads = options.Threads, MemoryMegabytes = options.MemoryMegabytes, AllowedFolders = [_files.Folder] });
        _lint = new(_database, SqlRules.Safe);
    }

    /// <summary>Runs one SELECT.</summary>
    /// <exception cref="LakeException">It is not one SELECT, is wrong, names an unknown dataset, is unsafe to run (see <see cref="SqlRules.Safe"/>), or ran longer than allowed.</exception>
    /// <exception cref="Etl.Contracts.StoreException">A file or the store is away, or memory ran out.</exception>
    public async Task<LakeAnswer> AskAsync(string sql, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(_options.QueryTimeMax, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        using var connection = _database.Connect();
        try
        {
            var words = new SqlWords(sql);
            long head = await _store.Commits.HeadAsync(either.Token);
            var datasets = await MentionedAsync(words, head, either.Token);
            _lint.Demand(words.Body, [.. datasets.Select(dataset => dataset.View)], "the question");
            await Task.Run(() => MakeViews(connection, datasets, either.Token), either.Token);
            int max = _options.QueryRowsMax;
            var rows = await connection.FetchAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT * FROM (\n{words.Body}\n) LIMIT {max + 1L}"), cancel: either.Token);
            return new(rows, Math.Min(rows.RowCount, max), rows.RowCount > max, head);
        }
        catch (DuckException error) { throw LakeException.From(error, "the question"); }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new LakeException(LakeFault.Sql, $"the question ran longer than {_options.QueryTimeMax}; ask for fewer hours, or raise lake.queryTimeMax");
        }
    }

    public void Dispose() => _database.Dispose();

    private async Task<List<Mentioned>> MentionedAsync(SqlWords words, long head, CancellationToken cancel)
    {
        var mentioned = new List<Mentioned>();
        foreach (string dataset in await _store.Catalog.DatasetsAsync(cancel))
        {
            if (!words.Mentions(dataset)) continue;
            var schemas = await _store.Catalog.SchemasAsync(dataset, cancel);
            if (schemas.Count == 0) continue;
            var input = LakeSql.InputOf(dataset, schemas, _known);
            mentioned.Add(new(input, new(dataset, input.Kind, schemas), await _store.Catalog.FilesAsync(dataset, head, cancel)));
        }
        return mentioned;
    }

    private void MakeViews(DuckConnection connection, IReadOnlyList<Mentioned> datasets, CancellationToken cancel)
    {
        foreach (var (input, view, files) in datasets) LakeSql.MakeView(connection, input, view.Select(files, _files.FullPath), files, _unique, cancel);
    }

    private sealed record Mentioned(LakeInput Input, DatasetView View, IReadOnlyList<LakeFile> Files);
}

/// <summary>The rows of a question.</summary>
/// <param name="Rows">May hold one row more than <paramref name="Count"/>: that is how it is known that there are more.</param>
/// <param name="Count">Rows to show.</param>
/// <param name="IsCut">There are more than <see cref="LakeOptions.QueryRowsMax"/>.</param>
/// <param name="AsOf">The commit that was read.</param>
public sealed record LakeAnswer(ColumnBatch Rows, int Count, bool IsCut, long AsOf) : IDisposable
{
    public void Dispose() => Rows.Dispose();
}
