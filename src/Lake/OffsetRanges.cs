using Etl.Contracts.Commits;

namespace Etl.Lake;

/// <summary>Arithmetic of the offset ranges that files hold.</summary>
internal static class OffsetRanges
{
    /// <summary>The same offsets in as few ranges as can be, ordered by topic, generation, partition, first offset.</summary>
    public static IReadOnlyList<OffsetRange> Join(IEnumerable<OffsetRange> ranges)
    {
        var joined = new List<OffsetRange>();
        foreach (var range in Ordered(ranges))
        {
            if (joined.Count > 0 && IsSamePartition(joined[^1], range) && joined[^1].To >= range.From) joined[^1] = joined[^1] with { To = Math.Max(joined[^1].To, range.To) };
            else joined.Add(range);
        }
        return joined;
    }

    /// <summary>Offsets of <paramref name="ranges"/> that are in none of <paramref name="taken"/>.</summary>
    public static IEnumerable<OffsetRange> Without(IEnumerable<OffsetRange> ranges, IReadOnlyList<OffsetRange> taken)
    {
        foreach (var range in ranges)
        {
            long next = range.From;
            foreach (var part in taken.Where(part => Overlap(part, range)).OrderBy(part => part.From))
            {
                if (part.From > next) yield return range with { From = next, To = part.From };
                next = Math.Max(next, part.To);
            }
            if (next < range.To) yield return range with { From = next };
        }
    }

    public static bool Overlap(OffsetRange one, OffsetRange other) => IsSamePartition(one, other) && one.From < other.To && other.From < one.To;

    public static bool IsSamePartition(OffsetRange one, OffsetRange other) =>
        one.Topic == other.Topic && one.Generation == other.Generation && one.Partition == other.Partition;

    public static IOrderedEnumerable<OffsetRange> Ordered(IEnumerable<OffsetRange> ranges) =>
        ranges.Where(range => range.To > range.From).OrderBy(range => range.Topic, StringComparer.Ordinal).ThenBy(range => range.Generation).ThenBy(range => range.Partition).ThenBy(range => range.From);

    public static string Text(OffsetRange range) => FormattableString.Invariant($"{range.Topic} generation {range.Generation} partition {range.Partition} [{range.From}, {range.To})");
}
