namespace Etl.Cli.Simulation;

/// <summary>What a simulator sent.</summary>
/// <param name="TargetPerSecond">As asked; null as fast as possible.</param>
public sealed record ProductionReport(string Topic, long Events, double Seconds, double? TargetPerSecond, double AchievedPerSecond)
{
    public override string ToString() => Events == 0
        ? $"{Topic}: nothing to make, the fleet has reported up to the end already; ask for more with --days"
        : $"{Topic}: {Events:N0} events, {AchievedPerSecond:N0} per second{(TargetPerSecond is { } target ? $" of {target:N0} asked for" : "")}";
}
