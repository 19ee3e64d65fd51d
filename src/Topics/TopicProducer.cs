using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Etl.Codecs.Avro;
using Etl.Topics.Native;

namespace Etl.Topics;

/// <summary>
/// Sends records to one topic: idempotent, acknowledged by all in-sync replicas, thousands a native call. A key's records keep their order and go
/// to the partition that Kafka's Java client would choose. The broker's timestamp is the time of sending; an event's own time is in its value.
/// </summary>
/// <remarks>One thread at a time. Until <see cref="FlushAsync"/> has returned, a record is only on its way.</remarks>
public sealed class TopicProducer : IDisposable
{
    /// <summary>The most bytes of one record's key and value.</summary>
    public const int RecordBytesMax = 1_000_000;

    private const int BatchMax = 4_096;
    private const int ArenaBytes = 2 * RecordBytesMax;
    private const int WaitStepMs = 100;
    private const int WireHeaderBytes = 5;

    private readonly ProducerHandle handle;
    private readonly unsafe NativeMessage* batch = (NativeMessage*)NativeMemory.AllocZeroed(BatchMax, (nuint)sizeof(NativeMessage));
    private readonly unsafe byte* arena = (byte*)NativeMemory.Alloc(ArenaBytes);
    private readonly unsafe NativeMessage** reports = (NativeMessage**)NativeMemory.Alloc(BatchMax, (nuint)sizeof(NativeMessage*));
    private readonly DeliveryCount[] counts;
    private int batchCount;
    private int arenaUsed;
    private long inFlight;
    private string? firstFailure;
    private string? fatal;
    private bool disposed;

    private TopicProducer(string topic, ProducerHandle handle, int partitions)
    {
        (Topic, this.handle) = (topic, handle);
        counts = new DeliveryCount[partitions];
        Array.Fill(counts, new() { First = -1, Last = -1 });
    }

    public string Topic { get; }

    public int Partitions => counts.Length;

    /// <summary>Records given to <see cref="Send(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>.</summary>
    public long Sent { get; private set; }

    /// <exception cref="TopicException">No broker answers, the topic is not there, or a setting is refused.</exception>
    public static async Task<TopicProducer> OpenAsync(KafkaOptions kafka, string topic, ProducerOptions options, CancellationToken cancel)
    {
        BundledLibrdkafka.Use();
        using (var admin = new TopicAdmin(kafka)) await admin.DescribeAsync(topic, cancel); // before librdkafka asks, which would make a missing topic
        return await Task.Run(() => Open(kafka, topic, options), cancel);
    }

    /// <summary>Sends a record in Confluent's wire format: 0, the schema's id, the Avro bytes.</summary>
    /// <param name="schemaId">Of the record's own schema, as the registry gave it.</param>
    public void Send<TRecord>(ReadOnlySpan<byte> key, int schemaId, TRecord record)
        where TRecord : IAvroRecord
    {
        int room = WireHeaderBytes + record.EncodedBytesMax;
        var value = Begin(key, room);
        value[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(value[1..], schemaId);
        End(key, WireHeaderBytes + record.Encode(value[WireHeaderBytes..]));
    }

    /// <summary>Sends a record as it is. Returns at once, unless <see cref="ProducerOptions.InFlightMax"/> are on their way.</summary>
    /// <exception cref="ArgumentException">Key and value have more than <see cref="RecordBytesMax"/> bytes together.</exception>
    /// <exception cref="TopicException">The producer has failed for good; open another.</exception>
    public void Send(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        value.CopyTo(Begin(key, value.Length));
        End(key, value.Length);
    }

    /// <summary>Waits until every record has been acknowledged or given up.</summary>
    /// <returns>What became of all that was sent since the producer was opened.</returns>
    public Task<DeliveryManifest> FlushAsync(CancellationToken cancel) => Task.Run(
        () =>
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            HandOver();
            while (inFlight > 0)
            {
                cancel.ThrowIfCancellationRequested();
                TakeReports(WaitStepMs);
            }
            return Manifest();
        },
        cancel);

    /// <summary>As it stands now; what is still on its way is in none of the counts.</summary>
    public DeliveryManifest Manifest() => new(
        Topic, [.. counts.Select((count, partition) => new PartitionDelivery(partition, count.Delivered, count.First, count.Last, count.Failed))], firstFailure);

    /// <summary>Gives up what is still on its way: flush first.</summary>
    public unsafe void Dispose()
    {
        if (disposed) return;
        disposed = true;
        handle.Dispose();
        NativeMemory.Free(batch);
        NativeMemory.Free(arena);
        NativeMemory.Free(reports);
    }

    private static TopicProducer Open(KafkaOptions kafka, string topic, ProducerOptions options)
    {
        if (kafka.Faults().Concat(options.Faults()).ToList() is { Count: > 0 } faults) throw new ArgumentException(string.Join("; ", faults), nameof(options));
        string what = $"sending to {topic}";
        var settings = new Dictionary<string, string>
        {
            ["bootstrap.servers"] = kafka.BootstrapServers,
            ["client.id"] = kafka.ClientId,
            ["enable.idempotence"] = "true",
            ["acks"] = "all",
            ["compression.type"] = options.Compression,
            ["linger.ms"] = options.Linger.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
            ["message.timeout.ms"] = ((int)options.DeliveryTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
            ["queue.buffering.max.messages"] = options.InFlightMax.ToString(CultureInfo.InvariantCulture),
            ["batch.num.messages"] = "10000",
            ["message.max.bytes"] = (RecordBytesMax + 1_024).ToString(CultureInfo.InvariantCulture),
            ["partitioner"] = "murmur2",
            ["log_level"] = "3", // that records were given up is told by the manifest, not by librdkafka's own lines
        };
        foreach (var (name, value) in kafka.Settings) settings[name] = value;
        ProducerHandle handle;
        try
        {
            handle = new(settings, topic);
        }
        catch (ArgumentException refused)
        {
            throw new TopicException($"{what}: {refused.Message}. Mend Kafka's settings.", false, refused);
        }
        int partitions = handle.LoadPartitions(kafka.RequestTimeout, out int error);
        if (partitions > 0) return new(topic, handle, partitions);
        handle.Dispose();
        throw TopicException.Of(new Confluent.Kafka.Error((Confluent.Kafka.ErrorCode)error, Librdkafka.ErrorText(error)), what, kafka);
    }

    /// <summary>Room for one record's value in the batch; <see cref="End"/> follows.</summary>
    private unsafe Span<byte> Begin(ReadOnlySpan<byte> key, int valueBytesMax)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (fatal is not null) throw new TopicException($"sending to {Topic}: the producer has failed for good ({fatal}). Open another and send what is missing again.", true);
        if (key.Length + (long)valueBytesMax > RecordBytesMax)
            throw new ArgumentException($"sending to {Topic}: found a record of up to {key.Length + (long)valueBytesMax:N0} bytes, expected at most {RecordBytesMax:N0} ({nameof(RecordBytesMax)})", nameof(valueBytesMax));
        if (batchCount == BatchMax || arenaUsed + key.Length + valueBytesMax > ArenaBytes) HandOver();
        key.CopyTo(new(arena + arenaUsed, key.Length));
        return new(arena + arenaUsed + key.Length, valueBytesMax);
    }

    private unsafe void End(ReadOnlySpan<byte> key, int valueBytes)
    {
        byte* start = arena + arenaUsed;
        batch[batchCount++] = new()
        {
            Partition = Murmur2.PartitionOf(key, counts.Length), Key = start, KeyLength = (nuint)key.Length, Value = start + key.Length, ValueLength = (nuint)valueBytes,
        };
        arenaUsed += key.Length + valueBytes;
        Sent++;
    }

    /// <summary>Gives the batch to librdkafka, which copies it; where its queue is full, waits for deliveries and gives the rest, in order.</summary>
    private unsafe void HandOver()
    {
        int count = batchCount;
        while (count > 0)
        {
            int taken = Librdkafka.rd_kafka_produce_batch(handle.Topic, 0, Librdkafka.FlagCopy | Librdkafka.FlagPartition, batch, count);
            inFlight += taken;
            count = taken == count ? 0 : KeepRefused(count);
            while (TakeReports(count > 0 ? WaitStepMs : 0) && count == 0) { /* all that is there */ }
        }
        (batchCount, arenaUsed) = (0, 0);
    }

    /// <summary>Moves the records that found the queue full to the front (librdkafka refuses all after the first such) and counts the others that were refused as failed.</summary>
    private unsafe int KeepRefused(int count)
    {
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            if (batch[i].Error == Librdkafka.QueueFull) batch[kept++] = batch[i];
            else if (batch[i].Error != 0) Fail(batch[i].Partition, batch[i].Error);
        }
        return kept;
    }

    /// <summary>Counts one group of delivery reports.</summary>
    /// <returns>false when none was there in time.</returns>
    private unsafe bool TakeReports(int waitMs)
    {
        nint @event = Librdkafka.rd_kafka_queue_poll(handle.Events, waitMs);
        if (@event == 0) return false;
        switch (Librdkafka.rd_kafka_event_type(@event))
        {
            case Librdkafka.EventDelivery:
                while ((int)Librdkafka.rd_kafka_event_message_array(@event, reports, BatchMax) is var count && count > 0) Count(count);
                break;
            case Librdkafka.EventError when Librdkafka.rd_kafka_event_error(@event) == Librdkafka.FatalError:
                fatal = Marshal.PtrToStringUTF8(Librdkafka.rd_kafka_event_error_string(@event));
                break;
        }
        Librdkafka.rd_kafka_event_destroy(@event);
        return true;
    }

    private unsafe void Count(int reported)
    {
        for (int i = 0; i < reported; i++)
        {
            var report = reports[i];
            if (report->Error != 0)
            {
                Fail(report->Partition, report->Error);
                continue;
            }
            ref var count = ref counts[report->Partition];
            count.Delivered++;
            if (report->Offset < 0) continue;
            if (count.First < 0 || report->Offset < count.First) count.First = report->Offset;
            if (report->Offset > count.Last) count.Last = report->Offset;
        }
        inFlight -= reported;
    }

    private void Fail(int partition, int error)
    {
        counts[partition].Failed++;
        firstFailure ??= Librdkafka.ErrorText(error);
    }

    private struct DeliveryCount
    {
        public long Delivered, First, Last, Failed;
    }
}
