using Avro.Generic;
using Confluent.Kafka;
using Confluent.Kafka.SyncOverAsync;
using Confluent.SchemaRegistry;
using Confluent.SchemaRegistry.Serdes;
using Etl.Contracts.Events;
using Etl.Jobs.Trucks;

namespace Etl.Tests.EndToEnd;

/// <summary>Confluent's own serializer writes what we land, its deserializer reads what we produce.</summary>
[Collection(RealServers.Collection)]
public sealed class PeerTests
{
    private readonly List<TruckTelemetry> _events = World.Reports(World.Fleet(trucks: 3, hours: 2, startHour: 12) with { MeanGap = TimeSpan.FromSeconds(60) });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_the_embedded_broker_and_registry()
    {
        await using var world = await World.OpenAsync();
        await ExchangeAsync(world);
    }

    [Fact]
    public async Task On_Kafka_and_another_registry()
    {
        await using var database = RealServers.NewDatabase();
        var settings = RealServers.Settings(database);
        await RealServers.ForgetTrucksAsync();
        try
        {
            await using var world = await World.OpenAsync(settings);
            await ExchangeAsync(world);
        }
        finally { await RealServers.ForgetTrucksAsync(); }
    }

    private async Task ExchangeAsync(World world)
    {
        using var registry = new CachedSchemaRegistryClient(new SchemaRegistryConfig { Url = world.Servers.Registry.ToString().TrimEnd('/') });
        var (theirs, ours) = (_events[..(_events.Count / 2)], _events[(_events.Count / 2)..]);
        await ProduceAsync(world, registry, theirs);
        await world.ProduceAsync(ours);
        Read(world, registry).ShouldBe(_events, ignoreOrder: true);
        await world.RunAsync();
        await world.ShouldHoldExactlyAsync(_events);
    }

    private static async Task ProduceAsync(World world, ISchemaRegistryClient registry, IEnumerable<TruckTelemetry> events)
    {
        var schema = (Avro.RecordSchema)Avro.Schema.Parse(TruckTelemetry.Schema);
        using var producer = new ProducerBuilder<string, GenericRecord>(new ProducerConfig { BootstrapServers = world.Servers.Kafka, LingerMs = 20 }).SetValueSerializer(new AvroSerializer<GenericRecord>(registry)).Build();
        var sent = new List<Task>();
        foreach (var report in events)
        {
            var record = new GenericRecord(schema);
            record.Add("truck_id", report.TruckId);
            record.Add("sequence", report.Sequence);
            record.Add("timestamp", report.Timestamp.UtcDateTime);
            record.Add("engine_speed", report.EngineSpeed);
            record.Add("distance_covered", report.DistanceCovered);
            record.Add("fuel_consumed", report.FuelConsumed);
            sent.Add(producer.ProduceAsync(TrucksDag.Topic, new() { Key = report.TruckId, Value = record }, Cancel));
        }
        await Task.WhenAll(sent);
    }

    private static List<TruckTelemetry> Read(World world, ISchemaRegistryClient registry)
    {
        int partitions = world.Settings.Kafka.Partitions;
        var config = new ConsumerConfig { BootstrapServers = world.Servers.Kafka, GroupId = "peer", EnablePartitionEof = true, EnableAutoCommit = false };
        using var consumer = new ConsumerBuilder<string, GenericRecord>(config).SetValueDeserializer(new AvroDeserializer<GenericRecord>(registry).AsSyncOverAsync()).Build();
        consumer.Assign(Enumerable.Range(0, partitions).Select(partition => new TopicPartitionOffset(TrucksDag.Topic, partition, 0)));
        var read = new List<TruckTelemetry>();
        for (int ends = 0; ends < partitions;)
        {
            var result = consumer.Consume(TimeSpan.FromSeconds(20)).ShouldNotBeNull();
            if (result.IsPartitionEOF)
            {
                ends++;
                continue;
            }
            var record = result.Message.Value;
            read.Add(new()
            {
                TruckId = (string)record["truck_id"], Sequence = (long)record["sequence"], Timestamp = new((DateTime)record["timestamp"]), EngineSpeed = (double)record["engine_speed"],
                DistanceCovered = (double)record["distance_covered"], FuelConsumed = (double)record["fuel_consumed"],
            });
            result.Message.Key.ShouldBe(read[^1].TruckId);
        }
        consumer.Close();
        return read;
    }
}
