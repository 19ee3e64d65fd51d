namespace Etl.Sources;

/// <summary>
/// A budget in the memory of one process. Its windows slide: however the source cuts its minutes, hours and days, none of them holds more than the
/// limit. It goes by the monotonic clock, so a clock that is set does not move it.
/// </summary>
/// <remarks>Safe for many threads. It forgets what it gave when the process ends; several processes need one budget in the store.</remarks>
public sealed class SourceBudget : ISourceBudget
{
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly SlidingLimit[] limits;
    private readonly double liveShare;
    private readonly long start;
    private TimeSpan heldUntil;

    /// <exception cref="ArgumentException">The limits have faults.</exception>
    public SourceBudget(SourceLimits limits, TimeProvider time)
    {
        if (limits.Faults().ToList() is { Count: > 0 } faults) throw new ArgumentException(string.Join("; ", faults), nameof(limits));
        this.time = time;
        liveShare = limits.LiveShare;
        start = time.GetTimestamp();
        this.limits =
        [
            new(TimeSpan.FromMinutes(1) + limits.DelayMax, limits.PerMinute, liveShare),
            new(TimeSpan.FromHours(1) + limits.DelayMax, limits.PerHour, liveShare),
            new(TimeSpan.FromDays(1) + limits.DelayMax, limits.PerDay, liveShare),
        ];
    }

    /// <summary>The most that one call of a lane may weigh.</summary>
    public double WeightMax(SourceLane lane) => limits.Min(limit => limit.Of(lane));

    /// <inheritdoc/>
    public ValueTask<TimeSpan> ReserveAsync(SourceLane lane, double weight, CancellationToken cancel)
    {
        if (!(weight >= 1 && weight <= WeightMax(lane))) throw new ArgumentOutOfRangeException(nameof(weight), weight, $"expected 1 to {WeightMax(lane):N0} for one call of the {lane} lane");
        lock (gate)
        {
            var now = time.GetElapsedTime(start);
            var wait = heldUntil > now ? heldUntil - now : TimeSpan.Zero;
            foreach (var limit in limits) wait = Max(wait, limit.WaitFor(lane, weight, now));
            if (wait == TimeSpan.Zero)
                foreach (var limit in limits) limit.Take(lane, weight, now);
            return ValueTask.FromResult(wait);
        }
    }

    /// <inheritdoc/>
    public ValueTask HoldAsync(TimeSpan hold, CancellationToken cancel)
    {
        lock (gate) heldUntil = Max(heldUntil, time.GetElapsedTime(start) + hold);
        return ValueTask.CompletedTask;
    }

    /// <summary>What could be taken now, in weights.</summary>
    public double Left(SourceLane lane)
    {
        lock (gate)
        {
            var now = time.GetElapsedTime(start);
            return heldUntil > now ? 0 : limits.Min(limit => limit.Left(lane, now));
        }
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
