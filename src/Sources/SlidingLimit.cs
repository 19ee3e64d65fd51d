namespace Etl.Sources;

/// <summary>What was taken within the last so long, and so what is left. One thread at a time.</summary>
/// <param name="length">How long a taking counts.</param>
/// <param name="limit">The most of all lanes together.</param>
/// <param name="liveShare">The share of it that only the live lane may take.</param>
internal sealed class SlidingLimit(TimeSpan length, double limit, double liveShare)
{
    // Each weighs 1 or more, so there are never more than the limit.
    private readonly Queue<Taking> takings = [];
    private double taken;
    private double takenByBackfill;

    /// <summary>The most that a lane may have at once.</summary>
    public double Of(SourceLane lane) => lane == SourceLane.Live ? limit : limit * (1 - liveShare);

    public double Left(SourceLane lane, TimeSpan now)
    {
        Forget(now);
        return Left(lane, taken, takenByBackfill);
    }

    /// <summary>How long until so much is free for the lane; zero when it is now.</summary>
    public TimeSpan WaitFor(SourceLane lane, double weight, TimeSpan now)
    {
        Forget(now);
        double all = taken, backfill = takenByBackfill;
        if (Left(lane, all, backfill) >= weight) return TimeSpan.Zero;
        foreach (var taking in takings)
        {
            all -= taking.Weight;
            if (taking.Lane == SourceLane.Backfill) backfill -= taking.Weight;
            if (Left(lane, all, backfill) >= weight) return taking.At + length - now;
        }
        return length; // rounding of sums only: an empty limit has room for any weight that is allowed
    }

    public void Take(SourceLane lane, double weight, TimeSpan now)
    {
        takings.Enqueue(new(now, weight, lane));
        taken += weight;
        if (lane == SourceLane.Backfill) takenByBackfill += weight;
    }

    private double Left(SourceLane lane, double all, double backfill) =>
        lane == SourceLane.Live ? limit - all : Math.Min(limit - all, Of(SourceLane.Backfill) - backfill);

    private void Forget(TimeSpan now)
    {
        while (takings.TryPeek(out var oldest) && oldest.At + length <= now)
        {
            takings.Dequeue();
            taken -= oldest.Weight;
            if (oldest.Lane == SourceLane.Backfill) takenByBackfill -= oldest.Weight;
        }
        if (takings.Count == 0) (taken, takenByBackfill) = (0, 0); // no sum of rounding errors outlives a quiet moment
    }

    private readonly record struct Taking(TimeSpan At, double Weight, SourceLane Lane);
}
