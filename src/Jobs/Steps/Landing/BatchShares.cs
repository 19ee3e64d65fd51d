using Etl.Topics;

namespace Etl.Jobs.Steps.Landing;

/// <summary>Which offsets of which partitions make the next batch. Pure.</summary>
public static class BatchShares
{
    /// <summary>Shares <paramref name="records"/> offsets out in proportion to what is left, so that partitions run dry together and events of one time meet in one file.</summary>
    /// <param name="positions">Next offset by partition.</param>
    /// <param name="ends">Excluded end by partition; a partition without one is left alone.</param>
    /// <returns>Ranges that are not empty, partitions ascending; none when all is read.</returns>
    public static IReadOnlyList<PartitionRange> Next(IReadOnlyDictionary<int, long> positions, IReadOnlyDictionary<int, long> ends, long records)
    {
        var left = positions.Where(position => ends.GetValueOrDefault(position.Key) > position.Value)
            .Select(position => (Partition: position.Key, From: position.Value, Lag: ends[position.Key] - position.Value))
            .OrderByDescending(part => part.Lag).ThenBy(part => part.Partition).ToList();
        long total = left.Sum(part => part.Lag), budget = Math.Min(records, total), given = 0;
        var shares = left.Select(part => (long)((Int128)part.Lag * budget / Math.Max(1, total))).ToArray();
        given = shares.Sum();
        for (int index = 0; given < budget; index = (index + 1) % shares.Length)
        {
            if (shares[index] == left[index].Lag) continue;
            shares[index]++;
            given++;
        }
        return [.. left.Select((part, index) => new PartitionRange(part.Partition, part.From, part.From + shares[index])).Where(range => range.To > range.From).OrderBy(range => range.Partition)];
    }
}
