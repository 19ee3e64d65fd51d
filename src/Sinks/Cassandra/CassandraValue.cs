using System.Globalization;
using System.Numerics;
using System.Text;
using Etl.Codecs.Columns;
using Etl.Codecs.Cql;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Sinks.Cassandra;

/// <summary>Values on their way to and from Cassandra, in the form of <see cref="PublishedValue"/>.</summary>
internal static unsafe class CassandraValue
{
    private const long DayMicrosMax = 86_399_999_999;

    /// <returns>false, and nothing written, where it is null: what to write for that is the caller's.</returns>
    /// <exception cref="Etl.Contracts.StoreException">A time outside the years 1 to 9999.</exception>
    public static bool Write(ValueWriter values, ColumnVector column, int row, bool isWindow)
    {
        if (column.IsNull(row)) return false;
        byte* at = column.Data + (long)row * column.Type.Width;
        switch (column.Type.Kind)
        {
            case ColumnKind.Double: return Number(values, *(double*)at);
            case ColumnKind.Float: return Number(values, *(float*)at);
            case ColumnKind.Int64: values.BigInt(*(long*)at); break;
            case ColumnKind.Int32: values.BigInt(*(int*)at); break;
            case ColumnKind.Boolean: values.Boolean(*at != 0); break;
            case ColumnKind.Timestamp when isWindow: values.TimestampMillis(*(long*)at / 1_000); break;
            case ColumnKind.Timestamp or ColumnKind.LocalTimestamp: Instant(values, *(long*)at, ""); break;
            case ColumnKind.Date: values.DateDays(*(int*)at); break;
            case ColumnKind.Time: values.Time(Math.Clamp(*(long*)at, 0, DayMicrosMax) * 1_000); break;
            case ColumnKind.Text: values.Utf8(ColumnText.Read((ColumnText*)at)); break;
            case ColumnKind.List or ColumnKind.Struct or ColumnKind.Map: values.Utf8(ColumnJson.Write(column, row)); break;
            case ColumnKind.Int128: values.VarInt((BigInteger)(Int128)ColumnValue.Read(column, row)!); break;
            case ColumnKind.Uuid: values.Uuid((Guid)ColumnValue.Read(column, row)!); break;
            case ColumnKind.Decimal: values.Decimal(Unscaled(column.Type, at), column.Type.Scale); break;
            default: values.Text(Convert.ToString(ColumnValue.Read(column, row), CultureInfo.InvariantCulture)); break;
        }
        return true;
    }

    /// <summary>A value of a row that was read.</summary>
    public static object? Read(Row row, int column, ColumnType type, bool isWindow) => row.IsNull(column) ? null : type.Kind switch
    {
        ColumnKind.Int32 => (int)row.GetValue<long>(column),
        ColumnKind.Int128 => (Int128)row.GetValue<BigInteger>(column),
        ColumnKind.Float => (float)row.GetValue<double>(column),
        ColumnKind.Decimal => ReadDecimal(row.GetValue<CqlDecimal>(column), type.Scale),
        ColumnKind.Time => new TimeOnly(row.GetValue<LocalTime>(column).TotalNanoseconds / 100),
        ColumnKind.Date => row.GetValue<DateOnly>(column),
        ColumnKind.Timestamp when isWindow => row.GetValue<DateTimeOffset>(column),
        ColumnKind.Timestamp or ColumnKind.LocalTimestamp => PublishedText.Read(row.GetValue<string>(column)!, type),
        _ => row[column],
    };

    /// <summary>Two values of a key column, in the order that all sinks share: texts by their bytes.</summary>
    public static int Compare(object? a, object? b) => (a, b) switch
    {
        (string x, string y) => Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y)),
        (Guid x, Guid y) => x.ToByteArray(bigEndian: true).AsSpan().SequenceCompareTo(y.ToByteArray(bigEndian: true)),
        _ => Comparer<object?>.Default.Compare(a, b),
    };

    private static bool Number(ValueWriter values, double value)
    {
        if (!double.IsFinite(value)) return false;
        values.Double(value + 0.0);
        return true;
    }

    private static void Instant(ValueWriter values, long micros, string column)
    {
        Span<byte> text = stackalloc byte[SqlText.InstantBytesMax];
        values.Utf8(text[..SqlText.WriteInstant(micros, column, text)]);
    }

    private static BigInteger Unscaled(ColumnType type, byte* at) => type.Width switch
    {
        2 => *(short*)at,
        4 => *(int*)at,
        8 => *(long*)at,
        _ => (BigInteger)new Int128(((ulong*)at)[1], ((ulong*)at)[0]),
    };

    // Rows written when the result had fewer digits behind the point have a smaller scale.
    private static object ReadDecimal(CqlDecimal value, int scale)
    {
        string digits = BigInteger.Abs(value.Unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(Math.Max(value.Scale, 0) + 1, '0');
        if (value.Scale < 0) digits += new string('0', -value.Scale);
        string text = value.Scale > 0 ? $"{digits[..^value.Scale]}.{digits[^value.Scale..]}" : digits;
        return PublishedText.ReadDecimal(value.Unscaled.Sign < 0 ? "-" + text : text, scale);
    }
}
