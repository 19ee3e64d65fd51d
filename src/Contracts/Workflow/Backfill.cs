using Etl.Contracts.Time;

namespace Etl.Contracts.Workflow;

/// <summary>Where a backfill begins.</summary>
public enum BackfillFrom
{
    /// <summary>The DAG's polls fetch the range's days; what they send is landed, built and published as always.</summary>
    Source,

    /// <summary>What the topics hold is landed; then the range's windows are built.</summary>
    Topic,

    /// <summary>The range's windows are built from what has landed.</summary>
    Lake,
}

/// <summary>Which windows of a range a backfill takes.</summary>
[Flags]
public enum BackfillPolicy
{
    None = 0,

    /// <summary>Those that were never done.</summary>
    Missing = 1,

    /// <summary>Those that ended badly: failed, skipped or cancelled.</summary>
    Failed = 2,

    /// <summary>Those that are done from inputs or SQL that have changed since, or were fetched before the source had settled.</summary>
    Stale = 4,

    /// <summary>Those that are done and current.</summary>
    Done = 8,

    All = Missing | Failed | Stale | Done,
}

/// <summary>In what order a backfill takes its windows.</summary>
public enum BackfillOrder
{
    Newest,
    Oldest,
}

/// <summary>Where a backfill stands.</summary>
public enum BackfillState
{
    /// <summary>Waits for another one of the DAG whose range it meets.</summary>
    Queued,
    Running,

    /// <summary>Takes no further windows; those under way end by themselves.</summary>
    Paused,
    Done,

    /// <summary>Some of its windows have failed.</summary>
    Failed,
    Cancelled,
}

/// <summary>One order to do a range of a DAG's windows, and what became of it.</summary>
public sealed record Backfill
{
    public required long Id { get; init; }

    public required string Dag { get; init; }

    public required BackfillFrom From { get; init; }

    /// <summary>First local date of the DAG's zone, included.</summary>
    public required DateOnly First { get; init; }

    /// <summary>Last local date, included.</summary>
    public required DateOnly Last { get; init; }

    public required BackfillPolicy Policy { get; init; }

    public BackfillOrder Order { get; init; }

    /// <summary>Units under way at the same time: calls of a source, days of a lake.</summary>
    public required int Parallelism { get; init; }

    /// <summary>JSON of the parameters it was planned with; <c>{}</c> without.</summary>
    public string Parameters { get; init; } = "{}";

    /// <summary>Of its plan: equal plans, equal hash.</summary>
    public required string Hash { get; init; }

    public BackfillState State { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>When it began to run, or was resumed last; null while it waits.</summary>
    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>Windows that had ended by <see cref="Since"/>: what came later tells the rate.</summary>
    public long EndedBefore { get; init; }

    /// <summary>Windows of its plan.</summary>
    public long Windows { get; init; }

    /// <summary>Windows under way.</summary>
    public long UnderWay { get; init; }

    public long DoneWindows { get; init; }

    public long FailedWindows { get; init; }

    /// <summary>Who asked, or how it ended.</summary>
    public string Reason { get; init; } = "";

    public bool IsEnded => State is BackfillState.Done or BackfillState.Failed or BackfillState.Cancelled;

    public bool Meets(DateOnly first, DateOnly last) => First <= last && first <= Last;
}

/// <summary>What becomes of a window of a backfill.</summary>
public enum BackfillWindowState
{
    Planned,

    /// <summary>Its slot is or shall be in the ledger's queue.</summary>
    UnderWay,
    Done,
    Failed,
}

/// <summary>One window of a backfill's plan: a slot that it queues.</summary>
/// <param name="Number">Its place in the plan, from 1.</param>
/// <param name="Unit">Those of one unit are queued together; units rise with the numbers.</param>
/// <param name="Round">The slot's round when it was planned, 0 where there was none: in a later round somebody has done it.</param>
public sealed record BackfillWindow(int Number, int Unit, SlotId Slot, int Round, BackfillWindowState State = BackfillWindowState.Planned);
