namespace Etl.Sources;

/// <summary>What a source allows all callers together, in its own weights. The defaults are Open-Meteo's free tier.</summary>
public sealed record SourceLimits
{
    /// <summary>Within any minute, 1 to 1,000,000.</summary>
    public double PerMinute { get; init; } = 600;

    /// <summary>Within any hour, 1 to 10,000,000.</summary>
    public double PerHour { get; init; } = 5_000;

    /// <summary>Within any 24 hours, 1 to 10,000,000.</summary>
    public double PerDay { get; init; } = 10_000;

    /// <summary>The share of each limit that backfills never take, 0 to 0.9.</summary>
    public double LiveShare { get; init; } = 0.2;

    /// <summary>How much later than its reservation a call may reach the source, 0 to 5 minutes: the limits hold at the source's clock too.</summary>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (PerMinute is not (>= 1 and <= 1_000_000)) yield return $"perMinute: {PerMinute} is outside 1 to 1,000,000";
        if (PerHour is not (>= 1 and <= 10_000_000)) yield return $"perHour: {PerHour} is outside 1 to 10,000,000";
        if (PerDay is not (>= 1 and <= 10_000_000)) yield return $"perDay: {PerDay} is outside 1 to 10,000,000";
        if (LiveShare is not (>= 0 and <= 0.9)) yield return $"liveShare: {LiveShare} is outside 0 to 0.9";
        if (DelayMax < TimeSpan.Zero || DelayMax > TimeSpan.FromMinutes(5)) yield return $"delayMax: {DelayMax} is outside 0 to 5 minutes";
    }
}
