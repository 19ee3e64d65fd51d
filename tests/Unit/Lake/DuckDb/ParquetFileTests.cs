using Etl.Lake.DuckDb;

namespace Etl.Tests.Unit.Lake.DuckDb;

public sealed class ParquetFileTests : IDisposable
{
    private readonly DuckDatabase _database = new(new DuckOptions { Threads = 2, MemoryMegabytes = 512 });
    private readonly DuckConnection _connection;
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-parquet-").FullName;

    public ParquetFileTests() => _connection = _database.Connect();

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_gives_back_its_rows_and_its_footer(bool isVersion2)
    {
        string path = Path.Combine(_folder, "it's.parquet");
        using var batch = _connection.Fetch("select i, 'truck-' || i % 100 as truck, i / 7 as speed, make_timestamptz(i) as at, [i, null] as list, {'a': i} as struct, map(['k'], [i]) as map from range(30000) r(i)");
        var options = new ParquetOptions { IsVersion2 = isVersion2, RowGroupRows = 10_240, Metadata = new Dictionary<string, string> { ["etl.dataset"] = "it's \"trucks\"", ["etl.a"] = "1" } };
        ParquetFile.Write(_connection, batch, path, options).ShouldBe(30_000);
        using var back = _connection.Fetch($"from {Sql.Text(path)}");
        back.Fields.ShouldBe(batch.Fields);
        ColumnSourceFunctionTests.ShouldEqual(back, batch);
        _connection.Value($"select string_agg(decode(key) || '=' || decode(value), ';' order by key) from parquet_kv_metadata({Sql.Text(path)}) where decode(key) like 'etl.%'").ShouldBe("etl.a=1;etl.dataset=it's \"trucks\"");
        _connection.Value($"select count(distinct row_group_id) from parquet_metadata({Sql.Text(path)})").ShouldBe(3L);
        Directory.GetFiles(_folder).ShouldBe([path]);
    }

    [Fact]
    public void The_same_rows_give_the_same_bytes()
    {
        using var batch = _connection.Fetch("select i, hash(i) % 1000 as k, hash(i) / 7 as x from range(50000) r(i)");
        byte[][] files = [.. Enumerable.Range(0, 3).Select(turn =>
        {
            string path = Path.Combine(_folder, $"{turn}.parquet");
            ParquetFile.Write(_connection, batch, path);
            return File.ReadAllBytes(path);
        })];
        files[1].ShouldBe(files[0]);
        files[2].ShouldBe(files[0]);
    }

    [Fact]
    public void An_empty_source_is_a_file_without_rows()
    {
        string path = Path.Combine(_folder, "empty.parquet");
        using var batch = _connection.Fetch("select 1 as a, 'x' as b where false");
        ParquetFile.Write(_connection, batch, path).ShouldBe(0);
        _connection.Value($"select count(*) from {Sql.Text(path)}").ShouldBe(0L);
    }

    [Fact]
    public void A_path_that_cannot_be_written_is_trouble_of_the_world_outside()
    {
        using var batch = _connection.Fetch("select 1 as a");
        var error = Should.Throw<DuckException>(() => ParquetFile.Write(_connection, batch, Path.Combine(_folder, "missing", "x.parquet")));
        error.Type.ShouldBe(DuckErrorType.InputOutput);
        error.IsTransient.ShouldBeTrue();
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        using var batch = _connection.Fetch("select 1 as a");
        Should.Throw<ArgumentException>(() => ParquetFile.Write(_connection, batch, "x", new() { RowGroupRows = 10 })).Message.ShouldContain("parquet.rowGroupRows: 10 is outside 2,048 to 1,000,000");
    }
}
