using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Running;
using Etl.Scheduler.Service;

namespace Etl.Scheduler.Backfilling;

/// <summary>Whether what follows from a backfill's windows has been done too: fetched days land and are built, changed results are published.</summary>
/// <param name="related">Loops of its DAG, and of those that land what it fetches.</param>
/// <param name="steps">Of these loops.</param>
/// <param name="range">Its windows.</param>
/// <param name="at">When its last window had ended, by the store's clock.</param>
internal sealed class BackfillEnd(IReadOnlyList<DagLoop> related, IReadOnlyCollection<string> steps, BackfillRequest range, DateTimeOffset at)
{
    private readonly Settling _settling = new(related, new() { Steps = steps, From = range.Start, To = range.End }, long.MaxValue);

    private const int NamesMax = 3, FailedMax = 10_000;

    public void Note(SlotOutcome outcome)
    {
        if (_settling.IsOwn(outcome)) _settling.Restart();
    }

    /// <returns>null while something is still to be done.</returns>
    public async Task<(BackfillState State, string Reason)?> ResultAsync(Backfill backfill, WorkParts parts, CancellationToken cancel)
    {
        var lands = related.SelectMany(loop => loop.Dag.Steps).OfType<LandStep>().Distinct().ToList();
        if (await Halts.FirstAsync(parts.Metadata.Catalog, lands, cancel) is { } halt) return (BackfillState.Failed, halt);
        if (backfill.From == BackfillFrom.Source && !lands.Where(land => land.FedBy.Any(poll => poll.Dag.Name == backfill.Dag)).All(HasLanded))
        {
            _settling.Restart();
            return null;
        }
        if (await _settling.WaitAsync(parts, cancel) is not null) return null;
        var failed = await parts.Metadata.Ledger.ListAsync(new() { Steps = steps, States = [SlotState.Failed], From = range.Start, To = range.End, Max = FailedMax }, cancel);
        var own = failed.Where(slot => slot.AsOf >= Micros.Of(backfill.Created) || backfill.FailedWindows > 0).ToList(); // what failed before it began, and was no window of it, is not its own
        if (own.Count == 0 && backfill.FailedWindows == 0) return (BackfillState.Done, backfill.Reason);
        string names = string.Join("; ", own.Take(NamesMax).Select(slot => $"{slot.Id.Step} {slot.Id.Window}: {slot.Reason}"));
        return (BackfillState.Failed, own.Count == 0 ? $"{backfill.FailedWindows:N0} windows were not done" : $"{names}{(own.Count > NamesMax ? $" and {own.Count - NamesMax:N0} more" : "")}");
    }

    /// <summary>What it fetched has landed before a pass that has planned it.</summary>
    private bool HasLanded(LandStep land) => related.Where(loop => loop.Dag == land.Dag && loop.Plans).All(loop => loop.Last?.Frontiers.GetValueOrDefault(land.Dataset) + land.Lateness >= at);
}
