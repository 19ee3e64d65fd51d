namespace Etl.Codecs.Avro.Binary;

/// <summary>Reads logical types as .NET values. What the .NET type cannot hold is <see cref="DecodeFault.OutOfRange"/>.</summary>
public static class AvroLogicalReader
{
    public static bool TryReadInstantMillis(this ref AvroReader reader, out DateTimeOffset value)
    {
        value = default;
        return reader.TryReadLong(out long raw) && (LogicalValues.TryInstantOfMillis(raw, out value) || reader.FailRange(raw));
    }

    public static bool TryReadInstantMicros(this ref AvroReader reader, out DateTimeOffset value)
    {
        value = default;
        return reader.TryReadLong(out long raw) && (LogicalValues.TryInstantOfMicros(raw, out value) || reader.FailRange(raw));
    }

    public static bool TryReadInstantNanos(this ref AvroReader reader, out DateTimeOffset value)
    {
        value = default;
        return reader.TryReadLong(out long raw) && (LogicalValues.TryInstantOfNanos(raw, out value) || reader.FailRange(raw));
    }

    public static bool TryReadLocalMillis(this ref AvroReader reader, out DateTime value)
    {
        value = default;
        return reader.TryReadLong(out long raw) && (LogicalValues.TryLocalOfMillis(raw, out value) || reader.FailRange(raw));
    }

    public static bool TryReadLocalMicros(this ref AvroReader reader, out DateTime value)
    {
        value = default;
        return reader.TryReadLong(out long raw) && (LogicalValues.TryLocalOfMicros(raw, out value) || reader.FailRange(raw));
    }

    public static bool TryReadLocalNanos(this ref AvroReader reader, out DateTime value)
    {
        value = default;
        return reader.TryReadLong(out long raw) && (LogicalValues.TryLocalOfNanos(raw, out value) || reader.FailRange(raw));
    }

    public static bool TryReadDate(this ref AvroReader reader, out DateOnly value)
    {
        value = default;
        return reader.TryReadInt(out int raw) && (LogicalValues.TryDate(raw, out value) || reader.FailRange(raw));
    }

    public static bool TryReadTimeMillis(this ref AvroReader reader, out TimeOnly value)
    {
        value = default;
        return reader.TryReadInt(out int raw) && (LogicalValues.TryTimeOfMillis(raw, out value) || reader.FailRange(raw));
    }

    public static bool TryReadTimeMicros(this ref AvroReader reader, out TimeOnly value)
    {
        value = default;
        return reader.TryReadLong(out long raw) && (LogicalValues.TryTimeOfMicros(raw, out value) || reader.FailRange(raw));
    }

    public static bool TryReadDecimal(this ref AvroReader reader, int scale, out decimal value)
    {
        value = 0;
        return reader.TryReadBytes(out var raw) && (LogicalValues.TryDecimal(raw, scale, out value) || reader.Fail(DecodeFault.OutOfRange, "a decimal past 28 digits"));
    }

    public static bool TryReadDecimalFixed(this ref AvroReader reader, int size, int scale, out decimal value)
    {
        value = 0;
        return reader.TryReadFixed(size, out var raw) && (LogicalValues.TryDecimal(raw, scale, out value) || reader.Fail(DecodeFault.OutOfRange, "a decimal past 28 digits"));
    }

    public static bool TryReadUuid(this ref AvroReader reader, out Guid value)
    {
        value = default;
        return reader.TryReadFixed(16, out var raw) && LogicalValues.TryUuid(raw, out value);
    }

    public static bool TryReadUuidText(this ref AvroReader reader, out Guid value)
    {
        value = default;
        return reader.TryReadString(out string raw) && (LogicalValues.TryUuid(raw, out value) || reader.Fail(DecodeFault.OutOfRange, "text that is no UUID"));
    }

    /// <summary>A copy of the bytes.</summary>
    public static bool TryReadBytes(this ref AvroReader reader, out byte[] value)
    {
        bool read = reader.TryReadBytes(out ReadOnlySpan<byte> raw);
        value = raw.ToArray();
        return read;
    }

    /// <summary>A copy of the bytes.</summary>
    public static bool TryReadFixed(this ref AvroReader reader, int size, out byte[] value)
    {
        bool read = reader.TryReadFixed(size, out ReadOnlySpan<byte> raw);
        value = raw.ToArray();
        return read;
    }

    /// <summary>An enum's place, 0 to <paramref name="symbols"/> − 1.</summary>
    public static bool TryReadSymbol(this ref AvroReader reader, int symbols, out int place) =>
        reader.TryReadInt(out place) && ((uint)place < (uint)symbols || reader.Fail(DecodeFault.UnknownSymbol, $"found symbol {place}, expected 0 to {symbols - 1}"));

    /// <summary>A union's branch, 0 to <paramref name="branches"/> − 1.</summary>
    public static bool TryReadBranch(this ref AvroReader reader, int branches, out int branch)
    {
        branch = 0;
        if (!reader.TryReadLong(out long found)) return false;
        if ((ulong)found >= (ulong)branches) return reader.Fail(DecodeFault.UnknownBranch, $"found branch {found}, expected 0 to {branches - 1}");
        branch = (int)found;
        return true;
    }

    private static bool FailRange(this ref AvroReader reader, long raw) => reader.Fail(DecodeFault.OutOfRange, $"found {raw}");
}
