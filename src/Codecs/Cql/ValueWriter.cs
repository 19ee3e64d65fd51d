using System.Buffers.Binary;
using System.Net;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Etl.Codecs.Cql;

/// <summary>
/// Writes bound values straight into a request, one call a value, in the order of the statement's variables. It does not compare types: a <see cref="Double(double)"/>
/// for a <c>bigint</c> is stored as the wrong number, so write by the statement's variables.
/// </summary>
public sealed class ValueWriter(CqlWriter target)
{
    private const int NullLength = -1, UnsetLength = -2;

    private int[] _starts = new int[16];
    private int _origin;

    /// <summary>Values written.</summary>
    public int Count { get; private set; }

    /// <summary>Begins the values of another statement.</summary>
    public void Begin() => (Count, _origin) = (0, target.Length);

    /// <summary>Fills what is missing with unset.</summary>
    /// <param name="variables">The statement's variables.</param>
    /// <exception cref="ArgumentException">More values than variables.</exception>
    public void End(int variables)
    {
        if (Count > variables) throw new ArgumentException($"found {Count} values for {variables} variables");
        while (Count < variables) Unset();
    }

    /// <summary>Bytes of a written value, without its length; null and unset are empty.</summary>
    public ReadOnlySpan<byte> At(int index)
    {
        if ((uint)index >= (uint)Count) throw new ArgumentOutOfRangeException(nameof(index), index, $"only {Count} values are written");
        var from = target.Written[(_origin + _starts[index])..];
        return from.Slice(sizeof(int), Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(from)));
    }

    /// <summary>Whether a written value is null or unset.</summary>
    public bool IsNullAt(int index) => BinaryPrimitives.ReadInt32BigEndian(target.Written[(_origin + _starts[index])..]) < 0;

    /// <summary>Deletes the column's value: a tombstone.</summary>
    public void Null() => Length(NullLength);

    /// <summary>Leaves the column as it is. Not allowed in the primary key.</summary>
    public void Unset() => Length(UnsetLength);

    public void Boolean(bool value) => Value(1)[0] = value ? (byte)1 : (byte)0;

    public void TinyInt(sbyte value) => Value(1)[0] = (byte)value;

    public void SmallInt(short value) => BinaryPrimitives.WriteInt16BigEndian(Value(2), value);

    public void Int(int value) => BinaryPrimitives.WriteInt32BigEndian(Value(4), value);

    public void BigInt(long value) => BinaryPrimitives.WriteInt64BigEndian(Value(8), value);

    /// <summary>NaN is written as Java's, so that equal values have equal bytes.</summary>
    public void Float(float value) => ValueEncoder.WriteFloat(Value(4), value);

    /// <summary>NaN is written as Java's, so that equal values have equal bytes.</summary>
    public void Double(double value) => ValueEncoder.WriteDouble(Value(8), value);

    public void Text(ReadOnlySpan<char> value) => Encoding.UTF8.GetBytes(value, Value(Encoding.UTF8.GetByteCount(value)));

    public void Text(string? value)
    {
        if (value is null) Null();
        else Text(value.AsSpan());
    }

    /// <summary>Text that is UTF-8 already; or ASCII for <c>ascii</c>.</summary>
    public void Utf8(ReadOnlySpan<byte> value) => value.CopyTo(Value(value.Length));

    public void Blob(ReadOnlySpan<byte> value) => value.CopyTo(Value(value.Length));

    /// <summary>An instant; what is finer than a millisecond is dropped, toward the past.</summary>
    public void Timestamp(DateTimeOffset value) => BigInt(value.ToUnixTimeMilliseconds());

    /// <summary>An instant in milliseconds since 1970-01-01 UTC.</summary>
    public void TimestampMillis(long value) => BigInt(value);

    public void Date(DateOnly value) => DateDays(LocalDate.Of(value).DaysSinceEpoch);

    /// <summary>A date as days since 1970-01-01.</summary>
    public void DateDays(int value) => Int(value ^ int.MinValue);

    /// <summary>A time of day in nanoseconds since midnight.</summary>
    public void Time(long nanoseconds) => BigInt(new LocalTime(nanoseconds).TotalNanoseconds);

    public void Uuid(Guid value) => value.TryWriteBytes(Value(16), bigEndian: true, out _);

    public void Decimal(decimal value)
    {
        CqlDecimal wide = value;
        Decimal(wide.Unscaled, wide.Scale);
    }

    public void Decimal(BigInteger unscaled, int scale)
    {
        var room = Value(sizeof(int) + unscaled.GetByteCount());
        BinaryPrimitives.WriteInt32BigEndian(room, scale);
        unscaled.TryWriteBytes(room[sizeof(int)..], out _, isBigEndian: true);
    }

    public void VarInt(BigInteger value) => value.TryWriteBytes(Value(value.GetByteCount()), out _, isBigEndian: true);

    public void Inet(IPAddress value)
    {
        Span<byte> bytes = stackalloc byte[16];
        ValueEncoder.Plain(value).TryWriteBytes(bytes, out int length);
        Blob(bytes[..length]);
    }

    public void Duration(Duration value)
    {
        Span<byte> bytes = stackalloc byte[3 * Vint.BytesMax];
        Blob(bytes[..ValueEncoder.WriteDuration(bytes, value)]);
    }

    /// <summary>Any value of any type, collections too; null is null, <see cref="Cql.Unset.Value"/> is unset.</summary>
    /// <exception cref="ArgumentException">The value does not go into the type.</exception>
    public void Object(CqlType type, object? value)
    {
        if (value is Unset) Unset();
        else
        {
            Mark();
            ValueEncoder.Write(target, type, value);
        }
    }

    /// <summary>A value that is encoded already.</summary>
    public void Encoded(ReadOnlySpan<byte> value) => Blob(value);

    private void Length(int length)
    {
        Mark();
        target.Int(length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Value(int length)
    {
        Mark();
        var room = target.Take(sizeof(int) + length);
        BinaryPrimitives.WriteInt32BigEndian(room, length);
        return room[sizeof(int)..];
    }

    private void Mark()
    {
        if (Count == _starts.Length) Array.Resize(ref _starts, Count * 2);
        _starts[Count++] = target.Length - _origin;
    }
}

/// <summary>A value that is left as it is.</summary>
public sealed class Unset
{
    private Unset() { }

    public static Unset Value { get; } = new();
}
