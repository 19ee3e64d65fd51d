using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Service;

/// <summary>Partitions whose log is not the one that was landed so far: what waits for them ends with the reason.</summary>
internal static class Halts
{
    /// <returns>The first halted partition of the landings' topics, and why; null where none is.</returns>
    public static async Task<string?> FirstAsync(ILakeCatalog catalog, IEnumerable<LandStep> lands, CancellationToken cancel)
    {
        foreach (string topic in lands.Select(land => land.Topic).Distinct(StringComparer.Ordinal))
            if ((await catalog.ProgressAsync(topic, cancel)).FirstOrDefault(part => part.HaltReason is not null) is { } halted) return $"{topic} partition {halted.Partition} is halted: {halted.HaltReason}";
        return null;
    }
}
