using System.Runtime.InteropServices;

namespace Etl.Topics.Native;

/// <summary>
/// The functions of librdkafka that Confluent.Kafka does not offer: many records a call. <see cref="BundledLibrdkafka"/> must have been used before,
/// so that they are the same copy's. Names and signatures as in <c>rdkafka.h</c>.
/// </summary>
internal static unsafe partial class Librdkafka
{
    public const int EndOfPartition = -191;
    public const int QueueFull = -184;
    public const int FatalError = -150;
    public const int OffsetInvalid = -1001;

    public const int FlagCopy = 0x2;
    public const int FlagPartition = 0x8;

    public const int TypeProducer = 0;
    public const int EventDelivery = 0x1;
    public const int EventLog = 0x4;
    public const int EventError = 0x8;

    private const string Library = "librdkafka"; // the name that Confluent.Kafka loads it by

    // Consuming.
    [LibraryImport(Library)] public static partial nint rd_kafka_queue_get_consumer(nint client);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial nint rd_kafka_queue_get_partition(nint client, string topic, int partition);
    [LibraryImport(Library)] public static partial void rd_kafka_queue_forward(nint source, nint destination);
    [LibraryImport(Library)] public static partial void rd_kafka_queue_cb_event_enable(nint queue, delegate* unmanaged<nint, nint, void> onEvent, nint opaque);
    [LibraryImport(Library)] public static partial void rd_kafka_queue_destroy(nint queue);
    [LibraryImport(Library)] public static partial nint rd_kafka_consume_batch_queue(nint queue, int timeoutMs, NativeMessage** batch, nuint max);

    // Some tens of nanoseconds, and never blocking: so they may skip the change of the garbage collector's mode, a quarter of the whole cost. The
    // batch call may not: it runs the client's handlers (log, error, statistics), which are managed code.
    [LibraryImport(Library), SuppressGCTransition] public static partial void rd_kafka_message_destroy(NativeMessage* message);
    [LibraryImport(Library), SuppressGCTransition] public static partial long rd_kafka_message_timestamp(NativeMessage* message, int* type);

    // Producing.
    [LibraryImport(Library)] public static partial nint rd_kafka_conf_new();
    [LibraryImport(Library)] public static partial void rd_kafka_conf_destroy(nint configuration);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial int rd_kafka_conf_set(nint configuration, string name, string value, byte* error, nuint errorMax);
    [LibraryImport(Library)] public static partial void rd_kafka_conf_set_events(nint configuration, int events);
    [LibraryImport(Library)] public static partial nint rd_kafka_new(int type, nint configuration, byte* error, nuint errorMax);
    [LibraryImport(Library)] public static partial void rd_kafka_destroy(nint client);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial nint rd_kafka_topic_new(nint client, string topic, nint configuration);
    [LibraryImport(Library)] public static partial void rd_kafka_topic_destroy(nint topic);
    [LibraryImport(Library)] public static partial int rd_kafka_metadata(nint client, int allTopics, nint topic, out NativeMetadata* metadata, int timeoutMs);
    [LibraryImport(Library)] public static partial void rd_kafka_metadata_destroy(NativeMetadata* metadata);
    [LibraryImport(Library)] public static partial int rd_kafka_produce_batch(nint topic, int partition, int flags, NativeMessage* messages, int count);
    [LibraryImport(Library)] public static partial int rd_kafka_purge(nint client, int flags);

    // Events.
    [LibraryImport(Library)] public static partial nint rd_kafka_queue_get_main(nint client);
    [LibraryImport(Library)] public static partial nint rd_kafka_queue_poll(nint queue, int timeoutMs);
    [LibraryImport(Library)] public static partial int rd_kafka_event_type(nint @event);
    [LibraryImport(Library)] public static partial nuint rd_kafka_event_message_array(nint @event, NativeMessage** messages, nuint max);
    [LibraryImport(Library)] public static partial int rd_kafka_event_error(nint @event);
    [LibraryImport(Library)] public static partial nint rd_kafka_event_error_string(nint @event);
    [LibraryImport(Library)] public static partial void rd_kafka_event_destroy(nint @event);
    [LibraryImport(Library)] public static partial nint rd_kafka_err2str(int error);

    public static string ErrorText(int error) => Marshal.PtrToStringUTF8(rd_kafka_err2str(error)) ?? $"error {error}";
}

/// <summary><c>rd_kafka_metadata_t</c>, as far as it is read.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeMetadata
{
    public int BrokerCount;
    public nint Brokers;
    public int TopicCount;
    public NativeTopicMetadata* Topics;
}

/// <summary><c>rd_kafka_metadata_topic_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeTopicMetadata
{
    public nint Name;
    public int PartitionCount;
    public nint Partitions;
    public int Error;
}
