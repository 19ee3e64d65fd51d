using System.Buffers;
using System.IO.Hashing;
using System.Numerics;

namespace Etl.Codecs.Columns;

/// <summary>Looks for a key that a map has twice: SQL's maps may not.</summary>
internal static unsafe class MapKeys
{
    private const int ComparedMax = 12; // up to here comparing each with each is faster than a table

    private static readonly long Seed = HashCode.Combine(0); // differs from process to process, so that nobody can prepare keys that collide

    public static bool Repeat(ColumnText* keys, int count)
    {
        if (count > ComparedMax) return RepeatInTable(keys, count);
        for (int i = 1; i < count; i++)
            for (int j = 0; j < i; j++)
                if (ColumnText.Read(keys + i).SequenceEqual(ColumnText.Read(keys + j))) return true;
        return false;
    }

    private static bool RepeatInTable(ColumnText* keys, int count)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)count * 2);
        int[] table = ArrayPool<int>.Shared.Rent(size);
        try
        {
            table.AsSpan(0, size).Clear();
            for (int i = 0; i < count; i++)
            {
                var key = ColumnText.Read(keys + i);
                int slot = (int)XxHash3.HashToUInt64(key, Seed) & (size - 1);
                for (; table[slot] != 0; slot = (slot + 1) & (size - 1))
                    if (ColumnText.Read(keys + table[slot] - 1).SequenceEqual(key)) return true;
                table[slot] = i + 1;
            }
            return false;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(table);
        }
    }
}
