namespace Etl.Codecs.Kafka;

/// <summary>Looks into a batch for a record by its time.</summary>
public static class RecordTimes
{
    /// <summary>The first record at or after both a time and an offset.</summary>
    /// <param name="batch">The whole batch, its records packed or not.</param>
    /// <param name="timestamp">Milliseconds since 1970 UTC.</param>
    /// <returns>
    /// Null if there is none. A batch that cannot be unpacked answers with its own first offset and greatest time: a reader then starts early, never late.
    /// </returns>
    public static (long Timestamp, long Offset)? FindFirst(ReadOnlySpan<byte> batch, in RecordBatchHeader header, long timestamp, long fromOffset)
    {
        if (header.MaxTimestamp < timestamp || header.LastOffset < fromOffset) return null;
        if (header.Attributes.HasFlag(BatchAttributes.LogAppendTime)) return (header.MaxTimestamp, Math.Max(fromOffset, header.BaseOffset));
        using var payload = BatchPayload.Unpack(batch[RecordBatchHeader.Bytes..], header.Codec);
        if (payload.IsFaulty) return (header.MaxTimestamp, Math.Max(fromOffset, header.BaseOffset));
        var records = new RecordReader(payload.Bytes, header);
        while (records.TryRead(out var record))
            if (record.Timestamp >= timestamp && record.Offset >= fromOffset) return (record.Timestamp, record.Offset);
        return records.IsFaulty ? (header.MaxTimestamp, Math.Max(fromOffset, header.BaseOffset)) : null;
    }
}
