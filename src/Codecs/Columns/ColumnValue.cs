using System.Numerics;
using System.Text;

namespace Etl.Codecs.Columns;

/// <summary>Reads a value of a column as an object of .NET.</summary>
public static unsafe class ColumnValue
{
    private static readonly long EpochTicks = DateTime.UnixEpoch.Ticks;

    /// <returns>
    /// null; bool, int, long, Int128, float, double, decimal (BigInteger-free up to 28 digits, else text), string, byte[], DateOnly, TimeOnly,
    /// DateTimeOffset (UTC), DateTime (unspecified), Guid; List → object?[], Struct → Dictionary, Map → list of pairs.
    /// A time that .NET cannot hold (outside the years 1 to 9999) is its microseconds as a long.
    /// </returns>
    public static object? Read(ColumnVector column, int row)
    {
        if (column.IsNull(row)) return null;
        byte* at = column.Data + (long)row * column.Type.Width;
        return column.Type.Kind switch
        {
            ColumnKind.Boolean => *at != 0,
            ColumnKind.Int32 => *(int*)at,
            ColumnKind.Int64 => *(long*)at,
            ColumnKind.Int128 => Wide(at),
            ColumnKind.Float => *(float*)at,
            ColumnKind.Double => *(double*)at,
            ColumnKind.Decimal => ReadDecimal(column.Type, at),
            ColumnKind.Text => Encoding.UTF8.GetString(ColumnText.Read((ColumnText*)at)),
            ColumnKind.Bytes => ColumnText.Read((ColumnText*)at).ToArray(),
            ColumnKind.Date => *(int*)at is >= -719162 and <= 2932896 and var days ? DateOnly.FromDayNumber(days + 719162) : *(int*)at,
            ColumnKind.Time => new TimeOnly(Math.Clamp(*(long*)at, 0, 86_399_999_999) * 10),
            ColumnKind.Timestamp => Ticks(*(long*)at) is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : *(long*)at,
            ColumnKind.LocalTimestamp => Ticks(*(long*)at) is { } wall ? new DateTime(wall, DateTimeKind.Unspecified) : *(long*)at,
            ColumnKind.Uuid => ReadGuid(at),
            ColumnKind.Interval => $"{((int*)at)[0]} months {((int*)at)[1]} days {((long*)at)[1]} us",
            ColumnKind.List or ColumnKind.Map => ReadList(column, at),
            ColumnKind.Struct => ReadStruct(column, row),
            _ => throw new InvalidOperationException($"no value for {column.Type.Kind}"),
        };
    }

    private static Int128 Wide(byte* at) => new(((ulong*)at)[1], ((ulong*)at)[0]);

    private static long? Ticks(long micros) =>
        micros is >= -62_135_596_800_000_000 and <= 253_402_300_799_999_999 ? EpochTicks + micros * 10 : null;

    private static object ReadDecimal(ColumnType type, byte* at)
    {
        Int128 unscaled = type.Width switch { 2 => *(short*)at, 4 => *(int*)at, 8 => *(long*)at, _ => Wide(at) };
        var size = Int128.Abs(unscaled);
        if (size < Int128.One << 96 && type.Scale <= 28)
            return new decimal((int)(uint)size, (int)(uint)(size >> 32), (int)(uint)(size >> 64), unscaled < 0, (byte)type.Scale);
        string digits = BigInteger.Abs((BigInteger)unscaled).ToString().PadLeft(type.Scale + 1, '0');
        return $"{(unscaled < 0 ? "-" : "")}{digits[..^type.Scale]}{(type.Scale > 0 ? "." : "")}{digits[^type.Scale..]}";
    }

    private static Guid ReadGuid(byte* at)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong*)at)[1] ^ (1UL << 63));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], ((ulong*)at)[0]);
        return new Guid(bytes, bigEndian: true);
    }

    private static object?[] ReadList(ColumnVector column, byte* at)
    {
        long first = ((long*)at)[0], count = ((long*)at)[1];
        var items = new object?[count];
        for (long i = 0; i < count; i++) items[i] = Read(column.Children[0], (int)(first + i));
        return items;
    }

    private static Dictionary<string, object?> ReadStruct(ColumnVector column, int row)
    {
        var fields = new Dictionary<string, object?>(column.Children.Length);
        for (int i = 0; i < column.Children.Length; i++) fields[column.Type.Children[i].Name] = Read(column.Children[i], row);
        return fields;
    }
}
