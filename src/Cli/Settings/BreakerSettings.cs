using System.ComponentModel;
using Etl.Scheduler.Running;

namespace Etl.Cli.Settings;

/// <summary>When a source or a sink that is away is left alone, and for how long; see <see cref="BreakerOptions"/> for each.</summary>
public sealed record BreakerSettings
{
    [Description("Failures in a row (not reached, too slow, 500) after which a source or a sink is left alone, 2 to 1,000; fewer than 5 lets one slot's own trouble stop the others.")]
    public int FailuresMax { get; init; } = new BreakerOptions().FailuresMax;

    [Description("How long it is left alone at first, in seconds, 1 to PauseMaxSeconds; then one call probes it, and each that fails doubles the pause.")]
    public int FirstPauseSeconds { get; init; } = (int)new BreakerOptions().FirstPause.TotalSeconds;

    [Description("How long it is left alone between two such calls at most, in seconds, 1 to 3,600.")]
    public int PauseMaxSeconds { get; init; } = (int)new BreakerOptions().PauseMax.TotalSeconds;

    internal BreakerOptions Options => new() { FailuresMax = FailuresMax, FirstPause = TimeSpan.FromSeconds(FirstPauseSeconds), PauseMax = TimeSpan.FromSeconds(PauseMaxSeconds) };

    public IEnumerable<string> Faults()
    {
        if (FailuresMax is < 2 or > 1_000) yield return $"steps.breaker.failuresMax: {FailuresMax} is outside 2 to 1,000";
        if (PauseMaxSeconds is < 1 or > 3_600) yield return $"steps.breaker.pauseMaxSeconds: {PauseMaxSeconds} is outside 1 to 3,600";
        else if (FirstPauseSeconds < 1 || FirstPauseSeconds > PauseMaxSeconds) yield return $"steps.breaker.firstPauseSeconds: {FirstPauseSeconds} is outside 1 to {PauseMaxSeconds}, its pauseMaxSeconds";
    }
}
