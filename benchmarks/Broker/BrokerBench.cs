using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Etl.Embedded.Broker;
using Etl.Topics;

namespace Etl.Benchmarks.Broker;

/// <summary>Rates of one broker, in records a second.</summary>
public sealed record BrokerRates(double Produced, double Consumed);

/// <summary>The embedded broker beside Apache Kafka, same client and settings, one after the other.</summary>
/// <param name="Kafka">Null if no Apache Kafka was named.</param>
public sealed record BrokerFigures(BrokerRates Embedded, BrokerRates? Kafka, string Settings)
{
    /// <summary>Above 1 the embedded broker is faster.</summary>
    public double? ProduceRatio => Kafka is null ? null : Embedded.Produced / Kafka.Produced;

    public double? ConsumeRatio => Kafka is null ? null : Embedded.Consumed / Kafka.Consumed;
}

/// <summary>librdkafka produces and consumes records of about 50 bytes in 4 partitions with lz4, acks all, idempotent.</summary>
public static class BrokerBench
{
    private const int Partitions = 4;
    private const int RecordBytes = 50;
    private const string Client = "librdkafka: idempotent, acks all, lz4, linger 5 ms, batch 1 MB, queue 500,000; consume by assign, fetch wait 100 ms";

    /// <summary>Measures both; the median of the rounds, which take turns so that neither has the warmer machine.</summary>
    /// <param name="kafkaServers">Addresses of an Apache Kafka; null measures the embedded broker alone.</param>
    public static async Task<BrokerFigures> RunAsync(string? kafkaServers, int records = 5_000_000, int rounds = 3, CancellationToken cancel = default)
    {
        BundledLibrdkafka.Use();
        string folder = Directory.CreateTempSubdirectory("etl-broker-bench-").FullName;
        try
        {
            await using var broker = await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = folder }, TimeProvider.System, cancel);
            var embedded = new List<BrokerRates>();
            var kafka = new List<BrokerRates>();
            for (int round = 0; round < rounds; round++)
            {
                embedded.Add(await MeasureAsync(broker.Endpoint, records));
                if (kafkaServers is not null) kafka.Add(await MeasureAsync(kafkaServers, records));
            }
            return new(Median(embedded), kafka.Count == 0 ? null : Median(kafka), $"{records:N0} records of {RecordBytes} B, {Partitions} partitions, median of {rounds}; {Client}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static BrokerRates Median(List<BrokerRates> rounds) =>
        new(rounds.Select(rates => rates.Produced).Order().ElementAt(rounds.Count / 2), rounds.Select(rates => rates.Consumed).Order().ElementAt(rounds.Count / 2));

    private static async Task<BrokerRates> MeasureAsync(string servers, int records)
    {
        string topic = $"broker-bench-{Guid.NewGuid():N}";
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = Partitions, ReplicationFactor = 1 }]);
        try
        {
            return new(Produce(servers, topic, records), Consume(servers, topic, records));
        }
        finally
        {
            await admin.DeleteTopicsAsync([topic]);
        }
    }

    private static double Produce(string servers, string topic, int records)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig
        {
            BootstrapServers = servers,
            EnableIdempotence = true,
            Acks = Acks.All,
            CompressionType = CompressionType.Lz4,
            LingerMs = 5,
            BatchSize = 1_000_000,
            BatchNumMessages = 100_000,
            QueueBufferingMaxMessages = 500_000,
            EnableDeliveryReports = false,
        }).Build();
        var random = new Random(1);
        var payloads = Enumerable.Range(0, 1_000).Select(_ => Payload(random)).ToArray();
        var places = Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(topic, partition)).ToArray();
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < records; i++)
        {
            var message = new Message<Null, byte[]> { Value = payloads[i % payloads.Length] };
            while (true)
            {
                try
                {
                    producer.Produce(places[i % Partitions], message);
                    break;
                }
                catch (ProduceException<Null, byte[]> error) when (error.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(1));
                }
            }
        }
        producer.Flush(TimeSpan.FromMinutes(1));
        return records / clock.Elapsed.TotalSeconds;
    }

    private static double Consume(string servers, string topic, int records)
    {
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig
        {
            BootstrapServers = servers,
            GroupId = "broker-bench",
            EnableAutoCommit = false,
            FetchWaitMaxMs = 100,
            QueuedMinMessages = 1_000_000,
            FetchQueueBackoffMs = 5,
        }).Build();
        var clock = Stopwatch.StartNew();
        consumer.Assign(Enumerable.Range(0, Partitions).Select(partition => new TopicPartitionOffset(topic, partition, 0)));
        for (int read = 0; read < records; read++)
            if (consumer.Consume(TimeSpan.FromSeconds(30)) is null) throw new InvalidOperationException($"{servers}: {read:N0} of {records:N0} records came");
        return records / clock.Elapsed.TotalSeconds;
    }

    // Half of it repeats, as in real records: lz4 finds something to do.
    private static byte[] Payload(Random random)
    {
        byte[] bytes = new byte[RecordBytes];
        random.NextBytes(bytes.AsSpan(RecordBytes / 2));
        return bytes;
    }
}
