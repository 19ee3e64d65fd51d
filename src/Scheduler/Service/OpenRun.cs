using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Running;

namespace Etl.Scheduler.Service;

/// <summary>A run that this process has: what it waits for, and what came of it so far.</summary>
/// <param name="since">Time stamp of when it was opened: a pass that began later has seen all it asked for.</param>
/// <param name="polls">Slots it waits for.</param>
/// <param name="loops">Of its DAG and of those whose landings its polls fill.</param>
internal sealed class OpenRun(Run run, long since, IReadOnlyList<SlotId> polls, IReadOnlyList<DagLoop> loops)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SlotId, string> _failed = [];
    private readonly HashSet<SlotId> _ended = [];
    private long _windows = run.Windows, _rows = run.Rows;

    public Run Run => run;

    /// <summary>Time stamp of when it was opened.</summary>
    public long Since => since;

    public IReadOnlyList<DagLoop> Loops => loops;

    /// <summary>What follows from a live run's polls is in the live lane, whatever backfills do in the same windows. A run without polls is done when what its topics held is, and that is live.</summary>
    private readonly Settling _settling = new(loops, new()
    {
        Steps = [.. loops.SelectMany(loop => loop.Steps).Select(step => step.FullName).Distinct(StringComparer.Ordinal)], Lane = run.Lane == Lane.Live || polls.Count == 0 ? Lane.Live : null,
        From = polls.Count > 0 ? polls.Min(poll => poll.Window.Start) : null, To = polls.Count > 0 ? polls.Max(poll => poll.Window.End) : null,
    }, since);

    /// <summary>Counts an attempt that ended inside the run's time and lane.</summary>
    public void Note(SlotOutcome outcome)
    {
        var id = outcome.Slot.Id;
        if (outcome.Commit is CommitOutcome.Refused || !_settling.IsOwn(outcome)) return;
        _settling.Restart();
        lock (_gate)
        {
            if (outcome.Result is JobResult.Failed failed) _failed[id] = failed.Reason;
            else _failed.Remove(id);
            if (outcome.Result is not (JobResult.Done or JobResult.Unchanged or JobResult.Skipped)) return;
            if (_ended.Add(id)) _windows++;
            if (outcome.Result is JobResult.Done done) _rows += done.Result.Rows;
        }
    }

    public RunEnd Later(string reason, DateTimeOffset? notBefore = null)
    {
        lock (_gate) return new(RunState.Queued, _windows, _rows, reason, notBefore);
    }

    /// <returns>How it ended; or null while it goes on, and what it waits for.</returns>
    public async Task<(RunEnd? End, string Wait)> SettleAsync(WorkParts parts, CancellationToken cancel)
    {
        var slots = polls.Count == 0 ? [] : await parts.Metadata.Ledger.FindAsync(polls, cancel);
        if (await Halts.FirstAsync(parts.Metadata.Catalog, loops.SelectMany(loop => loop.Dag.Steps.OfType<LandStep>()), cancel) is { } halt) return (Ended(slots, halt), "");
        if (slots.FirstOrDefault(slot => !SlotTransitions.IsEnd(slot.State)) is { } open) return (null, $"{open.Id.Step} {open.Id.Window} is {open.State.ToString().ToLowerInvariant()}{(open.Reason.Length > 0 ? $": {open.Reason}" : "")}");
        if (LandingReason(slots) is { } landing)
        {
            _settling.Restart();
            foreach (var loop in loops.Where(loop => loop.Plans)) loop.Wake.Ring(); // another process's feed moves its frontier without a word to the loops of this one
            return (null, landing);
        }
        return await _settling.WaitAsync(parts, cancel) is { } wait ? (null, wait) : (Ended(slots, null), "");
    }

    /// <summary>What the polls sent, or all that was in the topics when the run began, must have landed before the last pass.</summary>
    private string? LandingReason(IReadOnlyList<Slot> slots)
    {
        var seen = loops.SelectMany(loop => loop.Last?.Frontiers ?? new Dictionary<string, DateTimeOffset?>()).GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.Min(pair => pair.Value));
        if (polls.Count == 0)
            return loops[0].Dag.Steps.OfType<LandStep>().FirstOrDefault(land => land.FedBy.Count == 0 && !(seen.GetValueOrDefault(land.Dataset) >= (run.Started ?? run.Created) - land.Lateness)) is { } waiting
                ? $"waits until all that {waiting.Topic} held has landed" : null;
        var steps = loops[0].Dag.Steps.OfType<PollStep>().ToDictionary(step => step.FullName, StringComparer.Ordinal);
        foreach (var slot in slots.Where(slot => slot is { State: SlotState.Done, Version: > 0 }))
            foreach (var land in steps[slot.Id.Step].Into)
                if (!(seen.GetValueOrDefault(land.Dataset) >= Etl.Contracts.Time.Micros.ToInstant(slot.Version))) return $"waits until what {slot.Id.Step} {slot.Id.Window} sent has landed";
        return null;
    }

    private RunEnd Ended(IReadOnlyList<Slot> slots, string? halt)
    {
        lock (_gate)
        {
            foreach (var slot in slots.Where(slot => slot.State == SlotState.Failed)) _failed[slot.Id] = slot.Reason;
            string reason = FailureText.Of(halt is null ? [] : [halt], _failed.Select(pair => (pair.Key, pair.Value)));
            return reason.Length == 0 ? new(RunState.Done, _windows, _rows, run.Reason) : new(RunState.Failed, _windows, _rows, reason);
        }
    }
}
