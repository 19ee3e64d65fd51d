using System.Buffers.Binary;
using Etl.Codecs.Kafka;

namespace Etl.Embedded.Broker.Log;

/// <summary>A batch's place in its segment.</summary>
/// <param name="RelativeOffset">Base offset of the batch, less the segment's.</param>
/// <param name="Position">Byte where the batch begins.</param>
/// <param name="MaxTimestampBefore">Greatest timestamp of all batches before it in the segment; -1 if there is none.</param>
internal readonly record struct IndexEntry(int RelativeOffset, int Position, long MaxTimestampBefore);

/// <summary>
/// Sparse index of one segment by offset and by time. One thread appends; any thread looks up at the same time.
/// On disk it is written whole when the segment is closed, and made anew from the log when it is missing or torn.
/// </summary>
internal sealed class SegmentIndex(int intervalBytes)
{
    private const ulong Mark = 0x45544C4944583031; // "ETLIDX01"
    private const int HeaderBytes = 8 + 8 + 8 + 8 + 8 + 4 + 4;
    private const int EntryBytes = 16;

    private IndexEntry[] _entries = new IndexEntry[16];
    private int _count;
    private long _nextEntryAt;

    /// <summary>Greatest timestamp of all batches; -1 without one.</summary>
    public long MaxTimestamp { get; private set; } = -1;

    /// <summary>Base offset of the batch that has it; -1 without one.</summary>
    public long MaxTimestampBatch { get; private set; } = -1;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes note of the batch at <paramref name="position"/>.</summary>
    public void Add(long segmentBase, int position, in RecordBatchHeader batch)
    {
        if (position >= _nextEntryAt)
        {
            if (_count == _entries.Length) Array.Resize(ref _entries, _count * 2);
            _entries[_count] = new((int)(batch.BaseOffset - segmentBase), position, MaxTimestamp);
            Volatile.Write(ref _count, _count + 1);
            _nextEntryAt = (long)position + intervalBytes;
        }
        if (batch.MaxTimestamp <= MaxTimestamp) return;
        MaxTimestamp = batch.MaxTimestamp;
        MaxTimestampBatch = batch.BaseOffset;
    }

    /// <summary>The last indexed batch that begins at or before the offset; the segment's first one otherwise.</summary>
    public IndexEntry AtOrBeforeOffset(long relativeOffset) => LastWhere((entry, offset) => entry.RelativeOffset <= offset, relativeOffset);

    /// <summary>The last indexed batch that begins at or before the byte; the segment's first one otherwise.</summary>
    public IndexEntry AtOrBeforePosition(long position) => LastWhere((entry, at) => entry.Position <= at, position);

    /// <summary>The last indexed batch before which no timestamp reaches the time; the segment's first one otherwise.</summary>
    public IndexEntry BeforeTime(long timestamp) => LastWhere((entry, time) => entry.MaxTimestampBefore < time, timestamp);

    /// <summary>Writes the index beside its log: temporary name, then rename, so that it is whole or absent.</summary>
    public void Save(string path, long logBytes, long endOffset)
    {
        byte[] bytes = new byte[HeaderBytes + (_count * EntryBytes)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Mark);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), logBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), endOffset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), MaxTimestamp);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), MaxTimestampBatch);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), _count);
        for (int i = 0; i < _count; i++)
        {
            var target = bytes.AsSpan(HeaderBytes + (i * EntryBytes));
            BinaryPrimitives.WriteInt32LittleEndian(target, _entries[i].RelativeOffset);
            BinaryPrimitives.WriteInt32LittleEndian(target[4..], _entries[i].Position);
            BinaryPrimitives.WriteInt64LittleEndian(target[8..], _entries[i].MaxTimestampBefore);
        }
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(44), Checksum(bytes));
        DurableFile.Replace(path, bytes);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <returns>Null if there is no index, it is torn, or it is of a log of another length.</returns>
    public static SegmentIndex? Load(string path, int intervalBytes, long logBytes, out long endOffset)
    {
        endOffset = -1;
        if (!File.Exists(path)) return null;
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.Length < HeaderBytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Mark || BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)) != logBytes) return null;
        int count = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(40));
        if (count < 0 || bytes.Length != HeaderBytes + ((long)count * EntryBytes) || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(44)) != Checksum(bytes)) return null;
        var index = new SegmentIndex(intervalBytes)
        {
            MaxTimestamp = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(24)),
            MaxTimestampBatch = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(32)),
            _entries = new IndexEntry[Math.Max(1, count)],
            _count = count,
        };
        for (int i = 0; i < count; i++)
        {
            var source = bytes.AsSpan(HeaderBytes + (i * EntryBytes));
            index._entries[i] = new(BinaryPrimitives.ReadInt32LittleEndian(source), BinaryPrimitives.ReadInt32LittleEndian(source[4..]), BinaryPrimitives.ReadInt64LittleEndian(source[8..]));
        }
        index._nextEntryAt = count == 0 ? 0 : (long)index._entries[count - 1].Position + intervalBytes;
        endOffset = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(16));
        return index;
    }

    private static uint Checksum(byte[] bytes) => Crc32C.Of(bytes.AsSpan(0, 44)) ^ Crc32C.Of(bytes.AsSpan(HeaderBytes));

    // All three orders ascend, so the entries for which the test holds come first.
    private IndexEntry LastWhere(Func<IndexEntry, long, bool> holds, long value)
    {
        int low = 0, high = Volatile.Read(ref _count); // the count first: the array seen after it has at least as many
        var entries = Volatile.Read(ref _entries);
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (holds(entries[middle], value)) low = middle + 1;
            else high = middle;
        }
        return low == 0 ? new(0, 0, -1) : entries[low - 1];
    }
}
