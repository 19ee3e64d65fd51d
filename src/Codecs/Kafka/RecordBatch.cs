using System.Buffers.Binary;

namespace Etl.Codecs.Kafka;

/// <summary>What is wrong with a batch.</summary>
public enum BatchFault
{
    None,

    /// <summary>The bytes end inside the batch.</summary>
    Cut,

    /// <summary>Bytes follow the batch.</summary>
    MoreThanOne,

    /// <summary>Another message format than 2.</summary>
    Magic,

    /// <summary>A length, count or offset delta that cannot be.</summary>
    Header,

    /// <summary>The checksum does not match the bytes.</summary>
    Crc,
}

/// <summary>Judges and patches whole record batches where they lie.</summary>
public static class RecordBatch
{
    /// <summary>Checks the batch at the front of <paramref name="source"/>: lengths, format, counts, checksum. The records stay packed.</summary>
    /// <param name="header">The fields, set whenever 61 bytes are there.</param>
    public static BatchFault Check(ReadOnlySpan<byte> source, out RecordBatchHeader header)
    {
        if (!RecordBatchHeader.TryRead(source, out header)) return BatchFault.Cut;
        if (header.Magic != 2) return BatchFault.Magic;
        if (!IsPlausible(header)) return BatchFault.Header;
        if (header.TotalBytes > source.Length) return BatchFault.Cut;
        uint crc = Crc32C.Of(source[RecordBatchHeader.CrcStartsAt..(int)header.TotalBytes]);
        return crc == header.Crc ? BatchFault.None : BatchFault.Crc;
    }

    /// <summary>As <see cref="Check"/>, for a producer's batch, which must fill the source, start at sequence or no sequence, and have no holes.</summary>
    public static BatchFault CheckProduced(ReadOnlySpan<byte> source, out RecordBatchHeader header)
    {
        var fault = Check(source, out header);
        if (fault != BatchFault.None) return fault;
        if (header.TotalBytes < source.Length) return BatchFault.MoreThanOne;
        bool holes = header.RecordsCount != header.LastOffsetDelta + 1;
        bool halfIdempotent = header.ProducerId >= 0 && (header.ProducerEpoch < 0 || header.BaseSequence < 0);
        return holes || halfIdempotent || header.Attributes.HasFlag(BatchAttributes.Control) ? BatchFault.Header : BatchFault.None;
    }

    /// <summary>Gives the batch its place in the log. Both fields lie outside the checksum.</summary>
    public static void SetPlace(Span<byte> batch, long baseOffset, int leaderEpoch)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch, baseOffset);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordBatchHeader.LeaderEpochAt..], leaderEpoch);
    }

    /// <summary>Stamps the batch with the broker's time, in milliseconds since 1970 UTC, and makes its checksum anew.</summary>
    public static void SetAppendTime(Span<byte> batch, long time)
    {
        var attributes = (BatchAttributes)BinaryPrimitives.ReadInt16BigEndian(batch[RecordBatchHeader.AttributesAt..]) | BatchAttributes.LogAppendTime;
        BinaryPrimitives.WriteInt16BigEndian(batch[RecordBatchHeader.AttributesAt..], (short)attributes);
        BinaryPrimitives.WriteInt64BigEndian(batch[RecordBatchHeader.MaxTimestampAt..], time);
        BinaryPrimitives.WriteUInt32BigEndian(batch[RecordBatchHeader.CrcAt..], Crc32C.Of(batch[RecordBatchHeader.CrcStartsAt..]));
    }

    /// <summary>Lengths and counts that can be; says nothing about the records.</summary>
    public static bool IsPlausible(in RecordBatchHeader header) =>
        header.Magic == 2 && header.TotalBytes is >= RecordBatchHeader.Bytes and <= int.MaxValue && header.BaseOffset >= 0 && header.LastOffsetDelta >= 0
        && header.RecordsCount >= 0 && header.RecordsCount <= header.LastOffsetDelta + 1L && header.LastOffset >= 0;
}
