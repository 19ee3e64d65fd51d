using System.CommandLine;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Lake;
using Etl.Metadata;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>The lake: what is in it, and views of it for other tools. <see cref="LakeCare"/> looks after it.</summary>
internal static class LakeCommand
{
    /// <summary>Letters of a terminal that has room for all columns.</summary>
    private const int WideFrom = 140;

    internal static readonly Argument<string?> DatasetArgument = new("dataset") { Description = "Only this one (default: all), e.g. truck_telemetry", Arity = ArgumentArity.ZeroOrOne };

    public static Command New()
    {
        var list = new Verb("ls", "Datasets with their rows, files and hours", "etl lake ls");
        list.SetAction(Invocation.Of((invocation, _, cancel) => ListAsync(invocation, cancel)));
        var files = new Verb("files", "Live files with their rows and offsets", "etl lake files truck_telemetry") { DatasetArgument };
        files.SetAction(Invocation.Of((invocation, parsed, cancel) => FilesAsync(invocation, parsed.GetValue(DatasetArgument), cancel)));
        var views = new Verb("views", "Plain DuckDB statements that make each dataset a view over its files, for other tools", "etl lake views > lake.sql && duckdb -init lake.sql");
        views.SetAction(Invocation.Of((invocation, _, cancel) => ViewsAsync(invocation, cancel)));
        return new Verb("lake", "The lake: datasets, files, checks, views, compaction", "etl lake ls") { list, files, LakeCare.Verify(), views, LakeCare.Adopt(), LakeCare.Compact() };
    }

    /// <exception cref="NotFoundException">Nothing was landed or built under that name.</exception>
    public static async Task<IReadOnlyList<string>> DatasetsAsync(Engine engine, string? only, CancellationToken cancel)
    {
        var all = await engine.Metadata.Catalog.DatasetsAsync(cancel);
        if (only is null) return all;
        return all.Contains(only, StringComparer.Ordinal) ? [only]
            : throw new NotFoundException($"found no dataset {only} in {engine.Lake.Options.Folder}, expected {(all.Count > 0 ? $"one of: {string.Join(", ", all)}" : "one that `etl run` has landed or built; there is none yet")}");
    }

    private static async Task<int> ListAsync(Invocation invocation, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        var datasets = new List<DatasetSummary>();
        long head = await engine.Metadata.Commits.HeadAsync(cancel);
        foreach (string dataset in await DatasetsAsync(engine, null, cancel)) datasets.Add(await DatasetSummary.OfAsync(engine.Metadata.Catalog, dataset, head, cancel));
        invocation.Terminal.Answer(new { AsOf = head, engine.Lake.Options.Folder, Datasets = datasets }, people =>
        {
            bool isWide = people.Profile.Width >= WideFrom;
            var table = isWide ? Terminal.NewTable("dataset", "rows", "files", "bytes", "last", "first", "kind", "schema", "all landed before") : Terminal.NewTable("dataset", "rows", "files", "bytes", "last");
            foreach (int column in (int[])[1, 2, 3]) table.Columns[column].RightAligned();
            foreach (var one in datasets)
            {
                string[] cells = [Markup.Escape(one.Dataset), $"{one.Rows:N0}", $"{one.Files:N0}", Bytes(one.Bytes), Time(one.Last), Time(one.First), one.Kind.ToString().ToLowerInvariant(), $"{one.SchemaVersion}", Time(one.Frontier)];
                table.AddRow(cells[..table.Columns.Count]);
            }
            people.Write(table);
        });
        if (datasets.Count == 0) invocation.Terminal.Note("the lake is empty; `etl demo` fills it");
        return ExitCodes.Ok;
    }

    private static async Task<int> FilesAsync(Invocation invocation, string? only, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        long head = await engine.Metadata.Commits.HeadAsync(cancel);
        var files = new List<LakeFile>();
        foreach (string dataset in await DatasetsAsync(engine, only, cancel)) files.AddRange(await engine.Metadata.Catalog.FilesAsync(dataset, head, cancel));
        invocation.Terminal.Answer(files.Select(file => new { file.Dataset, file.Path, file.Rows, file.Bytes, file.SchemaVersion, file.AddedIn, file.Offsets }), people =>
        {
            var table = Terminal.NewTable("path", "rows", "bytes", "schema", "commit", "offsets");
            foreach (int column in (int[])[1, 2, 3, 4]) table.Columns[column].RightAligned();
            foreach (var file in files) table.AddRow(Markup.Escape(file.Path), $"{file.Rows:N0}", Bytes(file.Bytes), $"{file.SchemaVersion}", $"{file.AddedIn}", Markup.Escape(Offsets(file)));
            people.Write(table);
        });
        return ExitCodes.Ok;
    }

    private static async Task<int> ViewsAsync(Invocation invocation, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        string sql = await new LakeViews(engine.Metadata, engine.Lake.Files).WriteAsync(engine.Known, cancel);
        invocation.Terminal.Answer(new { Sql = sql }, people => people.Profile.Out.Writer.Write(sql));
        return ExitCodes.Ok;
    }

    internal static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => $"{bytes:N0} B",
        < 10_000_000 => $"{bytes / 1e3:N0} kB",
        < 10_000_000_000 => $"{bytes / 1e6:N0} MB",
        _ => $"{bytes / 1e9:N0} GB",
    };

    private static string Offsets(LakeFile file) => string.Join("  ", file.Offsets.Select(range => $"{range.Partition}:{range.From}–{range.To}"));

    private static string Time(DateTimeOffset? instant) => instant is { } at ? RowsView.Text(at.AddTicks(-(at.UtcTicks % TimeSpan.TicksPerMinute))) : "";
}

/// <summary>A dataset in one line.</summary>
/// <param name="First">Start of the first window that has rows; null when there is none.</param>
/// <param name="Last">Start of the last one.</param>
/// <param name="Frontier">Events: all before it have landed; null for results.</param>
internal sealed record DatasetSummary(string Dataset, DatasetKind Kind, long Rows, int Files, long Bytes, DateTimeOffset? First, DateTimeOffset? Last, int SchemaVersion, DateTimeOffset? Frontier)
{
    public static async Task<DatasetSummary> OfAsync(ILakeCatalog catalog, string dataset, long asOf, CancellationToken cancel)
    {
        var files = await catalog.FilesAsync(dataset, asOf, cancel);
        var schemas = await catalog.SchemasAsync(dataset, cancel);
        var windows = await catalog.RowsAsync(dataset, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, asOf, cancel);
        bool isEvents = Composition.Dags.SelectMany(dag => dag.Steps).OfType<LandStep>().Any(step => step.Dataset == dataset) || schemas is [.., { Text.Length: > 0 }];
        return new(dataset, isEvents ? DatasetKind.Events : DatasetKind.Results, files.Sum(file => file.Rows), files.Count, files.Sum(file => file.Bytes),
            windows.Count > 0 ? windows[0].Start : null, windows.Count > 0 ? windows[^1].Start : null, schemas.Count > 0 ? schemas[^1].Version : 0, await catalog.FrontierAsync(dataset, cancel));
    }
}
