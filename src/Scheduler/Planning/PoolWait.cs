using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Planning;

/// <summary>Tells of a slot that is due whether its pool is full, as the ledger knows it: from any process.</summary>
public static class PoolWait
{
    private const int NamesMax = 3, RunningMax = 1_000;

    /// <param name="steps">Of all DAGs.</param>
    /// <param name="size">Places of the step's pool.</param>
    /// <returns>null when it has a place free, or the step is in no pool.</returns>
    public static async Task<string?> ReasonAsync(IMetadata metadata, Step step, IEnumerable<Step> steps, int size, CancellationToken cancel)
    {
        if (step.Limits.Pool is not { } pool) return null;
        var running = await metadata.Ledger.ListAsync(new() { Steps = [.. steps.Where(other => other.Limits.Pool == pool).Select(other => other.FullName)], States = [SlotState.Running], Max = RunningMax }, cancel);
        if (running.Count < size) return null;
        string names = string.Join(", ", running.Take(NamesMax).Select(slot => $"{slot.Id.Step} {slot.Id.Window}"));
        return $"due, and waits for a place in pool {pool}, which has {size:N0}: {names}{(running.Count > NamesMax ? $" and {running.Count - NamesMax:N0} more" : "")} {(running.Count == 1 ? "runs" : "run")}";
    }
}
