using Etl.Lake.DuckDb;

namespace Etl.Tests.Unit.Lake.DuckDb;

public sealed class SqlLintTests : IDisposable
{
    private readonly DuckDatabase _database = new(new DuckOptions { Threads = 1, MemoryMegabytes = 256 });
    private readonly DuckConnection _connection;

    public SqlLintTests()
    {
        _connection = _database.Connect();
        _connection.Execute("""
            create table t (k varchar, x double, y double, f float, n bigint, d decimal(18, 4), ts timestamptz);
            create view v as select k, x from t;
            create macro total(a) as sum(a);
            create macro running(a) as exact_sum(a) over ();
            """);
    }

    public void Dispose()
    {
        _connection.Dispose();
        _database.Dispose();
    }

    [Theory]
    [InlineData("select k, exact_sum(x), exact_avg(y), exact_var_samp(x), exact_stddev_samp(f), exact_corr(x, y), exact_state(x, y), count(*), min(x), max(y) from t group by k")]
    [InlineData("select sum(n), avg(n), sum(d), avg(d), sum(x::decimal(18, 6)), median(x), quantile_cont(x, 0.5), count(distinct x) from t")]
    [InlineData("with a as (select exact_sum(x) as s from v) select max(s) from a, (select min(s) from a);")]
    [InlineData("select list(x order by y), first(k order by ts) from t")]
    [InlineData("select row_number() over (order by k), date_trunc('hour', ts), age(ts, ts) from t")]
    [InlineData("select * from t order by k limit 3")]
    [InlineData("select (select max(x) from t) as m, * from (values (1), (2)) a(b), range(3), main.t where b in (select n from t)")]
    [InlineData("from t pivot (exact_sum(x) for k in ('a', 'b'))")]
    [InlineData("with recursive r as (select 1 as i union all select i + 1 from r where i < 5) select sum(i) from r")]
    public void Good_sql_has_no_finding(string sql) => SqlLint.Check(_connection, sql).ShouldBeEmpty();

    [Theory]
    [InlineData("select sum(x) from t", "exact_sum")]
    [InlineData("select sum(f) from t", "exact_sum")]
    [InlineData("select fsum(x) from t", "exact_sum")]
    [InlineData("select avg(x) from v", "exact_avg")]
    [InlineData("select k from t group by k having mean(x) > 1", "exact_avg")]
    [InlineData("select stddev(n) from t", "exact_stddev_samp")]
    [InlineData("select var_samp(x) from t", "exact_var_samp")]
    [InlineData("select corr(n, n) from t", "exact_corr")]
    [InlineData("select covar_samp(x, y) from t", "exact_corr and exact_stddev_samp")]
    [InlineData("select regr_slope(x, y) from t", "exact_corr and exact_stddev_samp")]
    [InlineData("select product(x) from t", "DECIMAL")]
    [InlineData("select kurtosis(x) from t", "DECIMAL")]
    [InlineData("select sum(x) over (partition by k order by ts) from t", "exact_sum")]
    [InlineData("with a as (select sum(x + n) as s from t) select max(s) from a", "exact_sum")]
    [InlineData("select (select sum(x) from t)", "exact_sum")]
    [InlineData("select count(*) from t where x > (select avg(x) from t)", "exact_avg")]
    [InlineData("select total(x) from t", "exact_sum")]
    [InlineData("select geomean(x) from t", "exact_avg")]
    [InlineData("select weighted_avg(x, y) from t", "exact_sum")]
    [InlineData("from t pivot (sum(x) for k in ('a', 'b'))", "exact_sum")]
    [InlineData("select sum(columns(*)) from (select x, y from t)", "exact_sum")]
    public void A_result_that_depends_on_the_order_of_rows_is_refused_with_its_cure(string sql, string cure)
    {
        var finding = SqlLint.Check(_connection, sql).ShouldHaveSingleItem();
        finding.Rule.ShouldBe(SqlRules.Repeatable);
        finding.Remedy.ShouldContain(cure);
        SqlLint.Check(_connection, sql, SqlRules.Safe).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("select list(x) from t")]
    [InlineData("select any_value(x) from t")]
    [InlineData("select string_agg(k) from t")]
    [InlineData("select json_group_array(k) from t")]
    [InlineData("select approx_quantile(n, 0.5) from t")]
    [InlineData("select * from t limit 3")]
    [InlineData("select distinct on (k) * from t")]
    [InlineData("select * from t tablesample 10%")]
    [InlineData("select random()")]
    [InlineData("select uuid()")]
    [InlineData("select now()")]
    [InlineData("select current_date")]
    [InlineData("select today()")]
    [InlineData("select current_timestamp")]
    [InlineData("select localtimestamp")]
    [InlineData("select age(ts) from t")]
    [InlineData("select ago(interval 1 hour)")]
    [InlineData("select current_setting('threads')")]
    public void Chance_the_clock_and_unstated_order_are_refused(string sql)
    {
        var findings = SqlLint.Check(_connection, sql);
        findings.ShouldNotBeEmpty();
        findings.ShouldAllBe(finding => finding.Rule == SqlRules.Repeatable);
    }

    [Theory]
    [InlineData("select exact_sum(x order by y) from t")]
    [InlineData("select EXACT_SUM(x order by y) from t")]
    [InlineData("select exact_corr(x, y order by k desc) from t group by k")]
    [InlineData("select exact_sum(x) over () from t")]
    [InlineData("select exact_state(x) over w from t window w as (partition by k order by y)")]
    [InlineData("select * from (select exact_avg(x) over (order by y) as a from t) where a > 1")]
    [InlineData("select running(x) from t")]
    public void What_could_end_the_process_is_refused_before_it_runs(string sql)
    {
        SqlLint.Check(_connection, sql, SqlRules.Safe).ShouldHaveSingleItem().Name.ShouldStartWith("exact_");
        Should.Throw<SqlRefusedException>(() => LockedDatabase.Select(_connection, sql, 10));
    }

    [Theory]
    [InlineData("from 'x.parquet'")]
    [InlineData("from \"x.parquet\"")]
    [InlineData("from read_parquet('x.parquet')")]
    [InlineData("select (select count(*) from read_csv('/etc/passwd'))")]
    [InlineData("from glob('/*')")]
    [InlineData("from read_text('/etc/passwd')")]
    [InlineData("from column_source(1)")]
    [InlineData("from query('select 1')")]
    [InlineData("from query_table('t')")]
    [InlineData("from duckdb_settings()")]
    [InlineData("from information_schema.tables")]
    [InlineData("from system.main.t")]
    [InlineData("with \"x.csv\" as (select 1) from (with a as (select 2) from a), \"x.csv\"")]
    [InlineData("describe t")]
    [InlineData("summarize t")]
    [InlineData("select 1; select 2")]
    [InlineData("")]
    [InlineData("create table z (i int)")]
    [InlineData("copy t to 'x.parquet'")]
    [InlineData("set threads = 1")]
    [InlineData("attach 'x.db'")]
    [InlineData("selec 1")]
    [InlineData("from nowhere")]
    [InlineData("select nothing from t")]
    [InlineData("select nothing(x) from t")]
    public void Files_other_statements_and_what_does_not_bind_are_refused(string sql) =>
        SqlLint.Check(_connection, sql, SqlRules.Safe).ShouldHaveSingleItem().Rule.ShouldBe(SqlRules.Safe);

    [Fact]
    public void A_finding_says_where_what_and_how_to_mend()
    {
        const string Sql = "select 'ü',\n    sum(x) as total\nfrom t";
        var finding = SqlLint.Check(_connection, Sql).ShouldHaveSingleItem();
        Sql[finding.Position..].ShouldStartWith("sum(x)");
        finding.Describe(Sql).ShouldBe("line 2, 'sum(x) as total': sum over DOUBLE rounds in the order in which rows come, which differs from run to run; write exact_sum");
    }

    [Fact]
    public void Deep_nesting_is_refused_not_fatal() =>
        SqlLint.Check(_connection, $"select {new string('(', 20_000)}1{new string(')', 20_000)}").ShouldNotBeEmpty();

    [Fact]
    public void The_lists_know_every_volatile_function_of_this_version()
    {
        using var names = _connection.Fetch("select distinct function_name from duckdb_functions() where stability <> 'CONSISTENT' and function_type = 'scalar' and function_name <> 'error' order by 1");
        Enumerable.Range(0, names.RowCount).Select(row => names.GetString(0, row)).Where(name => !SqlFunctions.Volatile.Contains(name)).ShouldBeEmpty();
    }

    [Fact]
    public void The_list_of_order_free_aggregates_names_only_what_there_is()
    {
        using var names = _connection.Fetch("select distinct function_name from duckdb_functions() where function_type = 'aggregate'");
        var known = Enumerable.Range(0, names.RowCount).Select(row => names.GetString(0, row)).ToHashSet();
        SqlFunctions.OrderFree.Where(name => !known.Contains(name)).ShouldBeEmpty();
    }
}
