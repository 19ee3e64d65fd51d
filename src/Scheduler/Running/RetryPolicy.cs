namespace Etl.Scheduler.Running;

/// <summary>How often and after how long a slot is tried again.</summary>
public sealed record RetryPolicy
{
    /// <summary>Attempts in one round, 1 to 100.</summary>
    public int AttemptsMax { get; init; } = 5;

    /// <summary>Before the second attempt; doubled for each further one.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan DelayMax { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Exponential backoff with half of it random, so that failures of one cause do not come back together.</summary>
    public TimeSpan DelayAfter(int attempt, Random random)
    {
        double seconds = Math.Min(FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(attempt - 1, 30)), DelayMax.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (0.5 + random.NextDouble() / 2));
    }
}
