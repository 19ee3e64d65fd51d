using Etl.Codecs.Columns;
using Etl.Lake.DuckDb;

namespace Etl.Tests.Unit.Lake.DuckDb;

public sealed class ColumnSourceFunctionTests : IDisposable
{
    // Every kind, nulls in all of them and inside the nested ones, texts on both sides of 12 bytes.
    private const string AllKinds = """
        select i::int as i32, case when i % 7 <> 0 then i end as i64, i % 2 = 0 as flag, (i * 1000000007)::hugeint * 1000000007 as i128, (i / 3)::float as f32, i / 7 as f64,
            (i / 100)::decimal(4, 2) as d2, (i / 100)::decimal(9, 2) as d4, (i / 100)::decimal(18, 2) as d8, -(i / 100)::decimal(38, 2) as d16,
            case when i % 3 <> 0 then repeat('ü', (i % 40)::int) end as text, encode(repeat('b', (i % 30)::int)) as bytes,
            date '2026-01-01' + i::int as day, time '01:02:03' + to_microseconds(i) as clock, make_timestamptz(i * 1000003) as instant, make_timestamp(-i * 1000003) as wall,
            uuid '00112233-4455-6677-8899-aabbccddeeff' as id, to_days(i::int) + to_microseconds(i) as span,
            case when i % 5 <> 0 then list_transform(range(i % 9), x -> case when x <> 3 then repeat('item', x::int) end) end as list,
            case when i % 4 <> 0 then {'a': i, 'b': case when i % 6 <> 0 then {'c': repeat('c', (i % 20)::int)} end} end as struct,
            case when i % 8 <> 0 then map([i::varchar, 'k' || i], [[i], null]) end as map,
            [{'x': i, 'y': [i, null, i + 1]}, null] as deep
        from range($1) r(i)
        """;

    private readonly DuckDatabase _database = new(new DuckOptions { Threads = 2, MemoryMegabytes = 512 });
    private readonly DuckConnection _connection;

    public ColumnSourceFunctionTests() => _connection = _database.Connect();

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2048)]
    [InlineData(7001)]
    public void Rows_of_every_kind_come_back_as_they_went(long rows)
    {
        using var batch = _connection.Fetch(AllKinds, [rows]);
        using var offered = _connection.Offer(batch);
        using var back = _connection.Fetch($"from {offered}");
        back.Fields.ShouldBe(batch.Fields);
        ShouldEqual(back, batch);
        // DuckDB's own judgement, against the rows made anew.
        _connection.Value($"select count(*) from ((from {offered}) except all ({AllKinds.Replace("$1", $"{rows}")}))").ShouldBe(0L);
    }

    [Fact]
    public void Runs_are_read_in_the_order_that_the_source_gives()
    {
        using var batch = _connection.Fetch(AllKinds, [5000L]);
        RowRun[] runs = [.. Enumerable.Range(0, 5000).Reverse().Where(row => row % 3 != 1).Select(row => new RowRun(row / 2048, row % 2048, 1)), new(1, 100, 900), new(0, 0, 2048)];
        using var offered = _connection.Offer(new Picked(batch, runs));
        using var back = _connection.Fetch($"from {offered}");
        int[] rows = [.. runs.SelectMany(run => Enumerable.Range(run.Block * 2048 + run.First, run.Count))];
        back.RowCount.ShouldBe(rows.Length);
        for (int row = 0; row < rows.Length; row += 13)
            for (int column = 0; column < batch.Fields.Count; column++)
                Show(back.GetValue(column, row)).ShouldBe(Show(batch.GetValue(column, rows[row])));
    }

    [Fact]
    public void One_statement_may_read_a_source_twice_in_part_and_only_count()
    {
        using var batch = _connection.Fetch(AllKinds, [5000L]);
        using var offered = _connection.Offer(batch);
        _connection.Value($"select count(*) from {offered}").ShouldBe(5000L);
        _connection.Value($"select sum(a.i32 + b.i32)::bigint from {offered} a join {offered} b using (i32)").ShouldBe(2L * 4999 * 2500);
        _connection.Value($"select max(text) from {offered} where flag").ShouldBe(new string('ü', 38));
    }

    [Fact]
    public void A_withdrawn_source_is_named()
    {
        using var batch = _connection.Fetch("select 1 as a");
        var offered = _connection.Offer(batch);
        offered.Dispose();
        Should.Throw<DuckException>(() => _connection.Execute($"from {offered}")).Message.ShouldContain("no such source");
    }

    [Fact]
    public void More_sources_than_allowed_are_a_leak()
    {
        using var batch = _connection.Fetch("select 1 as a");
        OfferedColumns[] offers = [.. Enumerable.Range(0, ColumnSources.SourcesMax).Select(_ => _connection.Offer(batch))];
        Should.Throw<InvalidOperationException>(() => _connection.Offer(batch));
        foreach (var offer in offers) offer.Dispose();
        using var again = _connection.Offer(batch);
    }

    [Fact]
    public void An_exception_of_the_source_is_the_statements_error()
    {
        using var batch = _connection.Fetch("select 1 as a");
        using var offered = _connection.Offer(new Picked(batch, [new(7, 0, 1)]));
        Should.Throw<DuckException>(() => _connection.Execute($"from {offered}")).Type.ShouldBe(DuckErrorType.InvalidInput);
    }

    [Fact]
    public void A_token_cancelled_in_the_middle_of_a_statement_ends_it()
    {
        using var batch = _connection.Fetch("from range(2048)");
        using var cancel = new CancellationTokenSource();
        using var offered = _connection.Offer(new Endless(batch, at => { if (at == 10) cancel.Cancel(); }));
        Should.Throw<OperationCanceledException>(() => _connection.Execute($"select max(range) from {offered}", cancel: cancel.Token));
        _connection.Value("select 42").ShouldBe(42);
    }

    [Fact]
    public void Types_without_a_column_of_ours_are_widened_or_refused()
    {
        using var row = _connection.Fetch("select 1::tinyint, -2::smallint, 255::utinyint, 65535::usmallint, 4294967295::uinteger, 18446744073709551615::ubigint, 'b'::enum('a', 'b'), '2026-01-01 00:00:01'::timestamp_s, '1969-12-31 23:59:59.999'::timestamp_ms, '1969-12-31 23:59:59.999999999'::timestamp_ns, null");
        var last = new DateTime(1970, 1, 1).AddMicroseconds(-1);
        Enumerable.Range(0, 11).Select(column => row.GetValue(column, 0)).ShouldBe(
            [1, -2, 255, 65535, 4294967295L, (Int128)ulong.MaxValue, "b", new DateTime(2026, 1, 1, 0, 0, 1), new DateTime(1970, 1, 1).AddMilliseconds(-1), last, null]);
        Should.Throw<DuckException>(() => _connection.Fetch("select [1, 2]::int[2] as pair")).Message.ShouldContain("column pair");
    }

    [Fact]
    public void The_description_of_a_statement_runs_nothing() =>
        _connection.Describe("select error('never') as a, 1.5 as b, [{'c': 1}] as d").ShouldBe(
            [new("a", ColumnType.Of(ColumnKind.Int32), true), new("b", ColumnType.Decimal(2, 1), true), new("d", ColumnType.List(ColumnType.Struct(new ColumnField("c", ColumnType.Of(ColumnKind.Int32), true))), true)]);

    internal static void ShouldEqual(ColumnBatch actual, ColumnBatch expected)
    {
        actual.RowCount.ShouldBe(expected.RowCount);
        for (int row = 0; row < expected.RowCount; row += row < 50 ? 1 : 17)
            for (int column = 0; column < expected.Fields.Count; column++)
                Show(actual.GetValue(column, row)).ShouldBe(Show(expected.GetValue(column, row)), $"row {row}, {expected.Fields[column].Name}");
    }

    /// <summary>Nested values are equal when they look equal.</summary>
    private static string Show(object? value) => System.Text.Json.JsonSerializer.Serialize(value);

    private sealed class Picked(ColumnBatch rows, RowRun[] runs) : IColumnSource
    {
        public IReadOnlyList<ColumnField> Fields => rows.Fields;
        public int RunCount => runs.Length;
        public RowRun Run(int index) => runs[index];
        public ColumnBlock Block(int index) => rows.Block(index);
    }

    /// <summary>100 M runs (far more than the test waits for); tells which one is read.</summary>
    private sealed class Endless(ColumnBatch rows, Action<int> onBlock) : IColumnSource
    {
        private int _blocks;
        public IReadOnlyList<ColumnField> Fields => rows.Fields;
        public int RunCount => 100_000_000;
        public RowRun Run(int index) => new(0, 0, 2048);
        public ColumnBlock Block(int index)
        {
            onBlock(_blocks++);
            return rows.Block(index);
        }
    }
}
