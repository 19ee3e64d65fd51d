using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Service;

namespace Etl.Scheduler.Backfilling;

/// <summary>Whether what follows from a backfill's windows has been done too: fetched days land and are built, changed results are published.</summary>
/// <param name="since">Time stamp of when its last window had ended: a pass that began later has seen all of it.</param>
/// <param name="at">The same by the store's clock.</param>
internal sealed class BackfillEnd(long since, DateTimeOffset at)
{
    private const int NamesMax = 3, FailedMax = 10_000;

    /// <returns>null while something is still to be done.</returns>
    public async Task<(BackfillState State, string Reason)?> ResultAsync(Backfill backfill, IReadOnlyList<DagLoop> related, IReadOnlyCollection<string> steps, WorkParts parts, CancellationToken cancel)
    {
        var lands = related.SelectMany(loop => loop.Dag.Steps).OfType<LandStep>().Distinct().ToList();
        if (await HaltAsync(lands, parts, cancel) is { } halt) return (BackfillState.Failed, halt);
        if (related.Any(loop => loop.Idle is not { } idle || idle.Began < since)) return null;
        if (backfill.From == BackfillFrom.Source)
            foreach (var land in lands.Where(land => land.FedBy.Any(poll => poll.Dag.Name == backfill.Dag)))
                if (related.Where(loop => loop.Dag == land.Dag && !loop.IsOfPolls).Any(loop => !(loop.Idle?.Frontiers.GetValueOrDefault(land.Dataset) + land.Lateness >= at))) return null;
        var range = new BackfillRequest(related.First(loop => loop.Dag.Name == backfill.Dag).Dag, backfill.From, backfill.First, backfill.Last, backfill.Policy, backfill.Order, new Dictionary<string, string>());
        var (from, to) = (range.Start, range.End);
        var due = await parts.Metadata.Ledger.ListAsync(new() { Steps = steps, States = [SlotState.Queued, SlotState.Running, SlotState.Retrying], From = from, To = to, Max = 1 }, cancel);
        if (due.Count > 0) return null;
        var failed = await parts.Metadata.Ledger.ListAsync(new() { Steps = steps, States = [SlotState.Failed], From = from, To = to, Max = FailedMax }, cancel);
        var own = failed.Where(slot => slot.AsOf >= Micros.Of(backfill.Created) || backfill.FailedWindows > 0).ToList(); // what failed before it began, and was no window of it, is not its own
        if (own.Count == 0 && backfill.FailedWindows == 0) return (BackfillState.Done, backfill.Reason);
        string names = string.Join("; ", own.Take(NamesMax).Select(slot => $"{slot.Id.Step} {slot.Id.Window}: {slot.Reason}"));
        return (BackfillState.Failed, own.Count == 0 ? $"{backfill.FailedWindows:N0} windows were not done" : $"{names}{(own.Count > NamesMax ? $" and {own.Count - NamesMax:N0} more" : "")}");
    }

    private static async Task<string?> HaltAsync(IReadOnlyList<LandStep> lands, WorkParts parts, CancellationToken cancel)
    {
        foreach (string topic in lands.Select(land => land.Topic).Distinct(StringComparer.Ordinal))
            if ((await parts.Metadata.Catalog.ProgressAsync(topic, cancel)).FirstOrDefault(part => part.HaltReason is not null) is { } halted) return $"{topic} partition {halted.Partition} is halted: {halted.HaltReason}";
        return null;
    }
}
