using System.Numerics;
using Etl.Codecs.Columns;

namespace Etl.Lake.DuckDb;

/// <summary>Copies rows of our columns into DuckDB's vectors. Long texts stay where they are: only their pointers are copied.</summary>
internal static unsafe class VectorWriter
{
    /// <param name="at">First row in the vector, which has room for <paramref name="rows"/> from there and nulls nowhere behind it.</param>
    public static void Copy(ColumnVector from, int first, int rows, nint vector, long at)
    {
        if (rows == 0) return;
        int width = from.Type.Width;
        switch (from.Type.Kind)
        {
            case ColumnKind.Struct:
                for (int i = 0; i < from.Children.Length; i++)
                    Copy(from.Children[i], first, rows, Native.duckdb_struct_vector_get_child(vector, (ulong)i), at);
                break;
            case ColumnKind.List or ColumnKind.Map:
                CopyLists(from, first, rows, vector, (ListEntry*)Native.duckdb_vector_get_data(vector) + at);
                break;
            default:
                Buffer.MemoryCopy(from.Data + (long)first * width, (byte*)Native.duckdb_vector_get_data(vector) + at * width, (long)rows * width, (long)rows * width);
                break;
        }
        if (from.HasNulls) CopyNulls(from.Validity, first, rows, vector, at);
    }

    private static void CopyLists(ColumnVector from, int first, int rows, nint vector, ListEntry* to)
    {
        var entries = (ListEntry*)from.Data + first;
        for (int row = 0; row < rows;)
        {
            // Lists that lie one behind the other, as nearly all do, are copied in one piece.
            ulong size = Native.duckdb_list_vector_get_size(vector);
            long start = -1, count = 0;
            for (; row < rows; row++)
            {
                long length = from.IsNull(first + row) ? 0 : entries[row].Length;
                if (length > 0)
                {
                    if (start < 0) start = entries[row].Offset;
                    else if (entries[row].Offset != start + count) break;
                }
                to[row] = new() { Offset = (long)size + count, Length = length };
                count += length;
            }
            if (Native.duckdb_list_vector_reserve(vector, size + (ulong)count) != 0) throw new OutOfMemoryException($"DuckDB has no room for {count} items of lists");
            Copy(from.Children[0], (int)Math.Max(start, 0), (int)count, Native.duckdb_list_vector_get_child(vector), (long)size);
            Native.duckdb_list_vector_set_size(vector, size + (ulong)count);
        }
    }

    private static void CopyNulls(ulong* from, int first, int rows, nint vector, long at)
    {
        ulong* to = null;
        for (int word = first >> 6; word <= first + rows - 1 >> 6; word++)
        {
            for (ulong nulls = ~from[word]; nulls != 0; nulls &= nulls - 1)
            {
                int row = (word << 6) + BitOperations.TrailingZeroCount(nulls);
                if (row < first || row >= first + rows) continue;
                if (to == null)
                {
                    Native.duckdb_vector_ensure_validity_writable(vector);
                    to = Native.duckdb_vector_get_validity(vector);
                }
                long target = at + row - first;
                to[target >> 6] &= ~(1UL << (int)(target & 63));
            }
        }
    }
}
