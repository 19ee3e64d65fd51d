using System.Diagnostics;
using System.Text;
using Etl.Contracts.Events;
using Etl.Sources.Trucks;
using Etl.Topics;

namespace Etl.Benchmarks.Produce;

/// <summary>Truck events encoded and sent by the product's producer to a Kafka broker on the same machine, until the last is acknowledged.</summary>
public sealed class ProduceBench : IBench
{
    private const int RecordCount = 1_000_000;
    private const int Trucks = 1_000;
    private const int FleetTrucks = 20; // of the demo
    private const int Partitions = 4;
    private const int SchemaId = 1; // four bytes on the wire, whatever they say
    private const string Variable = "ETL_TEST_KAFKA";

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public string Name => "produce";

    public string Description => "encode + send of truck events to Apache Kafka, idempotent, acks all, lz4, each delivery counted; events are made beforehand";

    public string Unit => "M events/s";

    public Bar Bar => Bar.Least(0.6);

    public async Task<BenchFigure> RunAsync(BenchSettings settings, CancellationToken cancel)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } address)
            throw new BenchUnavailableException($"{Variable} is not set: expected host:port of a Kafka broker");
        int count = settings.Scaled(RecordCount);
        var events = new TruckSimulator(OptionsOf(Trucks, settings)).Reports().Take(count).ToList();
        byte[][] keys = [.. events.Select(one => one.TruckId).Distinct().Order().Select(Encoding.UTF8.GetBytes)];
        int[] keyOf = [.. events.Select(one => int.Parse(one.TruckId.AsSpan("truck-".Length)) - 1)];
        var kafka = new KafkaOptions { BootstrapServers = address };
        string topic = $"bench-produce-{Guid.NewGuid():N}";
        using var admin = new TopicAdmin(kafka);
        await admin.EnsureAsync(new(topic, Partitions), cancel);
        try
        {
            double best = 0, processor = double.MaxValue;
            for (int turn = -1; turn < settings.Turns; turn++) // one turn more, for the compiler and the broker
            {
                var (rate, seconds) = await TurnAsync(kafka, topic, events, keys, keyOf, cancel);
                if (turn >= 0) (best, processor) = (Math.Max(best, rate), Math.Min(processor, seconds));
            }
            return new(best)
            {
                Measures = [new("processor", processor, "s/M events"), new("read back", await ReadRateAsync(kafka, admin, topic, cancel), "M events/s"), new("simulated, one thread", SimulatedRate(OptionsOf(FleetTrucks, settings), count), "M events/s", Bar.Least(3))],
                Settings = new Dictionary<string, object>
                {
                    ["events"] = count, ["trucks"] = Trucks, ["partitions"] = Partitions, ["compression"] = "lz4", ["turns"] = $"best of {settings.Turns} after 1 to warm up", ["seed"] = settings.Seed,
                },
            };
        }
        finally
        {
            await admin.DeleteAsync(topic, CancellationToken.None);
        }
    }

    /// <returns>Millions of events a second, of the whole topic on a new reader.</returns>
    private static async Task<double> ReadRateAsync(KafkaOptions kafka, TopicAdmin admin, string topic, CancellationToken cancel)
    {
        var ends = await admin.OffsetsAsync(topic, Enumerable.Range(0, Partitions), OffsetAt.End, cancel);
        using var reader = await TopicReader.OpenAsync(kafka, topic, cancel);
        long start = Stopwatch.GetTimestamp(), bytes = 0;
        var read = await reader.ReadRangeAsync([.. ends.Select(end => new PartitionRange(end.Partition, 0, end.Next))], record => bytes += record.Value.Length, cancel);
        return read.Sum(one => one.Records) / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e6;
    }

    private static TruckSimulatorOptions OptionsOf(int trucks, BenchSettings settings) => new() { Start = Start, Trucks = trucks, Seed = settings.Seed };

    /// <returns>Millions of events a second, best of three.</returns>
    private static double SimulatedRate(TruckSimulatorOptions options, int count)
    {
        double best = 0;
        for (int turn = 0; turn < 3; turn++)
        {
            var simulator = new TruckSimulator(options);
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < count; i++) simulator.TryNext(out _);
            best = Math.Max(best, count / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e6);
        }
        return best;
    }

    /// <returns>Millions of events a second from the first to the last acknowledgement, and this process's processor seconds for a million.</returns>
    private static async Task<(double Rate, double Processor)> TurnAsync(
        KafkaOptions kafka, string topic, List<TruckTelemetry> events, byte[][] keys, int[] keyOf, CancellationToken cancel)
    {
        using var producer = await TopicProducer.OpenAsync(kafka, topic, new(), cancel);
        var processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < events.Count; i++) producer.Send(keys[keyOf[i]], SchemaId, events[i]);
        var manifest = (await producer.FlushAsync(cancel)).EnsureDelivered();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (manifest.Delivered != events.Count) throw new InvalidOperationException($"found {manifest.Delivered:N0} deliveries, expected {events.Count:N0}");
        return (events.Count / seconds / 1e6, (Environment.CpuUsage.TotalTime - processor).TotalSeconds / events.Count * 1e6);
    }
}
