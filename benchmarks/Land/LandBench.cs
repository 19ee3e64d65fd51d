using System.Diagnostics;
using System.Text;
using Etl.Contracts.Events;
using Etl.Contracts.Workflow;
using Etl.Embedded.Broker;
using Etl.Embedded.Registry;
using Etl.Jobs.Steps;
using Etl.Jobs.Steps.Landing;
using Etl.Jobs.Trucks;
using Etl.Lake;
using Etl.Lake.DuckDb;
using Etl.Metadata;
using Etl.Metadata.Sqlite;
using Etl.Scheduler.Running;
using Etl.Sources.Trucks;
using Etl.Topics;
using Etl.Topics.Registry;

namespace Etl.Benchmarks.Land;

/// <summary>Truck events of a topic into zstd Parquet files, as the product lands them: chain check, decode, order, write, fsync, commits, frontier. Each turn lands the whole topic in a new lake.</summary>
public sealed class LandBench : IBench
{
    private const int EventCount = 5_000_000;
    private const int Trucks = 1_000;
    private const int Partitions = 4;
    private const int TurnsMax = 3; // of 5 M events each
    private const string Variable = "ETL_TEST_KAFKA";

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly bool _embedded;

    private LandBench(bool embedded) => _embedded = embedded;

    public static LandBench OfKafka { get; } = new(embedded: false);

    public static LandBench OfEmbedded { get; } = new(embedded: true);

    public string Name => _embedded ? "land-embedded" : "land";

    public string Description => $"Avro events of a topic on {(_embedded ? "the embedded broker, in the same process," : "Apache Kafka")} → zstd Parquet files of the lake, fsync and commits included";

    public string Unit => "M events/s";

    public Bar Bar => Bar.Least(_embedded ? 1.0 : 1.5);

    public async Task<BenchFigure> RunAsync(BenchSettings settings, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("etl-land-").FullName;
        try
        {
            await using var broker = _embedded ? await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = Path.Combine(folder, "broker") }, TimeProvider.System, cancel) : null;
            await using var registry = await SchemaRegistry.StartAsync(new RegistryOptions { Folder = Path.Combine(folder, "registry") }, TimeProvider.System, cancel);
            string address = broker?.Endpoint ?? Environment.GetEnvironmentVariable(Variable) ?? throw new BenchUnavailableException($"{Variable} is not set: expected host:port of a Kafka broker");
            using var directory = new SchemaDirectory(new SchemaDirectoryOptions { Endpoint = registry.Endpoint, CacheFolder = Path.Combine(folder, "schemas") });
            return await RunAsync(settings, folder, new KafkaOptions { BootstrapServers = address }, new TopicSchemas(directory), cancel);
        }
        finally { Directory.Delete(folder, recursive: true); }
    }

    private static async Task<BenchFigure> RunAsync(BenchSettings settings, string folder, KafkaOptions kafka, TopicSchemas schemas, CancellationToken cancel)
    {
        string topic = $"bench-land-{Guid.NewGuid():N}";
        int count = settings.Scaled(EventCount), turns = Math.Min(settings.Turns, TurnsMax);
        using var admin = new TopicAdmin(kafka);
        await admin.EnsureAsync(new(topic, Partitions), cancel);
        try
        {
            await ProduceAsync(kafka, schemas, topic, count, settings.Seed, cancel);
            PeakMemory.Forget();
            Turn best = new(0, double.MaxValue);
            for (int turn = -1; turn < turns; turn++) // one more, for the compiler and the page cache
            {
                var one = await LandAsync(folder, kafka, schemas, topic, count, settings, cancel);
                if (turn >= 0) best = new(Math.Max(best.Rate, one.Rate), Math.Min(best.Processor, one.Processor));
            }
            return new(best.Rate)
            {
                Measures = [new("processor", best.Processor, "s/M events", Bar.Most(1.0)), new("resident memory, peak", PeakMemory.Megabytes(), "MB", Bar.Most(450))],
                Settings = new Dictionary<string, object>
                {
                    ["events"] = count, ["trucks"] = Trucks, ["partitions"] = Partitions, ["records_per_batch"] = Options(settings).RecordsPerBatch, ["writers"] = Options(settings).Writers, ["parquet"] = "v1, zstd 1",
                    ["turns"] = $"best of {turns} after 1 to warm up", ["seed"] = settings.Seed,
                },
            };
        }
        finally { await admin.DeleteAsync(topic, CancellationToken.None); }
    }

    private static LandOptions Options(BenchSettings settings) => new()
    {
        RecordsPerBatch = settings.More.TryGetValue("records", out string? records) ? int.Parse(records) : LandOptions.RecordsPerBatchDefault,
        Writers = settings.More.TryGetValue("writers", out string? writers) ? int.Parse(writers) : LandOptions.WritersDefault,
    };

    private static async Task ProduceAsync(KafkaOptions kafka, TopicSchemas schemas, string topic, int count, int seed, CancellationToken cancel)
    {
        int id = await schemas.RegisterAsync<TruckTelemetry>(topic, cancel);
        using var producer = await TopicProducer.OpenAsync(kafka, topic, new(), cancel);
        var fleet = new TruckSimulatorOptions { Start = Start, Trucks = Trucks, Seed = seed, MeanGap = TimeSpan.FromDays(1) * Trucks / EventCount };
        foreach (var report in new TruckSimulator(fleet).Reports().Take(count)) producer.Send(Encoding.UTF8.GetBytes(report.TruckId), id, report);
        (await producer.FlushAsync(cancel)).EnsureDelivered();
    }

    private static async Task<Turn> LandAsync(string folder, KafkaOptions kafka, TopicSchemas schemas, string topic, int count, BenchSettings settings, CancellationToken cancel)
    {
        string own = Directory.CreateDirectory(Path.Combine(folder, Guid.NewGuid().ToString("N"))).FullName;
        await using var metadata = await SqliteMetadata.OpenAsync(Path.Combine(own, "metadata.db"), TimeProvider.System, cancel: cancel);
        var options = new LakeOptions { Folder = Directory.CreateDirectory(Path.Combine(own, "lake")).FullName };
        using var database = new DuckDatabase(ParquetLake.DatabaseOptions(options));
        var lake = new ParquetLake(metadata, database, options);
        var step = new Dag("bench").Land(topic, time: "timestamp", identity: ["truck_id", "sequence"], dataset: "truck_telemetry");
        using var admin = new TopicAdmin(kafka);
        var feed = new Jobs.Steps.Land(step, TruckTelemetry.Schema, lake, metadata.Catalog, kafka, admin, schemas, Options(settings), TimeProvider.System);
        long token = await metadata.Commits.OpenWriterAsync("bench", TimeSpan.FromMinutes(5), cancel);

        var processor = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        var totals = await new FeedRunner(metadata, new Committer(metadata.Commits)).RunAsync(feed, token, null, AttemptLog.None, cancel);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (totals.Landed != count) throw new InvalidOperationException($"found {totals.Landed:N0} landed events, expected {count:N0}");
        var turn = new Turn(count / seconds / 1e6, (Environment.CpuUsage.TotalTime - processor).TotalSeconds / count * 1e6);
        Directory.Delete(own, recursive: true);
        return turn;
    }

    private readonly record struct Turn(double Rate, double Processor);
}
