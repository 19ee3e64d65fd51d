using System.Globalization;
using Etl.Codecs.Columns;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Lake.DuckDb;

namespace Etl.Lake;

/// <summary>One window of some datasets as of one commit. SQL sees each dataset as a view of its name that holds the window's rows alone, and the macros <c>window_start()</c> and <c>window_end()</c>. One statement at a time.</summary>
/// <remarks>The session's time zone is UTC. Columns <c>_partition</c>, <c>_offset</c>, <c>_schema</c>, <c>_generation</c> of events tell where a row came from.</remarks>
public sealed class LakeSnapshot : IAsyncDisposable
{
    private readonly SqlPlace _place;
    private readonly IReadOnlyList<(LakeInput Input, DatasetView View)> _inputs;
    private readonly LakeLint _lint;

    internal LakeSnapshot(SqlPlace place, Window window, long asOf, IReadOnlyList<(LakeInput, DatasetView)> inputs, LakeLint lint) =>
        (_place, Window, AsOf, _inputs, _lint) = (place, window, asOf, inputs, lint);

    public Window Window { get; }

    /// <summary>What errors call the SQL's place.</summary>
    internal string Name { get => field ?? $"window {Window}"; init; }

    public long AsOf { get; }

    /// <summary>What the views hold, for the end of a slot to ask whether it has changed.</summary>
    public IReadOnlyList<SlotInput> Inputs => [.. _inputs.Select(pair => RangeOf(pair.Input, Window))];

    /// <summary>Runs a build's SQL, one SELECT whose rows do not depend on the order of its inputs' (see <see cref="SqlRules"/>).</summary>
    /// <param name="key">Columns that name a row inside the window.</param>
    /// <exception cref="LakeException">The SQL is refused or wrong, a column is missing or of a type that a result cannot keep, a key is NULL or occurs twice.</exception>
    /// <exception cref="Etl.Contracts.StoreException">A file is missing or unreadable, or memory ran out.</exception>
    public async Task<LakeResult> QueryAsync(string sql, IReadOnlyList<string> key, CancellationToken cancel)
    {
        string column = ResultTables.WindowColumn(Window.Grain);
        Shape(sql, key);
        string order = string.Join(", ", key.Select(Sql.Name).DefaultIfEmpty("1"));
        var rows = await RunAsync($"SELECT {WindowValue()} AS {Sql.Name(column)}, * FROM (\n{Body(sql)}\n) ORDER BY {order}", cancel);
        try
        {
            IReadOnlyList<string> whole = [column, .. key];
            ResultRows.Normalise(rows, whole);
            ResultRows.NeedUnique(rows, whole);
            return new(Window, AsOf, whole, rows, ResultRows.Checksum(rows), DigestOf(sql, key));
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>Runs a SELECT for checks: the rows that break a rule. What it finds must be as repeatable as a build.</summary>
    /// <param name="max">Most rows to return; more are cut.</param>
    /// <exception cref="LakeException">The SQL is refused or wrong.</exception>
    /// <exception cref="Etl.Contracts.StoreException">A file is missing or unreadable, or memory ran out.</exception>
    public Task<ColumnBatch> RowsAsync(string sql, int max, CancellationToken cancel)
    {
        Bind(sql);
        return RunAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT * FROM (\n{Body(sql)}\n) LIMIT {max}"), cancel);
    }

    /// <summary>What it reads of each dataset; empty where it reads no file.</summary>
    public IReadOnlyList<LakeRead> Reads { get; internal init; } = [];

    public string DigestOf(string sql, IReadOnlyList<string> key) => LakeDigest.Of(sql, key, Window, [.. _inputs.Select(input => (input.Input, input.View.Columns))]);

    public ValueTask DisposeAsync()
    {
        _place.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Window starts that a view of the input takes in: events lie under the UTC hour of their time, and a zone's hours may begin inside one.</summary>
    internal static SlotInput RangeOf(LakeInput input, Window window) => new(
        input.Dataset, input.Kind == DatasetKind.Events ? Micros.ToInstant(Micros.HourOf(Micros.Of(window.Start))) : window.Start, window.End);

    /// <summary>The columns that a build's SQL returns, without running it.</summary>
    /// <exception cref="LakeException">As of <see cref="QueryAsync"/>.</exception>
    internal IReadOnlyList<ColumnField> Shape(string sql, IReadOnlyList<string> key)
    {
        string column = ResultTables.WindowColumn(Window.Grain);
        var fields = Bind(sql);
        string found = string.Join(", ", fields.Select(field => $"{field.Name} {field.Type.ToSql()}"));
        if (fields.FirstOrDefault(field => field.Name.Equals(column, StringComparison.OrdinalIgnoreCase)) is not null)
            throw new LakeException(LakeFault.Contract, $"the SQL returns a column \"{column}\", which the engine itself puts first: leave it out, or name it otherwise; found {found}");
        if (key.FirstOrDefault(name => fields.All(field => field.Name != name)) is { } missing)
            throw new LakeException(LakeFault.Contract, $"the SQL returns no column \"{missing}\", which the key names; found {found}");
        if (fields.FirstOrDefault(field => Holds(field.Type, ColumnKind.Interval)) is { } interval)
            throw new LakeException(LakeFault.Contract, $"column \"{interval.Name}\" is an INTERVAL, whose microseconds Parquet does not keep: return seconds, epoch({interval.Name}), instead");
        if (fields.GroupBy(field => field.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new LakeException(LakeFault.Contract, $"the SQL returns two columns \"{twice.Key}\": name each once; found {found}");
        return fields;
    }

    internal IReadOnlyList<ColumnField> Bind(string sql)
    {
        try
        {
            _lint.Demand(Body(sql), [.. _inputs.Select(input => input.View)], Name);
            return _place.Connection.Describe(Body(sql));
        }
        catch (DuckException error) { throw _place.Explain(error, $"binding the SQL of {Name}"); }
    }

    private static bool Holds(ColumnType type, ColumnKind kind) => type.Kind == kind || type.Children.Any(child => Holds(child.Type, kind));

    private string WindowValue() => Window.Grain == Contracts.Time.Grain.Hour
        ? DatasetView.Instant(Window.Start)
        : $"DATE '{WindowCalendar.Of(Window.Zone).DateOf(Window.Start).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}'";

    private static string Body(string sql) => new SqlWords(sql).Body;

    private async Task<ColumnBatch> RunAsync(string sql, CancellationToken cancel)
    {
        try { return await _place.Connection.FetchAsync(sql, cancel: cancel); }
        catch (DuckException error) { throw _place.Explain(error, $"window {Window} as of commit {AsOf}"); }
    }
}
