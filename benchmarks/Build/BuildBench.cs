using System.Diagnostics;
using Etl.Lake.DuckDb;

namespace Etl.Benchmarks.Build;

/// <summary>One hour of events of 1,000 trucks, from a Parquet file of the lake's form to its hourly rows in our columns.</summary>
public sealed class BuildBench : IBench
{
    private const int EventCount = 1_000_000, Trucks = 1_000;

    private const string HourlySql = """
        select truck_id, count(*) as events, exact_sum(engine_speed) as speed_sum, min(engine_speed) as speed_min, max(engine_speed) as speed_max,
            exact_avg(engine_speed) as speed_avg, exact_stddev_samp(engine_speed) as speed_stddev,
            exact_corr(engine_speed, distance_covered) as speed_distance_corr, exact_corr(engine_speed, fuel_consumed) as speed_fuel_corr
        from events group by truck_id order by truck_id
        """;

    public string Name => "build";

    public string Description => "One hour of 1 M events by SQL: per truck count, sum, min, max, avg, stddev and two correlations, all exact, from Parquet";

    public string Unit => "s";

    public Bar Bar => Bar.Most(0.35);

    public Task<BenchFigure> RunAsync(BenchSettings settings, CancellationToken cancel)
    {
        int count = settings.Scaled(EventCount);
        var seconds = Seconds(count, threads: 2, settings.Turns, cancel);
        return Task.FromResult(new BenchFigure(seconds.Min())
        {
            Measures = [new("first", seconds[0], "s"), new("one thread", Seconds(count, threads: 1, settings.Turns, cancel).Min(), "s")],
            Settings = new Dictionary<string, object> { ["events"] = count, ["trucks"] = Trucks, ["threads"] = 2, ["turns"] = $"best of {settings.Turns}, nothing warmed up", ["duckdb"] = DuckDatabase.Version },
        });
    }

    /// <summary>Writes the hour, then builds it <paramref name="turns"/> times, rows fetched.</summary>
    /// <returns>Seconds of each turn.</returns>
    public static double[] Seconds(int events, int threads, int turns, CancellationToken cancel = default)
    {
        string folder = Directory.CreateTempSubdirectory("etl-bench-build-").FullName;
        try
        {
            using var database = new DuckDatabase(new DuckOptions { Threads = threads });
            using var connection = database.Connect();
            string file = Path.Combine(folder, "hour.parquet");
            ParquetFile.WriteQuery(connection, EventsSql(events), events, file, cancel: cancel);
            connection.Execute($"create view events as from {Sql.Text(file)}");
            SqlLint.Demand(connection, HourlySql);
            return [.. Enumerable.Range(0, turns).Select(_ => Turn(connection, Math.Min(events, Trucks), cancel))];
        }
        finally { Directory.Delete(folder, recursive: true); }
    }

    private static double Turn(DuckConnection connection, int rowsExpected, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        using var rows = connection.Fetch(HourlySql, cancel: cancel);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return rows.RowCount == rowsExpected ? seconds : throw new InvalidOperationException($"found {rows.RowCount:N0} trucks, expected {rowsExpected:N0}");
    }

    // Every measurement is cast: such literals are DECIMAL, whose sums are cheaper.
    private static string EventsSql(int events) => $"""
        select 'truck-' || lpad((i % {Trucks})::varchar, 4, '0') as truck_id, i // {Trucks} as sequence, make_timestamptz(1772323200000000 + i * 3600) as timestamp,
            (70 + hash(i) % 1000003 * 0.00002)::double as engine_speed, (hash(i) % 1000003 * 0.0000003 + hash(i + 1) % 1009 * 0.0001)::double as distance_covered,
            (hash(i) % 1000003 * 0.0000001 + hash(i + 2) % 1009 * 0.0001)::double as fuel_consumed, (i % 4)::int as _partition, i // 4 as _offset
        from range({events}) t(i)
        """;
}
