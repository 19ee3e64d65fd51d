namespace Etl.Scheduler.Running;

/// <summary>How often and after how long a slot is tried again.</summary>
public sealed record RetryPolicy
{
    /// <summary>Attempts in one round, 1 to 100.</summary>
    public int AttemptsMax { get; init; } = 5;

    /// <summary>Before the second attempt; doubled for each further one. 1 ms to <see cref="DelayMax"/>.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Before any attempt, at most 1 day.</summary>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>All that is wrong, one line each.</summary>
    public IEnumerable<string> Faults()
    {
        if (AttemptsMax is < 1 or > 100) yield return $"retry.attemptsMax: {AttemptsMax} is outside 1 to 100";
        if (FirstDelay < TimeSpan.FromMilliseconds(1) || FirstDelay > DelayMax) yield return $"retry.firstDelay: {FirstDelay} is outside 1 ms to {DelayMax}";
        if (DelayMax > TimeSpan.FromDays(1)) yield return $"retry.delayMax: {DelayMax} is more than 1 day";
    }

    internal RetryPolicy Checked() => Faults().ToList() is { Count: > 0 } faults ? throw new ArgumentException(string.Join("; ", faults)) : this;

    /// <summary>Exponential backoff with half of it random, so that failures of one cause do not come back together.</summary>
    public TimeSpan DelayAfter(int attempt, Random random) => DelayAfter(attempt, random.NextDouble());

    /// <param name="chance">0 to below 1: the random part.</param>
    public TimeSpan DelayAfter(int attempt, double chance)
    {
        double seconds = Math.Min(FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(attempt - 1, 30)), DelayMax.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (0.5 + chance / 2));
    }
}
