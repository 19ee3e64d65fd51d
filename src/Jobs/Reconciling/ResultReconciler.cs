using System.Globalization;
using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Lake;
using Etl.Sinks;

namespace Etl.Jobs.Reconciling;

/// <summary>Compares a result in the lake with what each sink holds: rows, keys and a checksum of the values of each window. Reads only.</summary>
/// <remarks>One month of windows is in memory at a time, of each place its sums alone.</remarks>
public sealed class ResultReconciler(ParquetLake lake, BuildStep build, IReadOnlyList<(ISink Sink, string Table)> places)
{
    /// <summary>Rows told of a window that differs.</summary>
    public const int RowsMax = 100;

    /// <param name="windows">In their order; those that were never built are left out, and told.</param>
    /// <param name="asOf">A commit: the lake as it stood then.</param>
    /// <param name="withRows">Whether differing rows are told, <see cref="RowsMax"/> a window and place at most.</param>
    /// <exception cref="Etl.Contracts.StoreException">The lake or a sink is away.</exception>
    public async Task<Reconciliation> RunAsync(IReadOnlyList<Window> windows, long asOf, bool withRows, CancellationToken cancel)
    {
        var differences = new List<Difference>();
        int compared = 0, unbuilt = 0;
        long rows = 0;
        foreach (var month in windows.GroupBy(MonthOf))
        {
            var part = new Part(build, [.. month]);
            await part.ReadLakeAsync(lake, asOf, cancel);
            compared += part.Built.Count;
            unbuilt += part.Windows.Count - part.Built.Count;
            rows += part.Rows;
            foreach (var (sink, table) in places)
                if (part.TableOf(table) is { } shape) differences.AddRange(await CompareAsync(part, sink, shape, asOf, withRows, cancel));
        }
        string[] notes = unbuilt == 0 ? [] : [string.Create(CultureInfo.InvariantCulture, $"{unbuilt:N0} windows have no result in the lake and were not compared")];
        return new(build.Dataset, [.. places.Select(NameOf)], compared, rows, [.. differences.OrderBy(difference => difference.Window.Start).ThenBy(difference => difference.Place, StringComparer.Ordinal)], notes);
    }

    private async Task<List<Difference>> CompareAsync(Part part, ISink sink, ResultTable table, long asOf, bool withRows, CancellationToken cancel)
    {
        var there = new WindowSums();
        var hash = new RowHash();
        int[] all = [.. Enumerable.Range(0, table.Columns.Count)], key = part.KeyOf(table);
        int window = key[0];
        await foreach (var row in sink.ReadRangeAsync(table, part.Windows[0], part.Windows[^1], cancel)) there.Add(row[window]!, hash.Of(row, key), hash.Of(row, all));
        var differences = new List<Difference>();
        foreach (var (one, version) in part.Built)
        {
            var (here, other) = (part.Sums.Of(part.NameOf(one)), there.Of(part.NameOf(one)));
            if (here == other) continue;
            differences.Add(new(one, NameOf((sink, table.Name)), here, other, version, await sink.VersionAsync(table.Name, one, cancel),
                withRows ? await RowsAsync(sink, table, key, one, asOf, cancel) : []));
        }
        foreach (var one in part.Windows.Except(part.Built.Select(built => built.Window))) // rows of a window that the lake has not built are nobody's
            if (there.Of(part.NameOf(one)) is { Rows: > 0 } other) differences.Add(new(one, NameOf((sink, table.Name)), WindowSum.Empty, other, null, await sink.VersionAsync(table.Name, one, cancel), []));
        return differences;
    }

    private async Task<IReadOnlyList<RowDifference>> RowsAsync(ISink sink, ResultTable table, int[] key, Window window, long asOf, CancellationToken cancel)
    {
        using var batch = await lake.ReadResultAsync(build.Dataset, window, build.Key, asOf, cancel);
        string KeyText(object?[] row) => string.Join(", ", key.Skip(1).Select(column => Text(row[column])));
        var here = Part.RowsOf(batch, table).ToDictionary(KeyText);
        var there = (await sink.ReadAsync(table, window, cancel)).ToDictionary(KeyText);
        var found = new List<RowDifference>();
        foreach (string name in here.Keys.Union(there.Keys).Order(StringComparer.Ordinal))
        {
            if (found.Count == RowsMax) break;
            if (!there.TryGetValue(name, out var other)) found.Add(new(name, "only in the lake"));
            else if (!here.TryGetValue(name, out var own)) found.Add(new(name, "only there"));
            else if (Enumerable.Range(0, own.Length).Where(column => !Equals(own[column], other[column])).ToList() is { Count: > 0 } unequal)
                found.Add(new(name, string.Join(", ", unequal.Select(column => $"{table.Columns[column].Name}: {Text(own[column])} in the lake, {Text(other[column])} there"))));
        }
        return found;
    }

    private static string NameOf((ISink Sink, string Table) place) => $"{place.Sink.Name.Name} {place.Table}";

    private static string Text(object? value) => value switch
    {
        null => "null",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static (int, int) MonthOf(Window window) => (window.Start.UtcDateTime.Year, window.Grain == Grain.Hour ? window.Start.UtcDateTime.Month : 0);

    /// <summary>A month of hours or a year of days, as the lake holds it.</summary>
    private sealed class Part(BuildStep build, IReadOnlyList<Window> windows)
    {
        private IReadOnlyList<ColumnField> _fields = [];

        public IReadOnlyList<Window> Windows => windows;

        public List<(Window Window, long Version)> Built { get; } = [];

        public WindowSums Sums { get; } = new();

        public long Rows { get; private set; }

        public async Task ReadLakeAsync(ParquetLake lake, long asOf, CancellationToken cancel)
        {
            var hash = new RowHash();
            foreach (var window in windows.Reverse()) // the newest has the columns that a table has
            {
                if (await lake.VersionAsync(build.Dataset, window, asOf, cancel) is not { } version) continue;
                Built.Add((window, version));
                using var rows = await lake.ReadResultAsync(build.Dataset, window, build.Key, asOf, cancel);
                if (_fields.Count == 0) _fields = [.. rows.Fields];
                if (_fields.Count == 0 || TableOf("") is not { } table) continue;
                int[] all = [.. Enumerable.Range(0, table.Columns.Count)], key = KeyOf(table);
                foreach (object?[] row in RowsOf(rows, table))
                {
                    Sums.Add(row[key[0]]!, hash.Of(row, key), hash.Of(row, all));
                    Rows++;
                }
            }
            Built.Reverse();
        }

        /// <summary>Rows in the form that sinks give back; what a column lacks is null.</summary>
        public static IEnumerable<object?[]> RowsOf(ColumnBatch batch, ResultTable table)
        {
            int[] columns = [.. table.Columns.Select(column => batch.IndexOf(column.Name))];
            for (int row = 0; row < batch.RowCount; row++) yield return [.. columns.Select(column => column < 0 ? null : PublishedValue.Of(batch, column, row))];
        }

        /// <returns>null where no window of it has columns.</returns>
        public ResultTable? TableOf(string name) => _fields.Count == 0 ? null : ResultTables.Of(name, build.Grain, build.Key, _fields);

        public int[] KeyOf(ResultTable table) => [.. table.Key.Select(name => table.Columns.Select((column, place) => (column, place)).First(pair => pair.column.Name == name).place)];

        /// <summary>A window as the rows name it.</summary>
        public object NameOf(Window window) => build.Grain == Grain.Hour ? window.Start.ToUniversalTime() : WindowCalendar.Of(window.Zone).DateOf(window.Start);
    }
}
