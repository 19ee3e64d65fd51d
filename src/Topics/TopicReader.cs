using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Etl.Topics.Native;

namespace Etl.Topics;

/// <summary>
/// Reads a topic in micro-batches, thousands of records a call, in librdkafka's own memory. One consumer serves for the reader's whole life: going
/// on where it stands costs a tenth of a millisecond, assigning anew 10 to 140, a new consumer more.
/// </summary>
/// <remarks>One thread at a time. No group is joined: which partitions are read is the caller's word alone.</remarks>
public sealed class TopicReader : IDisposable
{
    /// <summary>The most records of one native call, and so the most kept past a range's end, per partition.</summary>
    public const int BatchMax = 10_000;

    private static readonly TimeSpan WaitStep = TimeSpan.FromMilliseconds(100); // how soon a cancellation is seen

    private readonly KafkaOptions kafka;
    private readonly IConsumer<byte[], byte[]> consumer;
    private readonly nint client;
    private readonly nint events; // the consumer's own queue: errors and logs, no records
    private readonly AutoResetEvent arrived = new(false);
    private readonly GCHandle wakeUp;
    private readonly SortedDictionary<int, PartitionQueue> queues = [];
    private volatile string lastError = "no error was reported";
    private bool mustAssign = true;
    private bool disposed;

    private TopicReader(KafkaOptions kafka, string topic)
    {
        BundledLibrdkafka.Use();
        (this.kafka, Topic) = (kafka, topic);
        consumer = new ConsumerBuilder<byte[], byte[]>(kafka.Configure(new ConsumerConfig
        {
            GroupId = kafka.ClientId, // asked for, though without Subscribe nobody joins a group
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            AutoOffsetReset = AutoOffsetReset.Error, // an offset that is gone is an error, not a silent jump
            EnablePartitionEof = true,
            FetchQueueBackoffMs = 5, // 1000 if not set: a full queue then stops fetching for a second
            FetchWaitMaxMs = 50, // the end of a partition shows after an empty fetch, which takes this long
        })).SetErrorHandler((_, error) => lastError = error.Reason).SetLogHandler((_, _) => { }).Build();
        client = NativeHandle(consumer);
        events = Librdkafka.rd_kafka_queue_get_consumer(client);
        wakeUp = GCHandle.Alloc(arrived);
    }

    public string Topic { get; }

    /// <summary>Where the next call goes on, by partition.</summary>
    public IReadOnlyList<PartitionOffset> Positions => [.. queues.Values.Select(queue => new PartitionOffset(queue.Partition, queue.Next))];

    /// <summary>Opens a reader after having asked whether the topic is there: librdkafka itself says nothing of an unknown one for half a minute.</summary>
    /// <exception cref="TopicException">No broker answers, or the topic is not there.</exception>
    public static async Task<TopicReader> OpenAsync(KafkaOptions kafka, string topic, CancellationToken cancel)
    {
        using (var admin = new TopicAdmin(kafka)) await admin.DescribeAsync(topic, cancel);
        return new TopicReader(kafka, topic);
    }

    /// <summary>Stands at these positions; partitions that are not named are left. Does nothing when it stands there already.</summary>
    public void Assign(IReadOnlyCollection<PartitionOffset> positions)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        bool same = !mustAssign && positions.Count == queues.Count
            && positions.All(position => queues.TryGetValue(position.Partition, out var queue) && queue.Next == position.Next);
        if (same) return;
        Forget();
        foreach (var (partition, next) in positions)
            queues.Add(partition, new(client, Topic, partition, BatchMax, GCHandle.ToIntPtr(wakeUp)) { Next = next });
        consumer.Assign(positions.Select(position => new TopicPartitionOffset(Topic, position.Partition, position.Next)));
        mustAssign = false;
    }

    /// <summary>Hands out what has arrived in the assigned partitions, at most <see cref="BatchMax"/> records of each; waits only when nothing has.</summary>
    /// <param name="wait">The longest wait for the first record.</param>
    /// <param name="onRecord">Runs on this thread, records of one partition in the order of their offsets.</param>
    /// <returns>Number of records; 0 when none came in time.</returns>
    /// <exception cref="TopicException">A partition's error, e.g. a position that is gone. The next call must assign anew, and does so by itself.</exception>
    public int Read(TimeSpan wait, OnRecord onRecord)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ServeEvents();
        int served = ServeAll(onRecord);
        if (served > 0 || !arrived.WaitOne(wait)) return served;
        return ServeAll(onRecord);
    }

    /// <summary>Hash of the partition's last record handed out; "" before the first.</summary>
    public string LastHash(int partition) => queues.TryGetValue(partition, out var queue) ? queue.LastHash : "";

    /// <summary>As <see cref="ReadRange"/>, on a thread of the pool.</summary>
    public Task<IReadOnlyList<RangeRead>> ReadRangeAsync(IReadOnlyList<PartitionRange> ranges, OnRecord onRecord, CancellationToken cancel) =>
        Task.Run(() => ReadRange(ranges, onRecord, cancel), cancel);

    /// <summary>
    /// Hands out every record of the ranges and no other. Offsets may be missing (compaction, transaction markers): a partition is done when its
    /// end is passed in any way. Records past an end are kept for the next call, so ranges that follow each other are read without a new start.
    /// </summary>
    /// <param name="ranges">At most one a partition. An empty one keeps its partition assigned.</param>
    /// <exception cref="TopicException">A partition's error; or nothing came for <see cref="KafkaOptions.StallTimeout"/> though the range has not ended.</exception>
    public IReadOnlyList<RangeRead> ReadRange(IReadOnlyList<PartitionRange> ranges, OnRecord onRecord, CancellationToken cancel)
    {
        GoOnAt(ranges);
        var records = ranges.ToDictionary(range => range.Partition, _ => 0L);
        var open = ranges.Where(range => range.From < range.To).ToList();
        long progressAt = Environment.TickCount64;
        while (open.Count > 0)
        {
            cancel.ThrowIfCancellationRequested();
            ServeEvents();
            bool any = false;
            foreach (var range in open)
            {
                int served = Serve(queues[range.Partition], range.To, onRecord);
                any |= served >= 0;
                records[range.Partition] += Math.Max(0, served);
            }
            open.RemoveAll(range => queues[range.Partition].Next >= range.To);
            if (any) progressAt = Environment.TickCount64;
            else if (open.Count > 0 && !arrived.WaitOne(WaitStep) && Environment.TickCount64 - progressAt > kafka.StallTimeout.TotalMilliseconds) throw Stalled(open);
        }
        return [.. ranges.Select(range => new RangeRead(range, records[range.Partition], records[range.Partition] > 0 ? queues[range.Partition].LastHash : ""))];
    }

    /// <summary>Tells the broker where landing stands, for tools that show lag. Only a hint: nothing here ever reads it.</summary>
    /// <returns>false when the broker did not take it.</returns>
    public bool TryCommitHint(IEnumerable<PartitionOffset> positions)
    {
        try
        {
            consumer.Commit(positions.Select(position => new TopicPartitionOffset(Topic, position.Partition, position.Next)));
            return true;
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        Forget();
        Librdkafka.rd_kafka_queue_destroy(events);
        consumer.Close();
        consumer.Dispose();
        wakeUp.Free();
        arrived.Dispose();
    }

    /// <summary>Keeps the assignment where every range begins at its partition's position.</summary>
    private void GoOnAt(IReadOnlyList<PartitionRange> ranges)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        bool kept = !mustAssign && ranges.All(range => queues.TryGetValue(range.Partition, out var queue) && queue.Next == range.From);
        if (!kept) Assign([.. ranges.Select(range => new PartitionOffset(range.Partition, range.From))]);
    }

    private int ServeAll(OnRecord onRecord)
    {
        int served = 0;
        foreach (var queue in queues.Values) served += Math.Max(0, Serve(queue, long.MaxValue, onRecord));
        return served;
    }

    private int Serve(PartitionQueue queue, long to, OnRecord onRecord)
    {
        bool completed = false;
        try
        {
            int served = queue.Serve(to, onRecord);
            completed = true;
            return served;
        }
        catch (PartitionErrorException error)
        {
            throw TopicException.Of(new Error((ErrorCode)error.Code, error.Message), $"reading {Topic}, partition {queue.Partition} at offset {queue.Next:N0}", kafka, error);
        }
        finally
        {
            mustAssign |= !completed;
        }
    }

    /// <summary>Lets the client's handlers run. No record comes this way: every assigned partition has its own queue.</summary>
    private unsafe void ServeEvents()
    {
        NativeMessage* message;
        while (Librdkafka.rd_kafka_consume_batch_queue(events, 0, &message, 1) == 1)
        {
            lastError = Librdkafka.ErrorText(message->Error);
            Librdkafka.rd_kafka_message_destroy(message);
        }
    }

    private TopicException Stalled(List<PartitionRange> open)
    {
        mustAssign = true;
        string where = string.Join("; ", open.Select(range => $"partition {range.Partition} at offset {queues[range.Partition].Next:N0} of {range.To:N0}"));
        return new($"reading {Topic}: no record came for {kafka.StallTimeout.TotalSeconds:0.#} s ({where}; last error: {lastError}). "
            + $"Expected a broker at {kafka.BootstrapServers} that holds these offsets: check that it runs, and that the log was not cut.", true);
    }

    private void Forget()
    {
        mustAssign = true;
        foreach (var queue in queues.Values) queue.Dispose();
        queues.Clear();
        consumer.Unassign();
    }

    /// <summary>Confluent.Kafka keeps <c>rd_kafka_t*</c> to itself; a test of ours notices if a new version hides it elsewhere.</summary>
    internal static nint NativeHandle(IClient client)
    {
        var property = typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.NonPublic | BindingFlags.Instance)
            ?? throw new MissingMemberException(typeof(Handle).FullName, "LibrdkafkaHandle");
        return ((SafeHandle)property.GetValue(client.Handle)!).DangerousGetHandle();
    }
}
