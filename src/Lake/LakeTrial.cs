using Etl.Codecs.Columns;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Lake.DuckDb;

namespace Etl.Lake;

/// <summary>Binds SQL over columns that are declared, with no store and no file: what would fail in the first slot is found before one runs.</summary>
public sealed class LakeTrial(DuckDatabase database)
{
    private readonly LakeLint _lint = new(database, SqlRules.All);
    private readonly Dictionary<string, (LakeInput Input, DatasetView View)> _inputs = new(StringComparer.Ordinal);

    /// <summary>Says which columns a dataset has.</summary>
    /// <param name="columns">Of events without <see cref="DatasetColumns.Origin"/>; of results with the window's.</param>
    public void Declare(LakeInput input, IReadOnlyList<ColumnField> columns) =>
        _inputs[input.Dataset] = (input, new(input.Dataset, input.Kind, [new DatasetSchema(input.Dataset, 1, DatasetColumns.Write(columns), 0, "")]));

    /// <summary>Binds a build's SQL and declares what it makes.</summary>
    /// <exception cref="LakeException">It is refused, wrong, or reads what is not declared.</exception>
    public void Build(string dataset, string sql, Grain grain, IReadOnlyList<string> key, IReadOnlyList<string> inputs)
    {
        using var place = SqlPlace.On(database);
        var fields = Snapshot(place, dataset, grain, inputs).Shape(sql, key);
        Declare(LakeInput.Results(dataset), [new(ResultTables.WindowColumn(grain), ColumnType.Of(grain == Grain.Hour ? ColumnKind.Timestamp : ColumnKind.Date), false), .. fields]);
    }

    /// <summary>Binds a check's SQL.</summary>
    /// <exception cref="LakeException">It is refused, wrong, or reads what is not declared.</exception>
    public void Check(string name, string sql, Grain grain, IReadOnlyList<string> inputs)
    {
        using var place = SqlPlace.On(database);
        Snapshot(place, name, grain, inputs).Bind(sql);
    }

    private LakeSnapshot Snapshot(SqlPlace place, string name, Grain grain, IReadOnlyList<string> inputs)
    {
        var known = inputs.Select(input => _inputs.TryGetValue(input, out var declared) ? declared
            : throw new LakeException(LakeFault.UnknownDataset, $"reads {input}, which is not declared; expected some of: {string.Join(", ", _inputs.Keys)}")).ToList();
        LakeSql.MakeMacros(place.Connection, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
        foreach (var (input, view) in known) place.Connection.Execute($"CREATE OR REPLACE TEMP VIEW {Sql.Name(input.Dataset)} AS {view.Select([], static path => path)}");
        var window = new Window(grain, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddHours(grain == Grain.Hour ? 1 : 24));
        return new(place, window, 0, known, _lint) { Name = name };
    }
}
