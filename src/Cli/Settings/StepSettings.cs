using System.ComponentModel;
using System.Globalization;
using Etl.Contracts.Workflow;

namespace Etl.Cli.Settings;

/// <summary>What holds of every step whose DAG says nothing else.</summary>
public sealed record StepSettings
{
    [Description("Longest time that one attempt of a step runs, in seconds, 1 to 86,400; then it is stopped and tried again.")]
    public int TimeLimitSeconds { get; init; } = 3_600;

    [Description("Places of the pools that steps name, name=places;name=places, e.g. heavy=2; 1 to 256 each, and 1 for a pool that is not listed. The same in all processes on a store.")]
    public string Pools { get; init; } = "";

    [Description("How long slots and runs stay with a process that is not heard of any more, in seconds, 5 to 3,600, and the partitions that it lands, 120 at most; then others go on with them.")]
    public int LeaseSeconds { get; init; } = 300;

    public RetrySettings Retry { get; init; } = new();

    public BreakerSettings Breaker { get; init; } = new();

    private IEnumerable<string[]> Pairs => Pools.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2, StringSplitOptions.TrimEntries));

    internal IReadOnlyDictionary<string, int> PoolSizes => Pairs.GroupBy(pair => pair[0]).ToDictionary(pairs => pairs.Key, pairs => int.Parse(pairs.Last()[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    internal TimeSpan Lease => TimeSpan.FromSeconds(LeaseSeconds);

    internal StepLimits Limits => new() { Time = TimeSpan.FromSeconds(TimeLimitSeconds), Retry = Retry.Policy };

    public IEnumerable<string> Faults()
    {
        if (TimeLimitSeconds is < 1 or > 86_400) yield return $"steps.timeLimitSeconds: {TimeLimitSeconds} is outside 1 to 86,400";
        if (LeaseSeconds is < 5 or > 3_600) yield return $"steps.leaseSeconds: {LeaseSeconds} is outside 5 to 3,600";
        foreach (string fault in (IEnumerable<string>)[.. Retry.Faults(), .. Breaker.Faults()]) yield return fault;
        foreach (string[] pair in Pairs)
            if (pair is not [{ Length: > 0 }, var size] || !int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out int places) || places is < 1 or > Etl.Scheduler.Running.Pools.SizeMax) yield return $"steps.pools: found \"{string.Join('=', pair)}\", expected name=places, with 1 to {Etl.Scheduler.Running.Pools.SizeMax} places";
    }
}
