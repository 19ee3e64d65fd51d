using Etl.Codecs.Columns;

namespace Etl.Lake.DuckDb;

/// <summary>Copies rows of DuckDB's vectors into columns of ours.</summary>
internal static unsafe class VectorReader
{
    /// <summary>Whether DuckDB stores the type otherwise than our column does.</summary>
    public static bool Converts(DuckTypeId id) => id is DuckTypeId.TinyInt or DuckTypeId.SmallInt or DuckTypeId.UTinyInt or DuckTypeId.USmallInt or DuckTypeId.UInteger
        or DuckTypeId.UBigInt or DuckTypeId.Enum or DuckTypeId.TimestampSeconds or DuckTypeId.TimestampMillis or DuckTypeId.TimestampNanos or DuckTypeId.SqlNull;

    /// <param name="first">First row in the vector.</param>
    /// <param name="at">First row in the column, which has room for <paramref name="rows"/> from there.</param>
    /// <param name="heap">Takes the long texts.</param>
    public static void Copy(DuckType type, nint vector, long first, int rows, ColumnVector to, int at, ByteHeap heap)
    {
        if (rows == 0) return;
        ulong* validity = Native.duckdb_vector_get_validity(vector);
        byte* from = (byte*)Native.duckdb_vector_get_data(vector);
        switch (type.Id)
        {
            case DuckTypeId.Struct:
                for (int i = 0; i < type.Children.Count; i++)
                    Copy(type.Children[i], Native.duckdb_struct_vector_get_child(vector, (ulong)i), first, rows, to.Children[i], at, heap);
                break;
            case DuckTypeId.List or DuckTypeId.Map:
                CopyLists(type.Children[0], vector, (ListEntry*)from + first, validity, first, rows, to, at, heap);
                break;
            case DuckTypeId.Varchar or DuckTypeId.Blob:
                CopyTexts((ColumnText*)from + first, validity, first, rows, (ColumnText*)to.Data + at, heap);
                break;
            case DuckTypeId.Enum:
                CopyEnums(type, from, validity, first, rows, (ColumnText*)to.Data + at, heap);
                break;
            default:
                if (Converts(type.Id)) Convert(type.Id, from, first, rows, to.Data, at);
                else Buffer.MemoryCopy(from + first * to.Type.Width, to.Data + (long)at * to.Type.Width, (long)rows * to.Type.Width, (long)rows * to.Type.Width);
                break;
        }
        if (validity == null) return;
        for (int row = 0; row < rows; row++)
            if (!Native.IsSet(validity, first + row)) to.SetNull(at + row);
    }

    private static void CopyLists(DuckType item, nint vector, ListEntry* from, ulong* validity, long first, int rows, ColumnVector to, int at, ByteHeap heap)
    {
        var entries = (ListEntry*)to.Data + at;
        nint child = Native.duckdb_list_vector_get_child(vector);
        for (int row = 0; row < rows;)
        {
            // Lists that lie one behind the other, as nearly all do, are copied in one piece.
            long start = -1, count = 0;
            for (; row < rows; row++)
            {
                long length = Native.IsSet(validity, first + row) ? from[row].Length : 0;
                if (length > 0)
                {
                    if (start < 0) start = from[row].Offset;
                    else if (from[row].Offset != start + count) break;
                }
                entries[row] = new() { Offset = to.ChildCount + count, Length = length };
                count += length;
            }
            int total = checked((int)(to.ChildCount + count));
            to.Children[0].Reserve(total);
            Copy(item, child, Math.Max(start, 0), (int)count, to.Children[0], to.ChildCount, heap);
            to.ChildCount = total;
        }
    }

    private static void CopyTexts(ColumnText* from, ulong* validity, long first, int rows, ColumnText* to, ByteHeap heap)
    {
        for (int row = 0; row < rows; row++)
        {
            if (!Native.IsSet(validity, first + row)) continue; // its pointer may be anything
            to[row] = from[row].Length <= ColumnText.InlinedMax ? from[row] : heap.Keep(ColumnText.Read(from + row));
        }
    }

    private static void CopyEnums(DuckType type, byte* from, ulong* validity, long first, int rows, ColumnText* to, ByteHeap heap)
    {
        for (int row = 0; row < rows; row++)
        {
            if (!Native.IsSet(validity, first + row)) continue;
            byte* at = from + (first + row) * type.EnumWidth;
            uint code = type.EnumWidth switch { 1 => *at, 2 => *(ushort*)at, _ => *(uint*)at };
            to[row] = heap.Keep(type.EnumValues[(int)code]);
        }
    }

    private static void Convert(DuckTypeId id, byte* from, long first, int rows, byte* to, int at)
    {
        for (int i = 0; i < rows; i++)
        {
            long row = first + i;
            switch (id)
            {
                case DuckTypeId.TinyInt: ((int*)to)[at + i] = ((sbyte*)from)[row]; break;
                case DuckTypeId.SmallInt: ((int*)to)[at + i] = ((short*)from)[row]; break;
                case DuckTypeId.UTinyInt: ((int*)to)[at + i] = from[row]; break;
                case DuckTypeId.USmallInt: ((int*)to)[at + i] = ((ushort*)from)[row]; break;
                case DuckTypeId.UInteger: ((long*)to)[at + i] = ((uint*)from)[row]; break;
                case DuckTypeId.UBigInt: ((Int128*)to)[at + i] = ((ulong*)from)[row]; break;
                case DuckTypeId.TimestampSeconds: ((long*)to)[at + i] = Scale(((long*)from)[row], 1_000_000); break;
                case DuckTypeId.TimestampMillis: ((long*)to)[at + i] = Scale(((long*)from)[row], 1_000); break;
                case DuckTypeId.TimestampNanos: ((long*)to)[at + i] = Floor(((long*)from)[row]); break;
                default: ((int*)to)[at + i] = 0; break;
            }
        }
    }

    /// <summary>The extremes mean ±infinity in every unit.</summary>
    private static long Scale(long value, long factor) => value is long.MaxValue or -long.MaxValue ? value : unchecked(value * factor);

    private static long Floor(long nanos) => nanos is long.MaxValue or -long.MaxValue ? nanos : nanos / 1000 - (nanos % 1000 < 0 ? 1 : 0);
}

/// <summary><c>duckdb_list_entry</c>: where a list's items lie in the child.</summary>
internal struct ListEntry
{
    public long Offset, Length;
}
