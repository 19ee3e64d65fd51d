using System.Numerics;
using Etl.Codecs.Columns;
using Etl.Lake.DuckDb;

namespace Etl.Lake;

/// <summary>Makes a view show the newest row of each identity. Most windows have no duplicate, and proving that is far cheaper than removing some: only identities that occur twice are sorted.</summary>
internal static class Duplicates
{
    private const int BitsPerRow = 32;
    private const int BitsMax = 1 << 30; // 128 MB a map; past that more identities share a bit, and more rows are looked at twice

    /// <summary>Makes view <paramref name="name"/> of the rows of <paramref name="all"/> without older duplicates.</summary>
    /// <param name="all">A view with the identity's columns, <c>_generation</c>, <c>_offset</c>, <c>_partition</c>.</param>
    /// <param name="rows">About how many rows it has; a bad guess costs time alone.</param>
    /// <returns>How many identities occur more than once.</returns>
    public static int Hide(DuckConnection connection, string name, string all, IReadOnlyList<string> identity, long rows, CancellationToken cancel)
    {
        using var twice = Find(connection, all, identity, rows, cancel);
        connection.Execute(twice.RowCount == 0 ? $"CREATE OR REPLACE TEMP VIEW {Sql.Name(name)} AS FROM {all}" : Newest(connection, name, all, identity, twice), cancel: cancel);
        return twice.RowCount;
    }

    // Two passes over 63-bit hashes: the first marks bits that two rows share, the second compares only the rows behind such bits.
    // Two identities with one hash are taken for a duplicate here and told apart by the view.
    private static ColumnBatch Find(DuckConnection connection, string all, IReadOnlyList<string> identity, long rows, CancellationToken cancel)
    {
        string hashes = $"SELECT {Hash(identity)} FROM {all}";
        int shift = 63 - BitOperations.Log2((uint)Math.Clamp(rows * BitsPerRow, 1 << 12, BitsMax));
        var seen = new ulong[1L << (63 - shift - 6)];
        var shared = new ulong[seen.Length];
        bool any = false;
        connection.Query(hashes, chunk => any |= Mark(chunk.Values<long>(0), seen, shared, shift), cancel: cancel);
        var twice = new ColumnBatch([new("hash", ColumnType.Of(ColumnKind.Int64), false)]);
        if (!any) return twice;
        var once = new Dictionary<long, bool>();
        connection.Query(hashes, chunk => Compare(chunk.Values<long>(0), shared, shift, once, twice), cancel: cancel);
        return twice;
    }

    private static bool Mark(ReadOnlySpan<long> hashes, ulong[] seen, ulong[] shared, int shift)
    {
        ulong found = 0;
        foreach (long hash in hashes)
        {
            int at = (int)((ulong)hash >> shift);
            ref ulong word = ref seen[at >> 6];
            ulong bit = 1UL << (at & 63), both = word & bit;
            shared[at >> 6] |= both;
            found |= both;
            word |= bit;
        }
        return found != 0;
    }

    private static void Compare(ReadOnlySpan<long> hashes, ulong[] shared, int shift, Dictionary<long, bool> once, ColumnBatch twice)
    {
        foreach (long hash in hashes)
        {
            int at = (int)((ulong)hash >> shift);
            if ((shared[at >> 6] >> (at & 63) & 1) == 0) continue;
            if (once.TryAdd(hash, false) || once[hash]) continue;
            once[hash] = true; // listed once, however often it occurs
            var block = twice.Open();
            block.Columns[0].Values<long>()[block.Count++] = hash;
        }
    }

    private static string Newest(DuckConnection connection, string name, string all, IReadOnlyList<string> identity, ColumnBatch twice)
    {
        string table = Sql.Name($"twice of {name}");
        string keys = string.Join(", ", identity.Select(Sql.Name));
        using (var source = connection.Offer(twice)) connection.Execute($"CREATE OR REPLACE TEMP TABLE {table} AS FROM {source.Sql}");
        return $"""
            CREATE OR REPLACE TEMP VIEW {Sql.Name(name)} AS
            FROM {all} WHERE {Hash(identity)} NOT IN (FROM {table})
            UNION ALL
            SELECT * EXCLUDE (_newest) FROM (
                SELECT *, row_number() OVER (PARTITION BY {keys} ORDER BY _generation DESC, _offset DESC, _partition DESC) AS _newest
                FROM {all} WHERE {Hash(identity)} IN (FROM {table}))
            WHERE _newest = 1
            """;
    }

    private static string Hash(IReadOnlyList<string> identity) => $"CAST(hash({string.Join(", ", identity.Select(Sql.Name))}) >> 1 AS BIGINT)";
}
