using System.ComponentModel;
using Etl.Contracts.Workflow;

namespace Etl.Cli.Settings;

/// <summary>How often a step that failed with what may pass is tried again by itself; see <see cref="RetryPolicy"/> for each.</summary>
public sealed record RetrySettings
{
    [Description("Attempts of a slot in one round, the first included, 1 to 100; then it has failed until somebody has it done again.")]
    public int AttemptsMax { get; init; } = new RetryPolicy().AttemptsMax;

    [Description("Wait before the second attempt, in seconds, 1 to DelayMaxSeconds; doubled for each further one, and of each a random half or less is left out.")]
    public int FirstDelaySeconds { get; init; } = (int)new RetryPolicy().FirstDelay.TotalSeconds;

    [Description("Wait before any attempt at most, in seconds, 1 to 86,400.")]
    public int DelayMaxSeconds { get; init; } = (int)new RetryPolicy().DelayMax.TotalSeconds;

    internal RetryPolicy Policy => new() { AttemptsMax = AttemptsMax, FirstDelay = TimeSpan.FromSeconds(FirstDelaySeconds), DelayMax = TimeSpan.FromSeconds(DelayMaxSeconds) };

    public IEnumerable<string> Faults()
    {
        if (AttemptsMax is < 1 or > 100) yield return $"steps.retry.attemptsMax: {AttemptsMax} is outside 1 to 100";
        if (DelayMaxSeconds is < 1 or > 86_400) yield return $"steps.retry.delayMaxSeconds: {DelayMaxSeconds} is outside 1 to 86,400";
        else if (FirstDelaySeconds < 1 || FirstDelaySeconds > DelayMaxSeconds) yield return $"steps.retry.firstDelaySeconds: {FirstDelaySeconds} is outside 1 to {DelayMaxSeconds}, its delayMaxSeconds";
    }
}
