using Etl.Codecs.Columns;
using Etl.Contracts.Commits;
using Etl.Lake;
using Etl.Lake.DuckDb;
using Etl.Metadata;

namespace Etl.Tests.Unit.Lake;

public sealed class DatasetViewTests : IDisposable
{
    private static readonly DatasetColumn Time = new("at", ColumnType.Of(ColumnKind.Timestamp), false);

    // 1: speed as an int, called "velocity". 2: a new column with a default. 3: speed is a long under its new name, and a nested column comes.
    private static readonly IReadOnlyList<DatasetSchema> Schemas =
    [
        Schema(1, Time, new("velocity", ColumnType.Of(ColumnKind.Int32), false)),
        Schema(2, Time, new("velocity", ColumnType.Of(ColumnKind.Int32), false), new("unit", ColumnType.Of(ColumnKind.Text), false) { Default = "'km/h'" }),
        Schema(3, new("unit", ColumnType.Of(ColumnKind.Text), false) { Default = "'km/h'" }, new("speed", ColumnType.Of(ColumnKind.Int64), false) { Aliases = ["velocity"] }, Time,
            new("place", ColumnType.Struct(new ColumnField("lat", ColumnType.Of(ColumnKind.Double), true)), true)),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("etl-view-").FullName;
    private readonly DuckDatabase _database = new(new DuckOptions { MemoryMegabytes = 128 });

    public void Dispose()
    {
        _database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Rows_of_all_versions_are_read_in_the_newest_ones_columns()
    {
        IReadOnlyList<LakeFile> files =
        [
            Write("1", 1, "select timestamptz '2026-03-01 07:00:00+00' as \"at\", 7::integer as velocity, 0 as _partition, 0::bigint as _offset, 1 as _schema"),
            Write("2", 2, "select timestamptz '2026-03-01 07:01:00+00' as \"at\", 8::integer as velocity, 'mph' as unit, 0 as _partition, 1::bigint as _offset, 1 as _schema"),
            Write("3", 3, "select 'kn' as unit, 9_000_000_000::bigint as speed, timestamptz '2026-03-01 07:02:00+00' as \"at\", {lat: 1.5::double} as place, 0 as _partition, 2::bigint as _offset, 1 as _schema"),
            Write("4", 3, "select 'kn' as unit, 1::bigint as speed, timestamptz '2026-03-01 08:00:00+00' as \"at\", null::struct(lat double) as place, 0 as _partition, 3::bigint as _offset, 1 as _schema"),
        ];
        using var connection = _database.Connect();
        string select = new DatasetView("d", DatasetKind.Events, Schemas).Select(files, path => path, "at", LakeRoom.Hour(7));
        connection.Describe(select).Select(field => $"{field.Name} {field.Type.ToSql()}").ShouldBe(
            ["unit VARCHAR", "speed BIGINT", "at TIMESTAMPTZ", "place STRUCT(\"lat\" DOUBLE)", "_partition INTEGER", "_offset BIGINT", "_schema INTEGER", "_generation INTEGER"]);
        using var rows = connection.Fetch($"select unit, speed, \"at\", place.lat, _offset, _generation from ({select}) order by _offset");
        LakeRoom.Text(rows).ShouldBe("km/h,7,2026-03-01 07:00,null,0,1; mph,8,2026-03-01 07:01,null,1,1; kn,9000000000,2026-03-01 07:02,1.5,2,1");
    }

    [Fact]
    public void A_later_version_does_not_change_what_older_files_are_read_as_into()
    {
        var file = Write("1", 1, "select timestamptz '2026-03-01 07:00:00+00' as \"at\", 7::integer as velocity, 0 as _partition, 0::bigint as _offset, 1 as _schema");
        using var connection = _database.Connect();
        using var rows = connection.Fetch($"select * from ({new DatasetView("d", DatasetKind.Events, [Schemas[0]]).Select([file], path => path)})");
        rows.Fields.Select(field => field.Name).ShouldBe(["at", "velocity", "_partition", "_offset", "_schema", "_generation"]);
    }

    [Fact]
    public void No_files_are_no_rows_of_the_same_columns()
    {
        using var connection = _database.Connect();
        using var rows = connection.Fetch(new DatasetView("d", DatasetKind.Events, Schemas).Select([], path => path, "at", LakeRoom.Hour(7)));
        (rows.RowCount, rows.Fields.Count, rows.Fields[1].Type.Kind).ShouldBe((0, 8, ColumnKind.Int64));
    }

    [Fact]
    public void A_time_that_is_no_instant_is_refused_with_the_columns_found()
    {
        var error = Should.Throw<LakeException>(() => new DatasetView("d", DatasetKind.Events, Schemas).Select([new("d", "x", 1, 1, 1, 1, null, [])], path => path, "speed", LakeRoom.Hour(7)));
        error.Fault.ShouldBe(LakeFault.Contract);
        error.Message.ShouldContain("speed BIGINT");
    }

    private LakeFile Write(string name, int version, string select)
    {
        string path = Path.Combine(_folder, $"{name}.parquet");
        using var connection = _database.Connect();
        ParquetFile.WriteQuery(connection, select, 1, path);
        return new("d", path, 1, 1, version, 1, null, [new("T", 1, 0, 0, 10)]);
    }

    private static DatasetSchema Schema(int version, params DatasetColumn[] columns) => new("d", version, DatasetColumns.Write(columns), version, "{}");
}
