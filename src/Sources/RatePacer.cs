namespace Etl.Sources;

/// <summary>
/// Holds a producer to a rate. It goes by the time since the start, so an uneven pace is caught up and the mean is exact; what was missed for
/// longer than <see cref="CatchUpMax"/> is let go, so that a pause is not followed by a flood.
/// </summary>
/// <param name="targetPerSecond">Events a second, above 0; infinity never waits.</param>
public sealed class RatePacer(double targetPerSecond, TimeProvider time)
{
    /// <summary>The most that is caught up after a pause.</summary>
    public static readonly TimeSpan CatchUpMax = TimeSpan.FromSeconds(1);

    private readonly long start = time.GetTimestamp();
    private readonly double target = targetPerSecond > 0 ? targetPerSecond
        : throw new ArgumentOutOfRangeException(nameof(targetPerSecond), targetPerSecond, "expected a rate above 0 events a second");
    private double forgiven; // events not made in pauses

    /// <summary>Events a second as asked.</summary>
    public double TargetPerSecond => target;

    /// <summary>Events made so far.</summary>
    public long Count { get; private set; }

    /// <summary>Events a second since the start; 0 before any time has passed.</summary>
    public double AchievedPerSecond => time.GetElapsedTime(start).TotalSeconds is > 0 and var seconds ? Count / seconds : 0;

    /// <summary>Says that so many events were made; returns when the next may be.</summary>
    public async ValueTask WaitAsync(int made, CancellationToken cancel)
    {
        Count += made;
        if (Ahead() is { } ahead && ahead > TimeSpan.Zero) await Task.Delay(ahead, time, cancel);
    }

    /// <summary>How far the count is ahead of the rate; null when there is nothing to wait for.</summary>
    private TimeSpan? Ahead()
    {
        if (double.IsPositiveInfinity(target)) return null;
        double secondsAhead = (Count + forgiven) / target - time.GetElapsedTime(start).TotalSeconds;
        if (secondsAhead < -CatchUpMax.TotalSeconds) forgiven += (-secondsAhead - CatchUpMax.TotalSeconds) * target;
        return secondsAhead > 0 ? TimeSpan.FromSeconds(secondsAhead) : null;
    }
}
