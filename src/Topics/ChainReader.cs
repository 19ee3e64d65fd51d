namespace Etl.Topics;

/// <summary>Looks whether a topic's partitions still hold what was landed: asks for the logs' bounds and reads each last record once more.</summary>
public static class ChainReader
{
    /// <summary>
    /// One verdict for each state, in their order. Partitions that may go on are left assigned in <paramref name="reader"/> at their next offset, so that
    /// landing goes on from there without a new start.
    /// </summary>
    /// <exception cref="TopicException">The topic or a partition is not there, or no broker answers.</exception>
    public static async Task<IReadOnlyList<ChainVerdict>> LookAsync(TopicAdmin admin, TopicReader reader, IReadOnlyList<ChainState> states, CancellationToken cancel)
    {
        var topic = await admin.DescribeAsync(reader.Topic, cancel);
        var partitions = states.Select(state => state.Partition).ToList();
        var starts = await BoundsAsync(OffsetAt.Start);
        var ends = await BoundsAsync(OffsetAt.End);
        var hashes = await LastHashesAsync(reader, states, starts, ends, cancel);
        return
        [
            .. states.Select(state => ChainLink.Decide(
                state, new(topic.Id, starts[state.Partition], ends[state.Partition], hashes.GetValueOrDefault(state.Partition, "")))),
        ];

        async Task<Dictionary<int, long>> BoundsAsync(OffsetAt at) =>
            (await admin.OffsetsAsync(reader.Topic, partitions, at, cancel)).ToDictionary(bound => bound.Partition, bound => bound.Next);
    }

    /// <summary>Reads [next − 1, next) of every partition whose log holds it; an empty range for the others that can be gone on with.</summary>
    private static async Task<Dictionary<int, string>> LastHashesAsync(
        TopicReader reader, IReadOnlyList<ChainState> states, Dictionary<int, long> starts, Dictionary<int, long> ends, CancellationToken cancel)
    {
        var ranges = states.Where(state => starts[state.Partition] <= state.Next && state.Next <= ends[state.Partition])
            .Select(state => new PartitionRange(state.Partition, starts[state.Partition] < state.Next ? state.Next - 1 : state.Next, state.Next)).ToList();
        var read = await reader.ReadRangeAsync(ranges, static _ => { }, cancel);
        return read.ToDictionary(one => one.Range.Partition, one => one.LastHash);
    }
}
