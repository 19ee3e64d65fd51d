namespace Etl.Metadata.Relational.Runs;

/// <summary>What one lander has, shall have, and would give and take.</summary>
/// <param name="Due">How many it shall have.</param>
/// <param name="Free">Partitions that nobody has.</param>
internal sealed record PartitionTurn(IReadOnlyList<int> Mine, int Due, IReadOnlyList<int> Free, IReadOnlyList<int> Gives, IReadOnlyList<int> Takes);

/// <summary>Which partitions a lander gives up and takes, so that all have as many but for one. Pure.</summary>
/// <remarks>What is left over goes to those who came first. As the shares add up to the topic's partitions, somebody gives for each that somebody lacks: it settles when each has been asked, and moves no more than it must.</remarks>
internal static class PartitionTurns
{
    /// <param name="landers">Tokens of all that have a lease, the caller's too, ascending.</param>
    /// <param name="holders">Token by partition; one that is not of the landers' holds nothing.</param>
    public static PartitionTurn Of(IReadOnlyList<long> landers, IReadOnlyDictionary<int, long> holders, int partitions, long token)
    {
        int rank = landers.TakeWhile(lander => lander != token).Count();
        int due = partitions / landers.Count + (rank < partitions % landers.Count ? 1 : 0);
        var held = Enumerable.Range(0, partitions).ToLookup(part => holders.TryGetValue(part, out long holder) && landers.Contains(holder) ? holder : 0);
        IReadOnlyList<int> mine = [.. held[token]], free = [.. held[0]];
        return new(mine, due, free, [.. mine.Skip(due)], [.. free.Take(due - mine.Count)]);
    }
}
