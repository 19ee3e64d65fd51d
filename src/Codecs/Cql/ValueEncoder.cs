using System.Buffers.Binary;
using System.Collections;
using System.Net;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Etl.Codecs.Cql;

/// <summary>Writes any object of .NET as a [value] of a type: the length, then the bytes.</summary>
public static class ValueEncoder
{
    private const int JavaFloatNaN = 0x7FC00000;
    private const long JavaDoubleNaN = 0x7FF8000000000000;

    /// <summary>Writes a value with its length; null is length −1.</summary>
    /// <exception cref="ArgumentException">The value does not go into the type.</exception>
    public static void Write(CqlWriter writer, CqlType type, object? value)
    {
        if (value is null)
        {
            writer.Int(-1);
            return;
        }
        int start = writer.Length;
        writer.Int(0);
        WriteBytes(writer, type, value);
        BinaryPrimitives.WriteInt32BigEndian(writer.Patch[start..], writer.Length - start - sizeof(int));
    }

    /// <summary>Writes a value's bytes without their length.</summary>
    public static void WriteBytes(CqlWriter writer, CqlType type, object value)
    {
        try
        {
            switch (type.Code)
            {
                case CqlTypeCode.Ascii: Text(writer, Ascii((string)value)); break;
                case CqlTypeCode.Text: Text(writer, (string)value); break;
                case CqlTypeCode.Blob or CqlTypeCode.Custom: writer.Raw((byte[])value); break;
                case CqlTypeCode.Boolean: writer.Byte((bool)value ? (byte)1 : (byte)0); break;
                case CqlTypeCode.Tinyint: writer.Byte((byte)Whole(value, sbyte.MinValue, sbyte.MaxValue)); break;
                case CqlTypeCode.Smallint: writer.Short((ushort)Whole(value, short.MinValue, short.MaxValue)); break;
                case CqlTypeCode.Int: writer.Int((int)Whole(value, int.MinValue, int.MaxValue)); break;
                case CqlTypeCode.Bigint or CqlTypeCode.Counter: writer.Long(Whole(value, long.MinValue, long.MaxValue)); break;
                case CqlTypeCode.Float: WriteFloat(writer.Take(4), (float)value); break;
                case CqlTypeCode.Double: WriteDouble(writer.Take(8), value is float single ? single : (double)value); break;
                case CqlTypeCode.Timestamp: writer.Long(Millis(value)); break;
                case CqlTypeCode.Date: writer.Int((value is DateOnly date ? LocalDate.Of(date) : (LocalDate)value).DaysSinceEpoch ^ int.MinValue); break;
                case CqlTypeCode.Time: writer.Long((value is TimeOnly time ? LocalTime.Of(time) : (LocalTime)value).TotalNanoseconds); break;
                case CqlTypeCode.Uuid or CqlTypeCode.Timeuuid: ((Guid)value).TryWriteBytes(writer.Take(16), bigEndian: true, out _); break;
                case CqlTypeCode.Varint: Varint(writer, value as BigInteger? ?? Whole(value, long.MinValue, long.MaxValue)); break;
                case CqlTypeCode.Decimal: Decimal(writer, value is decimal plain ? plain : (CqlDecimal)value); break;
                case CqlTypeCode.Inet: writer.Raw(Plain((IPAddress)value).GetAddressBytes()); break;
                case CqlTypeCode.Duration: Duration(writer, (Duration)value); break;
                case CqlTypeCode.List or CqlTypeCode.Set: Elements(writer, type.Arguments[0], (IEnumerable)value); break;
                case CqlTypeCode.Map: Entries(writer, type, (IDictionary)value); break;
                case CqlTypeCode.Vector: Vector(writer, type, (IEnumerable)value); break;
                case CqlTypeCode.Tuple: Tuple(writer, type, value); break;
                case CqlTypeCode.Udt: Udt(writer, type, value); break;
                default: throw new ArgumentException($"no encoding for the type {type}");
            }
        }
        catch (InvalidCastException)
        {
            throw new ArgumentException($"found {value.GetType().Name} ({value}), which does not go into {type}; expected {ValueDecoder.TypeOf(type).Name}");
        }
    }

    /// <summary>::ffff:1.2.3.4 is 1.2.3.4, as Cassandra answers it.</summary>
    internal static IPAddress Plain(IPAddress value) => value.IsIPv4MappedToIPv6 ? value.MapToIPv4() : value;

    internal static void WriteFloat(Span<byte> target, float value) => BinaryPrimitives.WriteInt32BigEndian(target, float.IsNaN(value) ? JavaFloatNaN : BitConverter.SingleToInt32Bits(value));

    internal static void WriteDouble(Span<byte> target, double value) => BinaryPrimitives.WriteInt64BigEndian(target, double.IsNaN(value) ? JavaDoubleNaN : BitConverter.DoubleToInt64Bits(value));

    internal static int WriteDuration(Span<byte> target, Duration value)
    {
        int length = Vint.Write(target, (ulong)Vint.ZigZag(value.Months));
        length += Vint.Write(target[length..], (ulong)Vint.ZigZag(value.Days));
        return length + Vint.Write(target[length..], (ulong)Vint.ZigZag(value.Nanoseconds));
    }

    private static void Text(CqlWriter writer, string value) => Encoding.UTF8.GetBytes(value, writer.Take(Encoding.UTF8.GetByteCount(value)));

    private static string Ascii(string value) => System.Text.Ascii.IsValid(value) ? value : throw new ArgumentException($"\"{value}\" has characters that are not ASCII; use text");

    private static long Whole(object value, long min, long max)
    {
        long whole = value switch { long l => l, int i => i, short s => s, sbyte b => b, byte u => u, ushort u => u, uint u => u, _ => throw new InvalidCastException() };
        return whole >= min && whole <= max ? whole : throw new ArgumentException($"found {whole}, expected {min} to {max}");
    }

    private static long Millis(object value) => value switch
    {
        DateTimeOffset instant => instant.ToUnixTimeMilliseconds(),
        DateTime { Kind: DateTimeKind.Utc } utc => new DateTimeOffset(utc).ToUnixTimeMilliseconds(),
        DateTime => throw new ArgumentException("found a DateTime that is not UTC; expected DateTimeOffset, or DateTimeKind.Utc"),
        _ => throw new InvalidCastException(),
    };

    private static void Varint(CqlWriter writer, BigInteger value) => value.TryWriteBytes(writer.Take(value.GetByteCount()), out _, isBigEndian: true);

    private static void Decimal(CqlWriter writer, CqlDecimal value)
    {
        writer.Int(value.Scale);
        Varint(writer, value.Unscaled);
    }

    private static void Duration(CqlWriter writer, Duration value)
    {
        Span<byte> bytes = stackalloc byte[3 * Vint.BytesMax];
        writer.Raw(bytes[..WriteDuration(bytes, value)]);
    }

    private static void Elements(CqlWriter writer, CqlType element, IEnumerable values)
    {
        int start = writer.Length, count = 0;
        writer.Int(0);
        foreach (object? value in values)
        {
            Write(writer, element, NotNull(value));
            count++;
        }
        BinaryPrimitives.WriteInt32BigEndian(writer.Patch[start..], count);
    }

    private static void Entries(CqlWriter writer, CqlType type, IDictionary values)
    {
        writer.Int(values.Count);
        foreach (DictionaryEntry entry in values)
        {
            Write(writer, type.Arguments[0], NotNull(entry.Key));
            Write(writer, type.Arguments[1], NotNull(entry.Value));
        }
    }

    // Elements of one length lie side by side; others have their length before them, an unsigned vint.
    private static void Vector(CqlWriter writer, CqlType type, IEnumerable values)
    {
        int count = 0;
        using var one = new CqlWriter(64);
        Span<byte> length = stackalloc byte[Vint.BytesMax];
        foreach (object? value in values)
        {
            one.Clear();
            WriteBytes(one, type.Arguments[0], NotNull(value));
            if (type.Arguments[0].FixedLength < 0) writer.Raw(length[..Vint.Write(length, (ulong)one.Length)]);
            writer.Raw(one.Written);
            count++;
        }
        if (count != type.Dimension) throw new ArgumentException($"found {count} elements for {type}");
    }

    private static void Tuple(CqlWriter writer, CqlType type, object value)
    {
        object?[] fields = value switch { object?[] array => array, ITuple tuple => [.. Enumerable.Range(0, tuple.Length).Select(i => tuple[i])], _ => throw new InvalidCastException() };
        if (fields.Length > type.Arguments.Count) throw new ArgumentException($"found {fields.Length} fields for {type}");
        for (int i = 0; i < type.Arguments.Count; i++) Write(writer, type.Arguments[i], i < fields.Length ? fields[i] : null);
    }

    private static void Udt(CqlWriter writer, CqlType type, object value)
    {
        var fields = (IReadOnlyDictionary<string, object?>)value;
        if (fields.Keys.FirstOrDefault(name => !type.FieldNames.Contains(name)) is { } unknown)
            throw new ArgumentException($"{type} has no field \"{unknown}\"; expected {string.Join(", ", type.FieldNames)}");
        for (int i = 0; i < type.Arguments.Count; i++) Write(writer, type.Arguments[i], fields.GetValueOrDefault(type.FieldNames[i]));
    }

    private static object NotNull(object? value) => value is null or Unset ? throw new ArgumentException("found null inside a collection; expected values only") : value;
}
