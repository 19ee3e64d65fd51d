using System.Buffers.Binary;
using Etl.Codecs.Kafka;

namespace Etl.Embedded.Broker.Log;

/// <summary>What to do with a producer's batch.</summary>
/// <param name="Error">None: append it, or <paramref name="StoredAt"/> says that it is there already.</param>
/// <param name="StoredAt">First offset of the batch if it was stored before; else -1.</param>
internal readonly record struct SequenceVerdict(KafkaError Error, long StoredAt);

/// <summary>The idempotent producers of one partition: epoch and last five batches of each, so that a repeated batch is known. Under the partition's lock.</summary>
internal sealed class ProducerStates
{
    /// <summary>Batches remembered for each producer: clients have at most five requests in flight.</summary>
    public const int BatchesKept = 5;

    /// <summary>Producers remembered; beyond it those that were silent for longest are forgotten, a tenth at once.</summary>
    public const int ProducersMax = 10_000;

    private const ulong Mark = 0x45544C5052443031; // "ETLPRD01"
    private const int BatchBytes = 16;

    private readonly Dictionary<long, Producer> _producers = [];

    private sealed class Producer
    {
        public short Epoch;
        public readonly Queue<Batch> Batches = new(BatchesKept);
        public Batch Last;
    }

    private readonly record struct Batch(int FirstSequence, int LastSequence, long BaseOffset);

    public int Count => _producers.Count;

    public SequenceVerdict Check(in RecordBatchHeader batch)
    {
        if (batch.ProducerId < 0 || !_producers.TryGetValue(batch.ProducerId, out var producer)) return new(KafkaError.None, -1);
        if (batch.ProducerEpoch < producer.Epoch) return new(KafkaError.InvalidProducerEpoch, -1);
        if (batch.ProducerEpoch > producer.Epoch) return new(batch.BaseSequence == 0 ? KafkaError.None : KafkaError.OutOfOrderSequenceNumber, -1);
        if (batch.BaseSequence == ((producer.Last.LastSequence + 1) & int.MaxValue)) return new(KafkaError.None, -1);
        foreach (var stored in producer.Batches)
            if (stored.FirstSequence == batch.BaseSequence && stored.LastSequence == batch.LastSequence) return new(KafkaError.None, stored.BaseOffset);
        // Half the range of sequences lies behind: older than what is remembered, so stored long ago. Clients take this answer as success.
        bool behind = ((producer.Last.LastSequence - batch.LastSequence) & int.MaxValue) < 1 << 30;
        return new(behind ? KafkaError.DuplicateSequenceNumber : KafkaError.OutOfOrderSequenceNumber, -1);
    }

    /// <summary>Takes note of a stored batch.</summary>
    public void Add(in RecordBatchHeader batch)
    {
        if (batch.ProducerId < 0) return;
        if (!_producers.TryGetValue(batch.ProducerId, out var producer))
        {
            if (_producers.Count >= ProducersMax) ForgetOldest();
            _producers.Add(batch.ProducerId, producer = new());
        }
        if (producer.Epoch != batch.ProducerEpoch) producer.Batches.Clear();
        producer.Epoch = batch.ProducerEpoch;
        Remember(producer, new(batch.BaseSequence, batch.LastSequence, batch.BaseOffset));
    }

    public void Clear() => _producers.Clear();

    public void Save(string path)
    {
        var bytes = new List<byte>(24 + (_producers.Count * (11 + (BatchesKept * BatchBytes))));
        Span<byte> field = stackalloc byte[BatchBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(field, Mark);
        bytes.AddRange(field[..8]);
        foreach (var (id, producer) in _producers)
        {
            BinaryPrimitives.WriteInt64LittleEndian(field, id);
            BinaryPrimitives.WriteInt16LittleEndian(field[8..], producer.Epoch);
            field[10] = (byte)producer.Batches.Count;
            bytes.AddRange(field[..11]);
            foreach (var batch in producer.Batches)
            {
                BinaryPrimitives.WriteInt32LittleEndian(field, batch.FirstSequence);
                BinaryPrimitives.WriteInt32LittleEndian(field[4..], batch.LastSequence);
                BinaryPrimitives.WriteInt64LittleEndian(field[8..], batch.BaseOffset);
                bytes.AddRange(field);
            }
        }
        byte[] all = [.. bytes, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32LittleEndian(all.AsSpan(all.Length - 4), Crc32C.Of(all.AsSpan(0, all.Length - 4)));
        DurableFile.Replace(path, all);
    }

    /// <summary>Takes over a saved state in place of the present one.</summary>
    /// <returns>False if there is none or it is torn: the present one is then empty.</returns>
    public bool TryLoad(string path)
    {
        _producers.Clear();
        if (!File.Exists(path)) return false;
        ReadOnlySpan<byte> all = File.ReadAllBytes(path);
        if (all.Length < 12 || BinaryPrimitives.ReadUInt64LittleEndian(all) != Mark || BinaryPrimitives.ReadUInt32LittleEndian(all[^4..]) != Crc32C.Of(all[..^4])) return false;
        for (all = all[8..^4]; all.Length > 0;)
        {
            var producer = new Producer { Epoch = BinaryPrimitives.ReadInt16LittleEndian(all[8..]) };
            _producers.Add(BinaryPrimitives.ReadInt64LittleEndian(all), producer);
            int count = all[10];
            all = all[11..];
            for (int i = 0; i < count; i++, all = all[BatchBytes..])
                Remember(producer, new(BinaryPrimitives.ReadInt32LittleEndian(all), BinaryPrimitives.ReadInt32LittleEndian(all[4..]), BinaryPrimitives.ReadInt64LittleEndian(all[8..])));
        }
        return true;
    }

    private static void Remember(Producer producer, Batch batch)
    {
        if (producer.Batches.Count == BatchesKept) producer.Batches.Dequeue();
        producer.Batches.Enqueue(batch);
        producer.Last = batch;
    }

    private void ForgetOldest()
    {
        foreach (long id in _producers.OrderBy(pair => pair.Value.Last.BaseOffset).Take(ProducersMax / 10).Select(pair => pair.Key).ToList()) _producers.Remove(id);
    }
}
