using System.Buffers.Binary;

namespace Etl.Codecs.Kafka;

/// <summary>The first 61 bytes of a record batch, message format 2. Timestamps are milliseconds since 1970 UTC.</summary>
public readonly record struct RecordBatchHeader
{
    /// <summary>Bytes of the header; the records follow.</summary>
    public const int Bytes = 61;

    /// <summary>Bytes before the part that <see cref="BatchLength"/> counts: base offset and the length itself.</summary>
    public const int LogOverhead = 12;

    internal const int LeaderEpochAt = 12, MagicAt = 16, CrcAt = 17, CrcStartsAt = 21, AttributesAt = 21, MaxTimestampAt = 35;

    public required long BaseOffset { get; init; }

    /// <summary>Bytes after the length field.</summary>
    public required int BatchLength { get; init; }

    public required int LeaderEpoch { get; init; }

    public required sbyte Magic { get; init; }

    /// <summary>CRC-32C of all bytes from the attributes on.</summary>
    public required uint Crc { get; init; }

    public required BatchAttributes Attributes { get; init; }

    public required int LastOffsetDelta { get; init; }

    public required long BaseTimestamp { get; init; }

    public required long MaxTimestamp { get; init; }

    /// <summary>-1: not idempotent.</summary>
    public required long ProducerId { get; init; }

    public required short ProducerEpoch { get; init; }

    public required int BaseSequence { get; init; }

    public required int RecordsCount { get; init; }

    /// <summary>Bytes of the whole batch in a log or request.</summary>
    public long TotalBytes => (long)LogOverhead + BatchLength;

    /// <summary>The offset of the last record; holes before it are allowed.</summary>
    public long LastOffset => BaseOffset + LastOffsetDelta;

    /// <summary>The sequence of the last record; numbers wrap from 2^31 - 1 to 0.</summary>
    public int LastSequence => BaseSequence < 0 ? -1 : (int)(((long)BaseSequence + LastOffsetDelta) & int.MaxValue);

    public KafkaCodec Codec => (KafkaCodec)((short)Attributes & 7);

    /// <summary>Reads the fields as they stand, without judging them.</summary>
    /// <returns>False if fewer than 61 bytes are there.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out RecordBatchHeader header)
    {
        header = default;
        if (source.Length < Bytes) return false;
        header = new()
        {
            BaseOffset = BinaryPrimitives.ReadInt64BigEndian(source),
            BatchLength = BinaryPrimitives.ReadInt32BigEndian(source[8..]),
            LeaderEpoch = BinaryPrimitives.ReadInt32BigEndian(source[LeaderEpochAt..]),
            Magic = (sbyte)source[MagicAt],
            Crc = BinaryPrimitives.ReadUInt32BigEndian(source[CrcAt..]),
            Attributes = (BatchAttributes)BinaryPrimitives.ReadInt16BigEndian(source[AttributesAt..]),
            LastOffsetDelta = BinaryPrimitives.ReadInt32BigEndian(source[23..]),
            BaseTimestamp = BinaryPrimitives.ReadInt64BigEndian(source[27..]),
            MaxTimestamp = BinaryPrimitives.ReadInt64BigEndian(source[MaxTimestampAt..]),
            ProducerId = BinaryPrimitives.ReadInt64BigEndian(source[43..]),
            ProducerEpoch = BinaryPrimitives.ReadInt16BigEndian(source[51..]),
            BaseSequence = BinaryPrimitives.ReadInt32BigEndian(source[53..]),
            RecordsCount = BinaryPrimitives.ReadInt32BigEndian(source[57..]),
        };
        return true;
    }
}

/// <summary>Bits of a batch's attributes beside the codec (bits 0 to 2).</summary>
[Flags]
public enum BatchAttributes : short
{
    None = 0,

    /// <summary>The max timestamp is the broker's time of appending, and every record has it.</summary>
    LogAppendTime = 8,
    Transactional = 16,

    /// <summary>A transaction marker: it takes an offset and is no data.</summary>
    Control = 32,
    DeleteHorizon = 64,
}

/// <summary>How the records of a batch are compressed, as one blob.</summary>
public enum KafkaCodec
{
    None = 0,
    Gzip = 1,
    Snappy = 2,

    /// <summary>The LZ4 frame format.</summary>
    Lz4 = 3,
    Zstd = 4,
}
