using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Service;

namespace Etl.Scheduler.OnHangfire;

/// <summary>Tells which slots of a run wait for another try, so that the page shows trouble before it is given up.</summary>
/// <param name="dags">Those whose runs are asked for, and those that they feed.</param>
public sealed class RetryWatch(ILedger ledger, IReadOnlyList<Dag> dags, TimeProvider clock)
{
    private const int SlotsMax = 1_000, KnownMax = 1_000;

    private readonly Dictionary<long, SlotFilter?> _filters = [];

    /// <returns>null while none waits.</returns>
    public async Task<Retrying?> OfAsync(Run run, CancellationToken cancel)
    {
        if (FilterOf(run) is not { } filter) return null;
        var now = clock.GetUtcNow();
        var slots = await ledger.ListAsync(filter with { States = [SlotState.Retrying] }, cancel);
        if (slots.Count == 0) slots = [.. (await ledger.ListAsync(filter with { States = [SlotState.Queued] }, cancel)).Where(slot => slot.NotBefore > now)]; // its source asked for patience
        if (slots.MinBy(slot => slot.NotBefore ?? now) is not { } first) return null;
        return new(first.NotBefore ?? now, $"{first.Id.Step} {first.Id.Window} after attempt {first.Attempt}: {first.Reason}{(slots.Count > 1 ? $" (and {slots.Count - 1:N0} more)" : "")}");
    }

    private SlotFilter? FilterOf(Run run)
    {
        if (_filters.TryGetValue(run.Id, out var known)) return known;
        if (_filters.Count >= KnownMax) _filters.Clear();
        return _filters[run.Id] = NewFilter(run);
    }

    private SlotFilter? NewFilter(Run run)
    {
        if (dags.FirstOrDefault(dag => dag.Name == run.Dag) is not { } own) return null;
        var related = own.Steps.OfType<PollStep>().SelectMany(poll => poll.Into).Select(land => land.Dag).Append(own).Distinct();
        try { return RunCalls.FailedIn([.. RunCalls.CallOf(own, run).Slots], [.. related.SelectMany(dag => dag.Steps)]) with { Max = SlotsMax }; }
        catch (ArgumentException) { return null; } // its parameters are not good: it fails at once
    }
}

/// <param name="Next">Not before then it is tried again.</param>
/// <param name="Text">Which slots, after how many attempts, and why.</param>
public sealed record Retrying(DateTimeOffset Next, string Text);
