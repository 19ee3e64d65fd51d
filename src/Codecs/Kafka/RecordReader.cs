namespace Etl.Codecs.Kafka;

/// <summary>One record of a batch; its parts are places in the payload.</summary>
public readonly ref struct KafkaRecord
{
    public required long Offset { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public required long Timestamp { get; init; }

    public required bool KeyIsNull { get; init; }

    public required ReadOnlySpan<byte> Key { get; init; }

    public required bool ValueIsNull { get; init; }

    public required ReadOnlySpan<byte> Value { get; init; }

    public required int HeaderCount { get; init; }

    /// <summary>The headers as they are packed: key length, key, value length, value, each length a zigzag varint.</summary>
    public required ReadOnlySpan<byte> Headers { get; init; }
}

/// <summary>Walks the records of an unpacked payload. It ends at the batch's count, or at the first record that does not fit.</summary>
/// <param name="payload">The unpacked records.</param>
/// <param name="batch">Where they come from: base offset, base time, count.</param>
public ref struct RecordReader(ReadOnlySpan<byte> payload, RecordBatchHeader batch)
{
    private readonly ReadOnlySpan<byte> _payload = payload;
    private int _position;
    private int _read;

    /// <summary>The payload ended early or a length was impossible.</summary>
    public bool IsFaulty { get; private set; }

    public bool TryRead(out KafkaRecord record)
    {
        record = default;
        if (IsFaulty || _read == batch.RecordsCount) return false;
        if (!Int(out int length) || length < 0 || length > _payload.Length - _position) return Fault();
        int end = _position + length;
        _position++; // attributes, unused
        if (_position > end || !Long(out long timestampDelta) || !Int(out int offsetDelta)) return Fault();
        if (!Part(end, out bool noKey, out var key) || !Part(end, out bool noValue, out var value) || !Int(out int headers) || headers < 0 || _position > end) return Fault();
        record = new()
        {
            Offset = batch.BaseOffset + offsetDelta,
            Timestamp = batch.Attributes.HasFlag(BatchAttributes.LogAppendTime) ? batch.MaxTimestamp : batch.BaseTimestamp + timestampDelta,
            KeyIsNull = noKey,
            Key = key,
            ValueIsNull = noValue,
            Value = value,
            HeaderCount = headers,
            Headers = _payload[_position..end],
        };
        _position = end;
        _read++;
        return true;
    }

    private bool Part(int end, out bool isNull, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        isNull = false;
        if (!Int(out int length) || length < -1 || length > end - _position) return false;
        isNull = length < 0;
        if (isNull) return true;
        bytes = _payload.Slice(_position, length);
        _position += length;
        return true;
    }

    private bool Long(out long value)
    {
        int length = Varint.ReadLong(_payload[_position..], out value);
        _position += length;
        return length > 0;
    }

    private bool Int(out int value)
    {
        int length = Varint.ReadInt(_payload[_position..], out value);
        _position += length;
        return length > 0;
    }

    private bool Fault()
    {
        IsFaulty = true;
        return false;
    }
}
