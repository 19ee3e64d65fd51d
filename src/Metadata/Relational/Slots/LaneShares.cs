using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Slots;

/// <summary>Shares claims out to the lanes: where both have due slots, one of five is backfill's, also over claims of one slot each. What one lane has no use for, the other gets.</summary>
internal sealed class LaneShares
{
    /// <summary>One of so many claimed slots is of the backfill lane: 20 %.</summary>
    public const int BackfillEvery = 5;

    private int _taken;

    /// <param name="due">Rows by lane, each lane in its order.</param>
    /// <param name="max">Slots that are wanted: so many count as taken.</param>
    /// <param name="lookAhead">How many times as many are given, as some may be held by others.</param>
    public List<long> Mix(IReadOnlyList<(Lane Lane, long Number)> due, int max, int lookAhead)
    {
        var (live, backfill) = (due.Where(static row => row.Lane == Lane.Live).Select(static row => row.Number).ToList(), due.Where(static row => row.Lane != Lane.Live).Select(static row => row.Number).ToList());
        int most = max * lookAhead;
        if (live.Count == 0 || backfill.Count == 0) return [.. live.Concat(backfill).Take(most)];
        int total = Math.Min(max, due.Count);
        int before = Interlocked.Add(ref _taken, total) - total;
        var mixed = new List<long>(Math.Min(most, due.Count));
        for (int turn = 0, nextLive = 0, nextBackfill = 0; mixed.Count < most && mixed.Count < due.Count; turn++)
        {
            bool isBackfills = (uint)(before + turn) % BackfillEvery == BackfillEvery - 1;
            mixed.Add(nextBackfill < backfill.Count && (isBackfills || nextLive == live.Count) ? backfill[nextBackfill++] : live[nextLive++]);
        }
        return mixed;
    }
}
