using System.Globalization;

namespace Etl.Contracts.Workflow;

/// <summary>How often and after how long a slot that failed with what may pass is tried again by itself.</summary>
public sealed record RetryPolicy
{
    /// <summary>Attempts in one round, 1 to 100. With the delays' defaults 8 last 64 to 127 s: a server that is restarted is back by then.</summary>
    public int AttemptsMax { get; init; } = 8;

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

    /// <summary>As people read it: <c>8 attempts from 1 s</c>; <c>1 attempt</c>.</summary>
    public override string ToString() => AttemptsMax == 1 ? "1 attempt" : string.Create(CultureInfo.InvariantCulture, $"{AttemptsMax} attempts from {StepLimits.Text(FirstDelay)}");

    /// <exception cref="ArgumentException">Something is out of its range.</exception>
    public RetryPolicy Checked() => Faults().ToList() is { Count: > 0 } faults ? throw new ArgumentException(string.Join("; ", faults)) : this;

    /// <summary>Exponential backoff with half of it random, so that failures of one cause do not come back together.</summary>
    public TimeSpan DelayAfter(int attempt, Random random) => DelayAfter(attempt, random.NextDouble());

    /// <param name="chance">0 to below 1: the random part.</param>
    public TimeSpan DelayAfter(int attempt, double chance)
    {
        double seconds = Math.Min(FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(attempt - 1, 30)), DelayMax.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (0.5 + chance / 2));
    }
}
