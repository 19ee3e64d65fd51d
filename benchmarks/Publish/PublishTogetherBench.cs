using System.Diagnostics;
using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Sinks;
using Etl.Sinks.Cassandra;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Benchmarks.Publish;

/// <summary>Two days of hourly windows to Cassandra through the sink, guards and all: 48 windows in one call, so that a key's hours share a batch, beside each window in a call of its own.</summary>
public sealed class PublishTogetherBench : IBench
{
    private const string Variable = "ETL_TEST_CASSANDRA";

    private const int KeyCount = 2_000, WindowCount = 48;

    private static readonly ResultTable Table = HourlyRows.Table();

    public string Name => "publish-together";

    public string Description => "48 hourly windows × 2,000 rows × 11 columns through the Cassandra sink in one call, against each window by itself";

    public string Unit => "rows/s";

    public Bar Bar => Bar.Least(80_000);

    public async Task<BenchFigure> RunAsync(BenchSettings settings, CancellationToken cancel)
    {
        string server = Environment.GetEnvironmentVariable(Variable) ?? throw new BenchUnavailableException($"{Variable} is not set; expected host:port of a Cassandra, e.g. 127.0.0.1:9042");
        string keyspace = $"bench_{Guid.NewGuid():N}";
        int keys = settings.Scaled(KeyCount);
        await using var cluster = Cluster.Builder(TimeProvider.System, new Random(settings.Seed)).AddContactPoints(server).Build();
        await using var session = await cluster.ConnectAsync(cancel);
        try
        {
            await using var sink = new CassandraSink(new SinkName("cassandra"), new CassandraSinkOptions { ContactPoints = [server], Keyspace = keyspace }, TimeProvider.System, new Random(settings.Seed));
            if (await sink.PrepareAsync(Table, cancel) is { } fault) throw new InvalidOperationException(fault);
            var calendar = WindowCalendar.Of("UTC");
            var windows = Enumerable.Range(0, WindowCount).Select(hour => calendar.HourOf(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero).AddHours(hour))).ToList();
            var rows = windows.Select((window, hour) => HourlyRows.Of(Table, window, keys, settings.Seed + hour)).ToList();
            double together = 0, alone = 0;
            long version = 0;
            for (int turn = -2; turn < settings.Turns; turn++)
            {
                version++;
                double one = await RateAsync(async () => { for (int i = 0; i < windows.Count; i++) Expect(await sink.ReplaceAsync(Table, windows[i], version, rows[i], null, cancel)); }, keys);
                version++;
                double all = await RateAsync(async () => { foreach (var outcome in await sink.ReplaceAsync(Table, [.. windows.Select((window, i) => new WindowReplacement(window, version, rows[i], null))], cancel)) Expect(outcome); }, keys);
                if (turn >= 0) (together, alone) = (Math.Max(together, all), Math.Max(alone, one));
            }
            rows.ForEach(batch => batch.Dispose());
            return new BenchFigure(together)
            {
                Measures = [new("each window by itself", alone, Unit), new("together against each by itself", together / alone, "×", Bar.Least(1.5))],
                Settings = new Dictionary<string, object> { ["windows"] = WindowCount, ["rows of a window"] = keys, ["columns"] = Table.Columns.Count, ["turns"] = $"best of {settings.Turns} after 2 to warm up" },
            };
        }
        finally { await session.ExecuteAsync(new SimpleStatement($"DROP KEYSPACE IF EXISTS {keyspace}"), CancellationToken.None); }
    }

    private static async Task<double> RateAsync(Func<Task> publish, int keys)
    {
        long start = Stopwatch.GetTimestamp();
        await publish();
        return WindowCount * keys / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Expect(ReplaceOutcome outcome)
    {
        if (outcome != ReplaceOutcome.Replaced) throw new InvalidOperationException($"found {outcome}, expected {ReplaceOutcome.Replaced}");
    }
}
