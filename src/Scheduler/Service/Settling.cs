using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Running;

namespace Etl.Scheduler.Service;

/// <summary>Tells when somebody's own slots are done, and what they have caused, whatever else the DAGs have to do.</summary>
/// <remarks>
/// While loops are busy with others' slots: when none of the own is due, every loop makes a pass, which plans what the own ones have caused; then each makes another, by whose end the
/// outcomes of those are told. If none was told, there was nothing any more.
/// </remarks>
/// <param name="loops">Of the DAGs whose slots they are.</param>
/// <param name="own">The own slots: steps, windows and lane.</param>
/// <param name="since">Time stamp: a live pass that began later and found nothing to do has seen all that was asked for.</param>
internal sealed class Settling(IReadOnlyList<DagLoop> loops, SlotFilter own, long since)
{
    private const int PassesMin = 2;

    private readonly Lock _gate = new();
    private readonly IReadOnlyList<DagLoop> _loops = [.. loops.Where(loop => own.Lane is null || loop.Lane == own.Lane)];
    private long? _quiet;
    private int _passes;

    /// <summary>Begins anew: an own slot has run, or what is to be planned has not landed.</summary>
    public void Restart()
    {
        lock (_gate) (_quiet, _passes) = (null, 0);
    }

    public bool IsOwn(SlotOutcome outcome)
    {
        var (slot, window) = (outcome.Slot, outcome.Slot.Id.Window);
        return (own.Lane is null || slot.Lane == own.Lane) && _loops.Any(loop => loop.Dag == outcome.Step.Dag) && !(window.End <= own.From) && !(window.Start >= own.To);
    }

    /// <returns>null when nothing of it is left; else what it waits for.</returns>
    public async Task<string?> WaitAsync(WorkParts parts, CancellationToken cancel)
    {
        var due = await parts.Metadata.Ledger.ListAsync(own with { States = [SlotState.Queued, SlotState.Running, SlotState.Retrying], Max = 1 }, cancel);
        if (due is [var slot, ..])
        {
            Restart();
            return $"{slot.Id.Step} {slot.Id.Window} is {slot.State.ToString().ToLowerInvariant()}{(slot.Reason.Length > 0 ? $": {slot.Reason}" : "")}";
        }
        if (own.Lane == Lane.Live && _loops.All(loop => loop.Last is { IsIdle: true } idle && idle.Began >= since)) return null;
        long from;
        lock (_gate)
        {
            if (_quiet is { } quiet && _loops.All(loop => loop.HasPassed(quiet)))
            {
                if (++_passes >= PassesMin) return null;
                _quiet = null;
            }
            from = _quiet ??= parts.Clock.GetTimestamp();
        }
        foreach (var loop in _loops.Where(loop => !loop.HasPassed(from))) loop.Wake.Ring();
        return $"{string.Join(", ", _loops.Select(loop => loop.Dag.Name).Distinct(StringComparer.Ordinal))}: what has ended is to be followed up";
    }
}
