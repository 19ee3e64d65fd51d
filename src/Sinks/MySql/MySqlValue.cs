using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Etl.Codecs.Columns;
using MySqlConnector;

namespace Etl.Sinks.MySql;

/// <summary>Values on their way to and from MySqlConnector.</summary>
internal static unsafe class MySqlValue
{
    /// <summary>The parameter's type, and a box of its own that <see cref="Of"/> fills again and again: no object a value.</summary>
    public static (MySqlDbType Type, object Box) Start(ColumnKind kind) => kind switch
    {
        ColumnKind.Double or ColumnKind.Float => (MySqlDbType.Double, 0.0),
        ColumnKind.Int64 => (MySqlDbType.Int64, 0L),
        ColumnKind.Int32 => (MySqlDbType.Int32, 0),
        ColumnKind.Boolean => (MySqlDbType.Bool, false),
        ColumnKind.Timestamp or ColumnKind.LocalTimestamp => (MySqlDbType.DateTime, DateTime.UnixEpoch),
        ColumnKind.Date => (MySqlDbType.Date, DateOnly.MinValue),
        ColumnKind.Time => (MySqlDbType.Time, TimeSpan.Zero),
        _ => (MySqlDbType.VarString, DBNull.Value),
    };

    /// <param name="box">Of <see cref="Start"/>, used by no other parameter.</param>
    /// <exception cref="Etl.Contracts.StoreException">A time outside the years 1 to 9999.</exception>
    public static object Of(ColumnField field, ColumnVector column, int row, object box)
    {
        if (column.IsNull(row)) return DBNull.Value;
        byte* at = column.Data + (long)row * column.Type.Width;
        return column.Type.Kind switch
        {
            ColumnKind.Double => Number(*(double*)at, box),
            ColumnKind.Float => Number(*(float*)at, box),
            ColumnKind.Int64 => Fill(box, *(long*)at),
            ColumnKind.Int32 => Fill(box, *(int*)at),
            ColumnKind.Boolean => Fill(box, *at != 0),
            ColumnKind.Timestamp or ColumnKind.LocalTimestamp => Fill(box, SqlText.Instant(*(long*)at, field.Name)),
            ColumnKind.Date => Fill(box, SqlText.Date(*(int*)at, field.Name)),
            ColumnKind.Time => Fill(box, new TimeSpan(*(long*)at * TimeSpan.TicksPerMicrosecond)),
            ColumnKind.Text => ColumnText.ReadString((ColumnText*)at),
            ColumnKind.List or ColumnKind.Struct or ColumnKind.Map => Encoding.UTF8.GetString(ColumnJson.Write(column, row)),
            _ => Convert.ToString(ColumnValue.Read(column, row), CultureInfo.InvariantCulture)!,
        };
    }

    /// <summary>The value of a column of the current row, in the form of <see cref="PublishedValue"/>. The column may be wider than the result's.</summary>
    public static object? Read(MySqlDataReader reader, int index, ColumnType type) => reader.IsDBNull(index) ? null : type.Kind switch
    {
        ColumnKind.Boolean => reader.GetBoolean(index),
        ColumnKind.Int32 => Convert.ToInt32(reader.GetValue(index), CultureInfo.InvariantCulture),
        ColumnKind.Int64 => Convert.ToInt64(reader.GetValue(index), CultureInfo.InvariantCulture),
        ColumnKind.Int128 => Int128.Parse(reader.GetMySqlDecimal(index).ToString(), CultureInfo.InvariantCulture),
        ColumnKind.Float => (float)reader.GetDouble(index),
        ColumnKind.Double => reader.GetDouble(index),
        ColumnKind.Decimal => PublishedText.ReadDecimal(reader.GetMySqlDecimal(index).ToString(), type.Scale),
        ColumnKind.Date => reader.GetDateOnly(index),
        ColumnKind.Time => new TimeOnly(Math.Min(reader.GetTimeSpan(index).Ticks, TimeOnly.MaxValue.Ticks - 9)),
        ColumnKind.Timestamp => new DateTimeOffset(DateTime.SpecifyKind(reader.GetDateTime(index), DateTimeKind.Utc)),
        ColumnKind.LocalTimestamp => DateTime.SpecifyKind(reader.GetDateTime(index), DateTimeKind.Unspecified),
        ColumnKind.Uuid => reader.GetGuid(index),
        _ => reader.GetString(index),
    };

    private static object Number(double value, object box) => double.IsFinite(value) ? Fill(box, value + 0.0) : DBNull.Value;

    // The box belongs to one parameter and is read before it is filled again.
    private static object Fill<T>(object box, T value) where T : struct
    {
        Unsafe.Unbox<T>(box) = value;
        return box;
    }
}
