using System.Buffers.Binary;
using System.Text;
using Etl.Codecs.Columns;

namespace Etl.Tests.Conformance.Sinks;

/// <summary>Makes column batches of objects: the reverse of <see cref="ColumnValue"/>.</summary>
internal static unsafe class Batches
{
    public static ColumnBatch Of(IReadOnlyList<ColumnField> fields, IEnumerable<object?[]> rows)
    {
        var batch = new ColumnBatch(fields);
        foreach (object?[] row in rows)
        {
            var block = batch.Open();
            int at = block.Count++;
            for (int i = 0; i < fields.Count; i++) Set(block.Heap, block.Columns[i], at, row[i]);
        }
        return batch;
    }

    private static void Set(ByteHeap heap, ColumnVector column, int row, object? value)
    {
        if (value is null)
        {
            column.SetNull(row);
            return;
        }
        byte* at = column.Data + (long)row * column.Type.Width;
        switch (column.Type.Kind)
        {
            case ColumnKind.Boolean: *at = (bool)value ? (byte)1 : (byte)0; break;
            case ColumnKind.Int32: *(int*)at = (int)value; break;
            case ColumnKind.Int64: *(long*)at = (long)value; break;
            case ColumnKind.Int128: *(Int128*)at = (Int128)value; break;
            case ColumnKind.Float: *(float*)at = (float)value; break;
            case ColumnKind.Double: *(double*)at = (double)value; break;
            case ColumnKind.Decimal: SetDecimal(column.Type, at, Unscaled(value, column.Type.Scale)); break;
            case ColumnKind.Text: *(ColumnText*)at = heap.Keep(Encoding.UTF8.GetBytes((string)value)); break;
            case ColumnKind.Bytes: *(ColumnText*)at = heap.Keep((byte[])value); break;
            case ColumnKind.Date: *(int*)at = ((DateOnly)value).DayNumber - 719162; break;
            case ColumnKind.Time: *(long*)at = ((TimeOnly)value).Ticks / 10; break;
            case ColumnKind.Timestamp: *(long*)at = (((DateTimeOffset)value).UtcTicks - DateTime.UnixEpoch.Ticks) / 10; break;
            case ColumnKind.LocalTimestamp: *(long*)at = (((DateTime)value).Ticks - DateTime.UnixEpoch.Ticks) / 10; break;
            case ColumnKind.Uuid: SetGuid(at, (Guid)value); break;
            case ColumnKind.List or ColumnKind.Map: SetList(heap, column, at, (object?[])value); break;
            case ColumnKind.Struct: SetStruct(heap, column, row, (Dictionary<string, object?>)value); break;
            default: throw new NotSupportedException($"{column.Type.Kind}");
        }
    }

    /// <param name="value">A decimal, or digits as text where .NET's decimal is too short.</param>
    private static Int128 Unscaled(object value, int scale)
    {
        string text = value is decimal number ? number.ToString() : (string)value;
        int point = text.IndexOf('.');
        return Int128.Parse(point < 0 ? text + new string('0', scale) : text[..point] + text[(point + 1)..].PadRight(scale, '0'));
    }

    private static void SetDecimal(ColumnType type, byte* at, Int128 unscaled)
    {
        switch (type.Width)
        {
            case 2: *(short*)at = (short)unscaled; break;
            case 4: *(int*)at = (int)unscaled; break;
            case 8: *(long*)at = (long)unscaled; break;
            default: *(Int128*)at = unscaled; break;
        }
    }

    private static void SetGuid(byte* at, Guid value)
    {
        byte[] bytes = value.ToByteArray(bigEndian: true);
        ((ulong*)at)[1] = BinaryPrimitives.ReadUInt64BigEndian(bytes) ^ (1UL << 63);
        ((ulong*)at)[0] = BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(8));
    }

    private static void SetList(ByteHeap heap, ColumnVector column, byte* at, object?[] items)
    {
        ((long*)at)[0] = column.ChildCount;
        ((long*)at)[1] = items.Length;
        column.Children[0].Reserve(column.ChildCount + items.Length);
        foreach (object? item in items) Set(heap, column.Children[0], column.ChildCount++, item);
    }

    private static void SetStruct(ByteHeap heap, ColumnVector column, int row, Dictionary<string, object?> fields)
    {
        for (int i = 0; i < column.Children.Length; i++) Set(heap, column.Children[i], row, fields[column.Type.Children[i].Name]);
    }
}
