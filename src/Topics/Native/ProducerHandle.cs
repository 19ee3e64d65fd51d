using System.Runtime.InteropServices;

namespace Etl.Topics.Native;

/// <summary><c>rd_kafka_t</c> of a producer with one topic. Confluent.Kafka's own takes one record a call and, when it counts deliveries, half the rate.</summary>
internal sealed unsafe class ProducerHandle : IDisposable
{
    private const int ErrorTextMax = 512;
    private const int PurgeAll = 0x1 | 0x2; // queued and in flight: what is not delivered by now is given up

    private nint client;

    /// <exception cref="ArgumentException">A setting is unknown or its value out of range.</exception>
    public ProducerHandle(IEnumerable<KeyValuePair<string, string>> settings, string topic)
    {
        byte* error = stackalloc byte[ErrorTextMax];
        nint configuration = Librdkafka.rd_kafka_conf_new();
        foreach (var (name, value) in settings)
            if (Librdkafka.rd_kafka_conf_set(configuration, name, value, error, ErrorTextMax) != 0)
            {
                Librdkafka.rd_kafka_conf_destroy(configuration);
                throw new ArgumentException(TextOf(error), nameof(settings));
            }
        Librdkafka.rd_kafka_conf_set_events(configuration, Librdkafka.EventDelivery | Librdkafka.EventError | Librdkafka.EventLog);
        client = Librdkafka.rd_kafka_new(Librdkafka.TypeProducer, configuration, error, ErrorTextMax);
        if (client == 0)
        {
            Librdkafka.rd_kafka_conf_destroy(configuration); // rd_kafka_new takes it only when it succeeds
            throw new ArgumentException(TextOf(error), nameof(settings));
        }
        Events = Librdkafka.rd_kafka_queue_get_main(client);
        Topic = Librdkafka.rd_kafka_topic_new(client, topic, 0);
    }

    public nint Events { get; }

    public nint Topic { get; }

    /// <summary>Loads the topic's metadata: before that librdkafka would set records aside whatever partition they name.</summary>
    /// <returns>Number of partitions, or a negative number of <paramref name="error"/>.</returns>
    public int LoadPartitions(TimeSpan wait, out int error)
    {
        error = Librdkafka.rd_kafka_metadata(client, 0, Topic, out var metadata, (int)wait.TotalMilliseconds);
        if (error != 0) return -1;
        int partitions = metadata->TopicCount == 1 ? metadata->Topics->PartitionCount : 0;
        error = metadata->TopicCount == 1 ? metadata->Topics->Error : 0;
        Librdkafka.rd_kafka_metadata_destroy(metadata);
        return error != 0 ? -1 : partitions;
    }

    public void Dispose()
    {
        if (client == 0) return;
        _ = Librdkafka.rd_kafka_purge(client, PurgeAll);
        Librdkafka.rd_kafka_queue_destroy(Events);
        Librdkafka.rd_kafka_topic_destroy(Topic);
        Librdkafka.rd_kafka_destroy(client);
        client = 0;
    }

    private static string TextOf(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
