using System.Diagnostics;
using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Sinks;
using Etl.Sinks.MySql;
using Etl.Sinks.Sqlite;
using MySqlConnector;

namespace Etl.Benchmarks.Publish;

/// <summary>One hour's window of 100,000 rows × 12 columns to MariaDB, guarded: new, and again at a higher version without change. SQLite beside it.</summary>
public sealed class PublishBench : IBench
{
    private const int RowCount = 100_000;

    private static readonly ResultTable Table = HourlyRows.Table(new ColumnField("last_seen", ColumnType.Of(ColumnKind.Timestamp), true));

    public string Name => "publish";

    public string Description => "one window of 100,000 hourly rows × 12 columns (8 doubles) to MariaDB, one guarded transaction; the slower of new and repeated without change";

    public string Unit => "rows/s";

    public Bar Bar => Bar.Least(60_000);

    public async Task<BenchFigure> RunAsync(BenchSettings settings, CancellationToken cancel)
    {
        string server = Environment.GetEnvironmentVariable("ETL_TEST_MYSQL") ?? throw new BenchUnavailableException("ETL_TEST_MYSQL is not set; expected the connection string of a MariaDB or MySQL, e.g. Server=127.0.0.1;Port=3306;User ID=root;Password=…");
        int rows = settings.Scaled(RowCount);
        var maria = await MariaDbAsync(server, rows, settings, cancel);
        var sqlite = await SqliteAsync(rows, settings, cancel);
        return new BenchFigure(Math.Min(maria.New, maria.Again))
        {
            Measures = [new("MariaDB, new", maria.New, Unit), new("MariaDB, again", maria.Again, Unit), new("MariaDB, our CPU", maria.Cpu, "µs/row"),
                new("SQLite, new", sqlite.New, Unit), new("SQLite, again", sqlite.Again, Unit), new("SQLite, CPU", sqlite.Cpu, "µs/row")],
            Settings = new Dictionary<string, object> { ["rows"] = rows, ["columns"] = Table.Columns.Count, ["turns"] = $"best of {settings.Turns} after 1 to warm up", ["seed"] = settings.Seed },
        };
    }

    private static async Task<(double New, double Again, double Cpu)> MariaDbAsync(string server, int rows, BenchSettings settings, CancellationToken cancel)
    {
        string database = $"etl_bench_{Guid.NewGuid():N}";
        try
        {
            await using var sink = new MySqlSink(new SinkName("mysql"), new MySqlSinkOptions { ConnectionString = server, Database = database }, TimeProvider.System, new Random(settings.Seed));
            return await MeasureAsync(sink, rows, settings, cancel);
        }
        finally
        {
            await using var connection = new MySqlConnection(server);
            await connection.OpenAsync(CancellationToken.None);
            await using var drop = new MySqlCommand($"DROP DATABASE IF EXISTS `{database}`", connection);
            await drop.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private static async Task<(double New, double Again, double Cpu)> SqliteAsync(int rows, BenchSettings settings, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("etl-bench-");
        try
        {
            await using var sink = new SqliteSink(new SinkName("sqlite"), new SqliteSinkOptions { Path = Path.Combine(folder.FullName, "results.db") });
            return await MeasureAsync(sink, rows, settings, cancel);
        }
        finally { folder.Delete(recursive: true); }
    }

    private static async Task<(double New, double Again, double Cpu)> MeasureAsync(ISink sink, int rows, BenchSettings settings, CancellationToken cancel)
    {
        if (await sink.PrepareAsync(Table, cancel) is { } fault) throw new InvalidOperationException(fault);
        double first = 0, again = 0, cpu = double.MaxValue;
        var window = WindowCalendar.Of("UTC").HourOf(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        for (int turn = -1; turn < settings.Turns; turn++, window = WindowCalendar.Of("UTC").HourOf(window.End))
        {
            using var batch = HourlyRows.Of(Table, window, rows, settings.Seed);
            var before = Environment.CpuUsage.TotalTime;
            double newRate = await RateAsync(sink, window, 1, batch, cancel), againRate = await RateAsync(sink, window, 2, batch, cancel);
            double micros = (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / (2 * rows);
            if (turn >= 0) (first, again, cpu) = (Math.Max(first, newRate), Math.Max(again, againRate), Math.Min(cpu, micros));
        }
        return (first, again, cpu);
    }

    private static async Task<double> RateAsync(ISink sink, Window window, long version, ColumnBatch batch, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        var outcome = await sink.ReplaceAsync(Table, window, version, batch, null, cancel);
        return outcome == ReplaceOutcome.Replaced ? batch.RowCount / Stopwatch.GetElapsedTime(start).TotalSeconds : throw new InvalidOperationException($"found {outcome}, expected {ReplaceOutcome.Replaced}");
    }
}
