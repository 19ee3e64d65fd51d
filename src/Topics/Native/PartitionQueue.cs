using System.Runtime.InteropServices;

namespace Etl.Topics.Native;

/// <summary>
/// The fetched records of one partition, apart from the others': a partition that has reached its end is simply not asked, while its records wait
/// inside librdkafka, within librdkafka's bounds. What a batch held past the end is kept here for the next call.
/// </summary>
internal sealed unsafe class PartitionQueue : IDisposable
{
    private readonly NativeMessage** batch;
    private readonly int batchMax;
    private nint queue;
    private int at; // batch[at..count] are ours to give back
    private int count;

    /// <param name="client"><c>rd_kafka_t</c> of a consumer. Must come before the partition is assigned, so that no record takes the common queue.</param>
    public PartitionQueue(nint client, string topic, int partition, int batchMax, nint wakeUp)
    {
        (Partition, this.batchMax) = (partition, batchMax);
        queue = Librdkafka.rd_kafka_queue_get_partition(client, topic, partition);
        if (queue == 0) throw new ArgumentException($"partition {partition} of {topic}: librdkafka has no queue for it", nameof(partition));
        Librdkafka.rd_kafka_queue_forward(queue, 0);
        Librdkafka.rd_kafka_queue_cb_event_enable(queue, &OnNotEmpty, wakeUp);
        batch = (NativeMessage**)NativeMemory.Alloc((nuint)batchMax, (nuint)sizeof(NativeMessage*));
    }

    public int Partition { get; }

    /// <summary>Offset of the next record to be handed out; all before it were, or are not there.</summary>
    public long Next { get; set; }

    /// <summary>Hash of the last record handed out; "" before the first.</summary>
    public string LastHash { get; private set; } = "";

    /// <summary>Hands out what is there below <paramref name="to"/>, at most one batch. Never waits.</summary>
    /// <returns>How many; −1 when nothing at all was there.</returns>
    /// <exception cref="PartitionErrorException">The partition's own error. <see cref="Next"/> stays.</exception>
    public int Serve(long to, OnRecord onRecord)
    {
        if (at == count)
        {
            (at, count) = (0, (int)Librdkafka.rd_kafka_consume_batch_queue(queue, 0, batch, (nuint)batchMax));
            if (count <= 0)
            {
                count = 0;
                return -1;
            }
        }
        int served = 0;
        NativeMessage* last = null;
        try
        {
            for (; at < count && Next < to; at++)
            {
                var message = batch[at];
                if (message->Error == Librdkafka.EndOfPartition) Next = Math.Max(Next, message->Offset);
                else if (message->Error != 0) throw new PartitionErrorException(message->Error, new NativeRecord(message).ErrorText);
                else if (message->Offset >= to)
                {
                    Next = to; // a hole up to the end: this one is for the next call
                    break;
                }
                else if (message->Offset >= Next)
                {
                    onRecord(new NativeRecord(message));
                    Next = message->Offset + 1;
                    served++;
                    if (last != null) Librdkafka.rd_kafka_message_destroy(last);
                    last = message;
                    continue;
                }
                Librdkafka.rd_kafka_message_destroy(message);
            }
            if (last != null) LastHash = new NativeRecord(last).Hash();
        }
        catch
        {
            GiveBack(); // whoever failed must assign anew: what was handed out is not known to have been taken
            throw;
        }
        finally
        {
            if (last != null) Librdkafka.rd_kafka_message_destroy(last);
        }
        return served;
    }

    /// <summary>Throws away what is kept. What is not given back keeps its whole fetch alive, and the consumer could never close.</summary>
    public void GiveBack()
    {
        while (at < count) Librdkafka.rd_kafka_message_destroy(batch[at++]);
    }

    public void Dispose()
    {
        if (queue == 0) return;
        Librdkafka.rd_kafka_queue_cb_event_enable(queue, null, 0);
        GiveBack();
        Librdkafka.rd_kafka_queue_destroy(queue);
        NativeMemory.Free(batch);
        queue = 0;
    }

    /// <summary>Runs on a thread of librdkafka that holds the queue's lock: it may only set the event.</summary>
    [UnmanagedCallersOnly]
    private static void OnNotEmpty(nint client, nint wakeUp) => ((AutoResetEvent)GCHandle.FromIntPtr(wakeUp).Target!).Set();
}

/// <summary>An error that came in a record's place.</summary>
internal sealed class PartitionErrorException(int code, string reason) : Exception(reason)
{
    public int Code => code;
}
