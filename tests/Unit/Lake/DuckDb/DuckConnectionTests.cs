using Etl.Lake.DuckDb;

namespace Etl.Tests.Unit.Lake.DuckDb;

public sealed class DuckConnectionTests : IDisposable
{
    private readonly DuckDatabase _database = new(new DuckOptions { Threads = 2, MemoryMegabytes = 256 });
    private readonly DuckConnection _connection;

    public DuckConnectionTests() => _connection = _database.Connect();

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
    }

    [Fact]
    public void The_library_is_the_one_of_the_package() => DuckDatabase.Version.ShouldBe("v1.5.6");

    [Fact]
    public void Several_statements_run_one_after_the_other()
    {
        _connection.Execute("create table t as select 1 as a; insert into t values (2), (3)").ShouldBe(2);
        _connection.Value("select sum(a)::bigint from t").ShouldBe(6L);
    }

    [Fact]
    public void Parameters_keep_their_types()
    {
        var instant = new DateTimeOffset(2026, 3, 29, 2, 30, 0, TimeSpan.FromHours(2)).AddMicroseconds(7);
        using var row = _connection.Fetch("select $1, $2, $3, $4, $5, $6, $7, $8, $9, typeof($7)",
            [long.MaxValue, -0.5, "a text of more than 12 bytes", null, true, 5, instant, new DateTime(1960, 1, 1), new byte[] { 0, 255 }]);
        Enumerable.Range(0, 10).Select(column => row.GetValue(column, 0)).ShouldBe(
            [long.MaxValue, -0.5, "a text of more than 12 bytes", null, true, 5, instant, new DateTime(1960, 1, 1), new byte[] { 0, 255 }, "TIMESTAMP WITH TIME ZONE"]);
    }

    [Fact]
    public void A_wrong_number_of_parameters_is_named() =>
        Should.Throw<DuckException>(() => _connection.Execute("select $1 + $2", [1])).Message.ShouldStartWith("1 parameters were given, the statement has 2");

    [Theory]
    [InlineData("selec 1", DuckErrorType.Parser)]
    [InlineData("from nowhere", DuckErrorType.Catalog)]
    [InlineData("select a from (select 1 as b)", DuckErrorType.Binder)]
    [InlineData("select 'x'::int", DuckErrorType.Conversion)]
    [InlineData("from '/nowhere/at/all.parquet'", DuckErrorType.InputOutput)]
    [InlineData("select error('no')", DuckErrorType.InvalidInput)]
    public void An_error_has_its_type_and_the_connection_goes_on(string sql, DuckErrorType type)
    {
        var error = Should.Throw<DuckException>(() => _connection.Execute(sql));
        error.Type.ShouldBe(type, error.Message);
        error.IsTransient.ShouldBe(type == DuckErrorType.InputOutput);
        _connection.Value("select 42").ShouldBe(42);
    }

    [Fact]
    public void A_statement_past_the_memory_limit_fails_and_the_process_goes_on()
    {
        using var small = new DuckDatabase(new DuckOptions { MemoryMegabytes = 64 });
        using var connection = small.Connect();
        var error = Should.Throw<DuckException>(() => connection.Execute("create table t as select i, hash(i)::varchar || 'long enough to count' as s from range(10000000) r(i)"));
        error.Type.ShouldBe(DuckErrorType.OutOfMemory, error.Message);
        error.IsTransient.ShouldBeTrue();
        connection.Value("select 42").ShouldBe(42);
    }

    [Fact]
    public async Task A_cancelled_statement_ends_soon_and_the_connection_goes_on()
    {
        using var cancel = new CancellationTokenSource();
        var run = _connection.ExecuteAsync("select count(*) from range(10000000) a, range(100000) b where a.range + b.range = 17", cancel: cancel.Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(run);
        _connection.Value("select 42").ShouldBe(42);
    }

    [Fact]
    public void A_token_cancelled_before_the_start_runs_nothing()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Should.Throw<OperationCanceledException>(() => _connection.Execute("create table t (a int)", cancel: cancel.Token));
        Should.Throw<DuckException>(() => _connection.Execute("from t")).Type.ShouldBe(DuckErrorType.Catalog);
    }

    [Fact]
    public void A_connection_in_use_refuses_a_second_statement() =>
        Should.Throw<InvalidOperationException>(() => _connection.Query("select 1", _ => _connection.Execute("select 2"))).Message.ShouldContain("one connection for each thread");

    [Fact]
    public void An_exception_of_the_reader_reaches_the_caller()
    {
        Should.Throw<TimeZoneNotFoundException>(() => _connection.Query("select 1", _ => throw new TimeZoneNotFoundException()));
        _connection.Value("select 42").ShouldBe(42);
    }

    [Fact]
    public void Chunks_show_the_rows_in_order()
    {
        var seen = new List<long>();
        _connection.Query("select i from range(5000) r(i)", chunk => seen.AddRange(chunk.Values<long>(0)));
        seen.ShouldBe(Enumerable.Range(0, 5000).Select(i => (long)i));
    }

    [Fact]
    public void Values_of_another_width_are_refused() =>
        Should.Throw<InvalidOperationException>(() => _connection.Query("select 1::smallint", chunk => chunk.Values<int>(0)));

    [Fact]
    public void Bad_options_are_all_named()
    {
        var error = Should.Throw<ArgumentException>(() => new DuckDatabase(new DuckOptions { Threads = 0, MemoryMegabytes = 1, AllowedFolders = ["lake"] }));
        error.Message.ShouldContain("duckdb.threads: 0 is outside 1 to 256");
        error.Message.ShouldContain("duckdb.memoryMegabytes: 1 is outside");
        error.Message.ShouldContain("'lake' is not a full path");
    }

    [Fact]
    public void The_time_zone_is_not_the_machines() => _connection.Value("select current_setting('TimeZone')").ShouldBe("UTC");

    [Fact]
    public void A_second_connection_sees_tables_settings_and_functions()
    {
        _connection.Execute("create table t as select 1.5::double as a");
        using var other = _database.Connect();
        other.Value("select exact_sum(a) from t").ShouldBe(1.5);
        other.Value("select current_setting('TimeZone')").ShouldBe("UTC");
    }
}
