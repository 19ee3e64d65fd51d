using System.ComponentModel;
using Etl.Contracts.Workflow;

namespace Etl.Cli.Settings;

/// <summary>What holds of every step whose DAG says nothing else.</summary>
public sealed record StepSettings
{
    [Description("Longest time that one attempt of a step runs, in seconds, 1 to 86,400; then it is stopped and tried again.")]
    public int TimeLimitSeconds { get; init; } = 3_600;

    internal StepLimits Limits => new() { Time = TimeSpan.FromSeconds(TimeLimitSeconds) };

    public IEnumerable<string> Faults()
    {
        if (TimeLimitSeconds is < 1 or > 86_400) yield return $"steps.timeLimitSeconds: {TimeLimitSeconds} is outside 1 to 86,400";
    }
}
