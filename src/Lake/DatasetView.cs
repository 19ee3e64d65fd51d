using System.Globalization;
using System.Text;
using Etl.Codecs.Columns;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Lake.DuckDb;
using Etl.Metadata;

namespace Etl.Lake;

/// <summary>Writes the SELECT that reads a dataset out of a list of files: one SELECT for each schema version, every column cast and in its place, put together by UNION ALL.</summary>
/// <remarks>DuckDB's own <c>union_by_name</c> is not used: it widens a number and a text to text without a word, and a plain list drops later files' new columns.</remarks>
internal sealed class DatasetView
{
    private readonly IReadOnlyList<(int Version, IReadOnlyList<DatasetColumn> Columns)> _versions;
    private readonly bool _events;

    /// <param name="schemas">All versions, ascending.</param>
    public DatasetView(string dataset, DatasetKind kind, IReadOnlyList<DatasetSchema> schemas)
    {
        if (schemas.Count == 0) throw new LakeException(LakeFault.UnknownDataset, $"dataset {dataset}: the store knows no schema of it; nothing was landed or built under that name");
        (Dataset, _events) = (dataset, kind == DatasetKind.Events);
        _versions = [.. schemas.Select(schema => (schema.Version, WithOrigin(DatasetColumns.Read(schema.Columns))))];
    }

    public string Dataset { get; }

    /// <summary>What readers see: the newest version's columns, and for events where each row came from.</summary>
    public IReadOnlyList<DatasetColumn> Columns => _versions[^1].Columns;

    /// <summary>The SELECT over <paramref name="files"/>; for no files one that returns no row.</summary>
    /// <param name="fullPath">From lake path to the path that DuckDB opens.</param>
    /// <param name="time">Column that must lie in the window; "" for all rows.</param>
    public string Select(IReadOnlyList<LakeFile> files, Func<string, string> fullPath, string time = "", Window? window = null)
    {
        var selects = files
            .GroupBy(file => (Version: file.SchemaVersion, Generation: GenerationOf(file)))
            .OrderBy(group => group.Key)
            .Select(group => SelectVersion(group.Key.Version, group.Key.Generation, [.. group.Select(file => fullPath(file.Path))], time, window))
            .ToList();
        return selects.Count > 0 ? string.Join("\nUNION ALL\n", selects) : $"SELECT {List(column => Cast("NULL", column), "0")} WHERE false";
    }

    /// <summary>A file's rows are of one generation of the topic: a batch never spans a reset, and compaction keeps generations apart.</summary>
    public static int GenerationOf(LakeFile file) => file.Offsets.Count == 0 ? 0 : file.Offsets.Max(range => range.Generation);

    private string SelectVersion(int version, int generation, IReadOnlyList<string> paths, string time, Window? window)
    {
        var there = _versions.FirstOrDefault(known => known.Version == version).Columns
            ?? throw new LakeException(LakeFault.UnknownDataset, $"dataset {Dataset}: {paths[0]} is in schema version {version}, which the store does not know");
        var sql = new StringBuilder("SELECT ").Append(List(column => Cast(Source(column, there), column), generation.ToString(CultureInfo.InvariantCulture)))
            .Append(CultureInfo.InvariantCulture, $"\nFROM read_parquet([{string.Join(", ", paths.Select(Sql.Text))}], hive_partitioning = false, union_by_name = false)");
        if (window is { } bounds && time.Length > 0)
        {
            string at = Cast(Source(TimeColumn(time), there), TimeColumn(time));
            sql.Append(CultureInfo.InvariantCulture, $"\nWHERE {at} >= {Instant(bounds.Start)} AND {at} < {Instant(bounds.End)}");
        }
        return sql.ToString();
    }

    /// <summary>The event time as SQL over files of one version, whatever it was called then.</summary>
    public string TimeIn(int version, string time) => Cast(Source(TimeColumn(time), _versions.Single(known => known.Version == version).Columns), TimeColumn(time));

    private DatasetColumn TimeColumn(string time) => Columns.FirstOrDefault(column => column.Name == time) is { Type.Kind: ColumnKind.Timestamp } column
        ? column
        : throw new LakeException(LakeFault.Contract, $"dataset {Dataset}: the event time \"{time}\" was expected among its columns as an instant (TIMESTAMPTZ); found {string.Join(", ", Columns.Select(known => $"{known.Name} {known.Type.ToSql()}"))}");

    private string List(Func<DatasetColumn, string> expression, string generation)
    {
        var columns = Columns.Select(column => $"{expression(column)} AS {Sql.Name(column.Name)}");
        return string.Join(", ", _events ? columns.Append($"{generation}::INTEGER AS _generation") : columns);
    }

    // The name first, then the aliases in their order: as Avro resolves a reader's field.
    private static string Source(DatasetColumn wanted, IReadOnlyList<DatasetColumn> there)
    {
        foreach (string name in wanted.Aliases.Prepend(wanted.Name))
            if (there.Any(column => column.Name == name)) return Sql.Name(name);
        return wanted.Default ?? "NULL";
    }

    private static string Cast(string expression, DatasetColumn column) => $"CAST({expression} AS {column.Type.ToSql()})";

    private IReadOnlyList<DatasetColumn> WithOrigin(IReadOnlyList<DatasetColumn> columns) =>
        _events ? [.. columns, .. DatasetColumns.Origin.Where(origin => columns.All(column => column.Name != origin.Name))] : columns;

    /// <summary>An instant as SQL, exact to the microsecond.</summary>
    public static string Instant(DateTimeOffset instant) => $"TIMESTAMPTZ '{instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)}+00'";
}
