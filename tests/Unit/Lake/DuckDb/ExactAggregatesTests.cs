using Etl.Lake.DuckDb;

namespace Etl.Tests.Unit.Lake.DuckDb;

public sealed class ExactAggregatesTests : IDisposable
{
    private readonly DuckDatabase _database = new(new DuckOptions { Threads = 2, MemoryMegabytes = 512 });
    private readonly DuckConnection _connection;

    public ExactAggregatesTests() => _connection = _database.Connect();

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
    }

    [Theory]
    [InlineData("(1e308), (1), (-1e308), (1e-300)", 1d)]
    [InlineData("(1e308), (1e308), (-1e308)", 1e308)]
    [InlineData("(1e308), (1e308)", double.PositiveInfinity)]
    [InlineData("('inf'), ('1')", double.PositiveInfinity)]
    [InlineData("('-inf'), ('1')", double.NegativeInfinity)]
    [InlineData("('inf'), ('-inf')", double.NaN)]
    [InlineData("('nan'), ('1')", double.NaN)]
    [InlineData("(null), (null)", null)]
    [InlineData("(null), (2)", 2d)]
    [InlineData("(5e-324), (5e-324)", 1e-323)]
    [InlineData("(0.1), (0.2), (-0.3)", 2.7755575615628914e-17)]
    public void Sums_of_special_values(string values, double? expected) =>
        _connection.Value($"select exact_sum(x::double) from (values {values}) t(x)").ShouldBe(expected);

    [Fact]
    public void Minus_zero_is_zero() =>
        BitConverter.DoubleToInt64Bits((double)_connection.Value("select exact_sum(x) from (values ('-0'::double), ('-0'::double)) t(x)")!).ShouldBe(0);

    [Fact]
    public void No_row_is_null_and_one_row_has_no_spread()
    {
        using var none = _connection.Fetch("select exact_sum(x), exact_avg(x), exact_var_samp(x), exact_stddev_samp(x), exact_corr(x, x), exact_state(x), exact_state(x, x) from (select 1.0::double as x where false)");
        for (int column = 0; column < 7; column++) none.GetValue(column, 0).ShouldBeNull();
        using var one = _connection.Fetch("select exact_avg(x), exact_var_samp(x), exact_stddev_samp(x), exact_corr(x, x) from (select 3::double as x)");
        Enumerable.Range(0, 4).Select(column => one.GetValue(column, 0)).ShouldBe([3d, null, null, null]);
    }

    [Theory]
    [InlineData("threads = 1")]
    [InlineData("threads = 2")]
    public void Any_order_and_any_number_of_threads_give_the_same_bits(string setting)
    {
        // Cast to DOUBLE: such literals are DECIMAL, whose sums never differ, and the test would prove nothing.
        _connection.Execute($"set {setting}; create table rows as select i, hash(i) % 1000 as k, (52.5 + hash(i + 1) % 1000003 * 0.0000217)::double as x, (hash(i + 2) % 100000 * 0.00031)::double as y from range(400000) t(i)");
        const string Aggregates = "exact_sum(x) a, exact_avg(x) b, exact_var_samp(x) c, exact_stddev_samp(x) d, exact_corr(x, y) e, exact_state(x) f, exact_state(x, y) g, sum(x) h";
        _connection.Execute($"create table one as select k, {Aggregates} from rows group by k; create table other as select k, {Aggregates} from (from rows order by hash(i * 7)) group by k");
        foreach (string column in (string[])["a", "b", "c", "d", "e", "f", "g"])
            _connection.Value($"select count(*) from one join other using (k) where one.{column} is distinct from other.{column}").ShouldBe(0L, column);
        ((long)_connection.Value("select count(*) from one join other using (k) where one.h is distinct from other.h")!).ShouldBeGreaterThan(500, "DuckDB's own sums do differ here, so the rows are a fair trial");
    }

    [Fact]
    public void A_day_from_its_hours_is_the_day_from_its_rows()
    {
        _connection.Execute("""
            create table rows as select i % 50 as k, i // 50 % 24 as hour, (hash(i) % 1000003 * 0.37)::double as x, (hash(i + 2) % 100000 * -0.31)::double as y from range(60000) t(i);
            create table hours as select k, hour, exact_state(x, y) as state, exact_state(x) as state_x from rows group by all;
            create table day as select k, exact_state(x, y) as state, exact_state(x) as state_x from rows group by k;
            """);
        foreach (string function in (string[])["sum", "avg", "var_samp", "stddev_samp"])
            foreach (string state in (string[])["state", "state_x"])
                _connection.Value($"select count(*) from (select k, exact_{function}({state}) v from hours group by k) a join (select k, exact_{function}(x) v from rows group by k) b using (k, v)").ShouldBe(50L, function);
        _connection.Value("select count(*) from (select k, exact_corr(state) v from hours group by k) a join (select k, exact_corr(x, y) v from rows group by k) b using (k, v)").ShouldBe(50L);
        _connection.Value("select count(*) from (select k, exact_state(state) v, exact_state(state_x) w from hours group by k) a join day on a.k = day.k and v = day.state and w = day.state_x").ShouldBe(50L);
    }

    [Fact]
    public void Small_differences_on_a_large_offset_keep_their_digits()
    {
        const string Rows = "(select i::double * 1e-3::double as x, (i * 7919 % 1000)::double / 1024 as y from range(1000) t(i))";
        double plain = (double)_connection.Value($"select exact_corr(x, y) from {Rows}")!;
        // 2^27 and multiples of 2^-10: adding them loses nothing, so r must be the same to the last bit.
        _connection.Value($"select exact_corr(134217728 + y, 5 * 134217728 - y) from {Rows}").ShouldBe(-1d);
        double shifted = (double)_connection.Value("select exact_corr(1e8 + i * 1e-3, 5e8 - i * 7919 % 1000 * 1e-3) from range(1000) t(i)")!;
        shifted.ShouldBe(0.0004050041716085653);
        _connection.Value("select exact_corr(134217728 + i / 1024, y) = exact_corr(i / 1024, y) from (select i, (i * 7919 % 1000)::double as y from range(1000) t(i))").ShouldBe(true);
        plain.ShouldBeInRange(-1, 1);
    }

    [Fact]
    public void A_constant_has_no_correlation_and_no_variance()
    {
        _connection.Value("select exact_corr(x, 7::double) from (values (1::double), (2::double)) t(x)").ShouldBe(double.NaN);
        _connection.Value("select exact_var_samp(0.1::double) from range(1000)").ShouldBe(0d);
        _connection.Value("select exact_stddev_samp(x) from (values (1::double), ('inf'::double)) t(x)").ShouldBe(double.NaN);
    }

    [Theory]
    [InlineData("exact_sum('nonsense'::blob)")]
    [InlineData("exact_sum(''::blob)")]
    [InlineData(@"exact_sum('\x01\x00\x00\x00\x00\x00\x00\x00'::blob)")]
    [InlineData(@"exact_sum('\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00'::blob)")]
    [InlineData(@"exact_sum('\x01\x00\x00\x00\x00\x00\x00\x00\x00\x44\x01\x01\x01\x01\x01'::blob)")]
    [InlineData(@"exact_state('\x01\x00\x00\x00\x00\x00\x00\x00\x00\x10\x01\x01\x01\x01\x01'::blob)")]
    [InlineData("exact_corr(s) from (select exact_state(1::double) as s)")]
    [InlineData("exact_state(s) from (select exact_state(1::double) as s union all select exact_state(1::double, 2::double))")]
    public void Bytes_that_are_no_state_are_an_error_of_the_statement(string call)
    {
        Should.Throw<DuckException>(() => _connection.Execute($"select {call}")).Type.ShouldBe(DuckErrorType.InvalidInput);
        _connection.Value("select 42").ShouldBe(42);
    }

    [Fact]
    public void The_highest_digits_that_a_state_may_bring_stay_inside_the_sum()
    {
        string state = @"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x43\x01\xFF\xFF\xFF\xFF";
        _connection.Value($"select exact_sum('{state}'::blob) from range(100000)").ShouldBe(double.PositiveInfinity);
    }

    [Theory]
    [InlineData("exact_sum(x) filter (where x > 1)", 5d)]
    [InlineData("exact_sum(distinct x)", 6d)]
    [InlineData("list_aggregate([1.5::double, 2.5], 'exact_sum')", 4d)]
    [InlineData("exact_avg(x::int)", 2d)]
    [InlineData("exact_avg(x::decimal(9, 2))", 2d)]
    public void Forms_of_a_call(string call, double expected) => _connection.Value($"select {call} from (values (1::double), (2), (3)) t(x)").ShouldBe(expected);
}
