using System.Buffers.Binary;
using System.Collections;
using System.Net;
using System.Numerics;
using System.Text;

namespace Etl.Codecs.Cql;

/// <summary>Reads a value's bytes, without their length, as an object of .NET.</summary>
public static class ValueDecoder
{
    /// <summary>The type of .NET that <see cref="Read"/> gives. A <c>decimal</c> is <see cref="decimal"/>; <see cref="ReadAs{T}"/> gives wider ones too.</summary>
    public static Type TypeOf(CqlType type) => type.Code switch
    {
        CqlTypeCode.Ascii or CqlTypeCode.Text => typeof(string),
        CqlTypeCode.Bigint or CqlTypeCode.Counter => typeof(long),
        CqlTypeCode.Boolean => typeof(bool),
        CqlTypeCode.Decimal => typeof(decimal),
        CqlTypeCode.Double => typeof(double),
        CqlTypeCode.Float => typeof(float),
        CqlTypeCode.Int => typeof(int),
        CqlTypeCode.Smallint => typeof(short),
        CqlTypeCode.Tinyint => typeof(sbyte),
        CqlTypeCode.Timestamp => typeof(DateTimeOffset),
        CqlTypeCode.Uuid or CqlTypeCode.Timeuuid => typeof(Guid),
        CqlTypeCode.Varint => typeof(BigInteger),
        CqlTypeCode.Inet => typeof(IPAddress),
        CqlTypeCode.Date => typeof(DateOnly),
        CqlTypeCode.Time => typeof(TimeOnly),
        CqlTypeCode.Duration => typeof(Duration),
        CqlTypeCode.List or CqlTypeCode.Set or CqlTypeCode.Vector => TypeOf(type.Arguments[0]).MakeArrayType(),
        CqlTypeCode.Map => typeof(Dictionary<,>).MakeGenericType(TypeOf(type.Arguments[0]), TypeOf(type.Arguments[1])),
        CqlTypeCode.Tuple => typeof(object[]),
        CqlTypeCode.Udt => typeof(Dictionary<string, object?>),
        _ => typeof(byte[]),
    };

    /// <summary>Reads a value. Zero bytes are null for types that are never empty (<c>int</c>, …): Cassandra can store that.</summary>
    /// <exception cref="InvalidDataException">The bytes are not of the type.</exception>
    /// <exception cref="OverflowException">.NET's type is too narrow: a wide decimal, a date beyond year 9999.</exception>
    public static object? Read(CqlType type, ReadOnlySpan<byte> bytes)
    {
        switch (type.Code)
        {
            case CqlTypeCode.Ascii or CqlTypeCode.Text: return Encoding.UTF8.GetString(bytes);
            case CqlTypeCode.Blob or CqlTypeCode.Custom: return bytes.ToArray();
        }
        if (bytes.IsEmpty && type.Code is not (CqlTypeCode.Tuple or CqlTypeCode.Udt)) return null;
        return type.Code switch
        {
            CqlTypeCode.Bigint or CqlTypeCode.Counter => Int64(type, bytes),
            CqlTypeCode.Boolean => Exactly(type, bytes, 1)[0] != 0,
            CqlTypeCode.Decimal => Narrow(Decimal(type, bytes)),
            CqlTypeCode.Double => BinaryPrimitives.ReadDoubleBigEndian(Exactly(type, bytes, 8)),
            CqlTypeCode.Float => BinaryPrimitives.ReadSingleBigEndian(Exactly(type, bytes, 4)),
            CqlTypeCode.Int => BinaryPrimitives.ReadInt32BigEndian(Exactly(type, bytes, 4)),
            CqlTypeCode.Smallint => BinaryPrimitives.ReadInt16BigEndian(Exactly(type, bytes, 2)),
            CqlTypeCode.Tinyint => (sbyte)Exactly(type, bytes, 1)[0],
            CqlTypeCode.Timestamp => Instant(type, bytes),
            CqlTypeCode.Uuid or CqlTypeCode.Timeuuid => new Guid(Exactly(type, bytes, 16), bigEndian: true),
            CqlTypeCode.Varint => new BigInteger(bytes, isBigEndian: true),
            CqlTypeCode.Inet => bytes.Length is 4 or 16 ? new IPAddress(bytes) : throw Wrong(type, bytes, "4 or 16"),
            CqlTypeCode.Date => Date(type, bytes).TryToDateOnly(out var date) ? date : throw new OverflowException($"the date {Date(type, bytes)} is outside the years 1 to 9999; read it as LocalDate"),
            CqlTypeCode.Time => Time(type, bytes).ToTimeOnly(),
            CqlTypeCode.Duration => Duration(type, bytes),
            CqlTypeCode.List or CqlTypeCode.Set => Elements(type, bytes),
            CqlTypeCode.Map => Entries(type, bytes),
            CqlTypeCode.Vector => Vector(type, bytes),
            CqlTypeCode.Tuple => Fields(type, bytes),
            CqlTypeCode.Udt => Udt(type, bytes),
            _ => bytes.ToArray(),
        };
    }

    /// <summary>Reads a value as <typeparamref name="T"/>: what <see cref="Read"/> gives, and without boxing its plain numbers; also <see cref="CqlDecimal"/>, <see cref="LocalDate"/>,
    /// <see cref="LocalTime"/> and <see cref="DateTime"/> (UTC).</summary>
    /// <exception cref="InvalidCastException">The type is another.</exception>
    public static T? ReadAs<T>(CqlType type, ReadOnlySpan<byte> bytes)
    {
        if (typeof(T) == typeof(long) && type.Code is CqlTypeCode.Bigint or CqlTypeCode.Counter && bytes.Length == 8) return (T)(object)BinaryPrimitives.ReadInt64BigEndian(bytes);
        if (typeof(T) == typeof(int) && type.Code is CqlTypeCode.Int && bytes.Length == 4) return (T)(object)BinaryPrimitives.ReadInt32BigEndian(bytes);
        if (typeof(T) == typeof(double) && type.Code is CqlTypeCode.Double && bytes.Length == 8) return (T)(object)BinaryPrimitives.ReadDoubleBigEndian(bytes);
        if (typeof(T) == typeof(bool) && type.Code is CqlTypeCode.Boolean && bytes.Length == 1) return (T)(object)(bytes[0] != 0);
        if (bytes.IsEmpty && type.Code is not (CqlTypeCode.Ascii or CqlTypeCode.Text or CqlTypeCode.Blob or CqlTypeCode.Custom)) return Cast<T>(type, Read(type, bytes));
        var wanted = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        object? value = type.Code switch
        {
            CqlTypeCode.Decimal when wanted == typeof(CqlDecimal) => Decimal(type, bytes),
            CqlTypeCode.Date when wanted == typeof(LocalDate) => Date(type, bytes),
            CqlTypeCode.Time when wanted == typeof(LocalTime) => Time(type, bytes),
            CqlTypeCode.Timestamp when wanted == typeof(DateTime) => Instant(type, bytes).UtcDateTime,
            CqlTypeCode.Timestamp when wanted == typeof(long) => Int64(type, bytes), // milliseconds since 1970: all that can be stored
            _ => Read(type, bytes),
        };
        return Cast<T>(type, value);
    }

    private static T? Cast<T>(CqlType type, object? value) => value switch
    {
        T wanted => wanted,
        null when default(T) is null => default,
        null => throw new InvalidCastException($"found no value of {type}, expected {typeof(T).Name}; ask for {typeof(T).Name}?"),
        _ => throw new InvalidCastException($"found {type}, which is {value.GetType().Name}; expected {typeof(T).Name}"),
    };

    private static long Int64(CqlType type, ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64BigEndian(Exactly(type, bytes, 8));

    private static DateTimeOffset Instant(CqlType type, ReadOnlySpan<byte> bytes)
    {
        long millis = Int64(type, bytes);
        return millis >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && millis <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(millis)
            : throw new OverflowException($"the timestamp {millis} ms is outside the years 1 to 9999; read it as long");
    }

    private static LocalDate Date(CqlType type, ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadInt32BigEndian(Exactly(type, bytes, 4)) ^ int.MinValue);

    private static LocalTime Time(CqlType type, ReadOnlySpan<byte> bytes) => Int64(type, bytes) is >= 0 and < LocalTime.NanosecondsPerDay and var nanoseconds ? new(nanoseconds) : throw Wrong(type, bytes, "a time of day in");

    private static CqlDecimal Decimal(CqlType type, ReadOnlySpan<byte> bytes) =>
        bytes.Length > sizeof(int) ? new(new BigInteger(bytes[sizeof(int)..], isBigEndian: true), BinaryPrimitives.ReadInt32BigEndian(bytes)) : throw Wrong(type, bytes, "5 or more");

    private static decimal Narrow(CqlDecimal value) => value.TryToDecimal(out decimal narrow) ? narrow : throw new OverflowException($"{value} has more digits than decimal holds; read it as CqlDecimal");

    private static Duration Duration(CqlType type, ReadOnlySpan<byte> bytes)
    {
        int months = Vint.Read(bytes, out ulong first), days = months == 0 ? 0 : Vint.Read(bytes[months..], out _);
        if (days == 0) throw Wrong(type, bytes, "three numbers in");
        Vint.Read(bytes[months..], out ulong second);
        if (Vint.Read(bytes[(months + days)..], out ulong third) == 0) throw Wrong(type, bytes, "three numbers in");
        return new(checked((int)Vint.UnZigZag(first)), checked((int)Vint.UnZigZag(second)), Vint.UnZigZag(third));
    }

    private static Array Elements(CqlType type, ReadOnlySpan<byte> bytes)
    {
        var reader = new CqlReader(bytes);
        var values = Array.CreateInstance(TypeOf(type.Arguments[0]), reader.Count(reader.Int(), sizeof(int)));
        for (int i = 0; i < values.Length; i++) values.SetValue(Element(ref reader, type.Arguments[0]) ?? throw Wrong(type, bytes, "whole elements that are not empty in"), i);
        return reader.Failed ? throw Wrong(type, bytes, "whole elements in") : values;
    }

    private static IDictionary Entries(CqlType type, ReadOnlySpan<byte> bytes)
    {
        var reader = new CqlReader(bytes);
        var values = (IDictionary)Activator.CreateInstance(TypeOf(type))!;
        int count = reader.Count(reader.Int(), 2 * sizeof(int));
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            object? key = Element(ref reader, type.Arguments[0]);
            object? value = Element(ref reader, type.Arguments[1]);
            values[key ?? throw Wrong(type, bytes, "keys that are not empty in")] = value ?? throw Wrong(type, bytes, "values that are not empty in");
        }
        return reader.Failed ? throw Wrong(type, bytes, "whole entries in") : values;
    }

    private static Array Vector(CqlType type, ReadOnlySpan<byte> bytes)
    {
        var reader = new CqlReader(bytes);
        var element = type.Arguments[0];
        var values = Array.CreateInstance(TypeOf(element), type.Dimension);
        for (int i = 0; i < values.Length; i++)
        {
            int length = element.FixedLength;
            if (length < 0)
            {
                reader.Skip(Vint.Read(bytes[reader.Position..], out ulong said) is > 0 and var used ? used : -1);
                length = said <= int.MaxValue ? (int)said : -1;
            }
            var one = reader.Take(length);
            if (reader.Failed) throw Wrong(type, bytes, "whole elements in");
            values.SetValue(Read(element, one) ?? throw Wrong(type, bytes, "elements that are not empty in"), i);
        }
        return values;
    }

    // The value may end early: fields added since are null.
    private static object?[] Fields(CqlType type, ReadOnlySpan<byte> bytes)
    {
        var reader = new CqlReader(bytes);
        var values = new object?[type.Arguments.Count];
        for (int i = 0; i < values.Length && reader.Left > 0; i++) values[i] = Element(ref reader, type.Arguments[i]);
        return reader.Failed ? throw Wrong(type, bytes, "whole fields in") : values;
    }

    private static Dictionary<string, object?> Udt(CqlType type, ReadOnlySpan<byte> bytes)
    {
        object?[] fields = Fields(type, bytes);
        return type.FieldNames.Zip(fields).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private static object? Element(ref CqlReader reader, CqlType type)
    {
        var bytes = reader.Bytes(out bool isNull);
        return isNull || reader.Failed ? null : Read(type, bytes);
    }

    private static ReadOnlySpan<byte> Exactly(CqlType type, ReadOnlySpan<byte> bytes, int length) => bytes.Length == length ? bytes : throw Wrong(type, bytes, $"{length}");

    private static InvalidDataException Wrong(CqlType type, ReadOnlySpan<byte> bytes, string expected) => new($"{type}: found {bytes.Length} bytes ({Convert.ToHexStringLower(bytes[..Math.Min(bytes.Length, 32)])}), expected {expected} bytes");
}
