using Etl.Contracts.Workflow;

namespace Etl.Metadata;

/// <summary>The runs of DAGs, how far each schedule has been planned, and which DAGs are paused.</summary>
public interface IRunLedger
{
    /// <summary>Inserts runs that are not there, and moves the schedule's place, in one transaction: whoever rings twice, or on two nodes, makes one run of each fire.</summary>
    /// <param name="reached">All fires up to here are planned; it only moves forward. Null leaves it.</param>
    /// <returns>Those that were inserted.</returns>
    Task<IReadOnlyList<Run>> PlanAsync(string dag, IReadOnlyList<PlannedRun> runs, DateTimeOffset? reached, CancellationToken cancel);

    /// <summary>Moves a schedule's place back that was left by a clock which ran ahead: fires after it are planned again where they have no run.</summary>
    Task SetBackAsync(string dag, DateTimeOffset reached, CancellationToken cancel);

    /// <summary>Inserts a run that somebody asked for; the instant of the request is made its own where another one has it already.</summary>
    Task<Run> TriggerAsync(string dag, PlannedRun run, CancellationToken cancel);

    /// <summary>Takes the due runs of these DAGs (queued, or running with the lease over) under the caller's token, the live lane first, then the oldest fire. Paused DAGs give none.</summary>
    Task<IReadOnlyList<Run>> ClaimAsync(IReadOnlyCollection<string> dags, int max, long token, TimeSpan lease, CancellationToken cancel);

    /// <summary>Whether anything waits or is under way anywhere: one small question, for processes that have nothing to do.</summary>
    Task<OpenWork> OpenAsync(CancellationToken cancel);

    /// <summary>Takes one queued run under the caller's token, whichever are due before it: for a caller that carries it out itself.</summary>
    /// <returns>null when it is not queued any more: somebody else has it.</returns>
    Task<Run?> TakeAsync(long id, long token, TimeSpan lease, CancellationToken cancel);

    /// <returns>Those that are still the caller's; the others were cancelled or taken over.</returns>
    Task<IReadOnlyList<Run>> RenewAsync(IReadOnlyList<Run> runs, TimeSpan lease, CancellationToken cancel);

    /// <summary>Ends a run that is the caller's, or gives it back to the queue.</summary>
    /// <returns>false when it was not the caller's any more: nothing is changed.</returns>
    Task<bool> EndAsync(Run run, RunEnd end, CancellationToken cancel);

    /// <summary>Queues an ended run again, round + 1; or cancels one that has not ended. Compare-and-set on state and round.</summary>
    /// <param name="to">Queued or Cancelled.</param>
    Task<bool> MoveAsync(Run run, RunState to, string reason, CancellationToken cancel);

    Task<Run?> FindAsync(long id, CancellationToken cancel);

    /// <returns>The newest first, by fire.</returns>
    Task<IReadOnlyList<Run>> ListAsync(RunFilter filter, CancellationToken cancel);

    /// <summary>A DAG that the store has not seen is running, not paused, and has no place yet.</summary>
    Task<DagStatus> StatusAsync(string dag, CancellationToken cancel);

    Task PauseAsync(string dag, bool paused, string note, CancellationToken cancel);

    /// <summary>Forgets ended runs older than that, but for the newest and the last that was done of each DAG.</summary>
    /// <param name="max">Most runs, the oldest.</param>
    /// <returns>How many; less than <paramref name="max"/> when none is left.</returns>
    Task<int> ForgetAsync(DateTimeOffset endedBefore, int max, CancellationToken cancel);
}

/// <param name="IsRunDue">A run could be claimed, of any DAG.</param>
/// <param name="IsRunRunning">A run is under way, whoever has it.</param>
/// <param name="IsBackfillRunning">A backfill is queued or running.</param>
public readonly record struct OpenWork(bool IsRunDue, bool IsRunRunning, bool IsBackfillRunning);

/// <param name="Fire">When the schedule fired, or the run was asked for: with DAG and kind, its identity.</param>
/// <param name="From">Start of its data interval, included.</param>
/// <param name="To">End of its data interval, excluded.</param>
/// <param name="Parameters">JSON, <c>{}</c> without.</param>
public sealed record PlannedRun(RunKind Kind, DateTimeOffset Fire, DateTimeOffset From, DateTimeOffset To, Lane Lane, string Parameters, string Reason, string CodeVersion)
{
    /// <summary>Name of the saved set that the parameters were taken from; "" without.</summary>
    public string ParameterSet { get; init; } = "";
}

/// <param name="State">Done, Failed, or Queued to be looked at again at <paramref name="NotBefore"/>.</param>
public sealed record RunEnd(RunState State, long Windows, long Rows, string Reason, DateTimeOffset? NotBefore = null);

public sealed record RunFilter
{
    /// <summary>Null for all.</summary>
    public IReadOnlyCollection<string>? Dags { get; init; }

    public IReadOnlyCollection<RunState>? States { get; init; }

    public RunKind? Kind { get; init; }

    public int Max { get; init; } = 1_000;
}

/// <param name="Reached">All fires up to here are planned; null before the first.</param>
/// <param name="Changed">When it was paused or resumed last; null when never.</param>
public sealed record DagStatus(string Dag, bool IsPaused, DateTimeOffset? Reached, DateTimeOffset? Changed, string Note);
