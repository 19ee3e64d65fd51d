namespace Etl.Contracts.Workflow;

/// <summary>Why a run was made.</summary>
public enum RunKind
{
    /// <summary>The DAG's schedule fired.</summary>
    Scheduled,

    /// <summary>Somebody asked for it.</summary>
    Manual,

    /// <summary>A part of a backfill.</summary>
    Backfill,
}

/// <summary>Where a run stands. Its slots are the truth; this says what became of them together.</summary>
public enum RunState
{
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// <summary>One fire of a DAG, by its schedule or by hand, and what became of it.</summary>
public sealed record Run
{
    public required long Id { get; init; }

    public required string Dag { get; init; }

    public required RunKind Kind { get; init; }

    /// <summary>When the schedule fired, or when it was asked for.</summary>
    public required DateTimeOffset Fire { get; init; }

    /// <summary>Start of the data interval, included: the fire before, for a scheduled run.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>End of the data interval, excluded.</summary>
    public required DateTimeOffset To { get; init; }

    public Lane Lane { get; init; }

    /// <summary>JSON; <c>{}</c> without.</summary>
    public string Parameters { get; init; } = "{}";

    /// <summary>Name of the saved set that they were taken from; "" without. What the set holds now is nothing to the run.</summary>
    public string ParameterSet { get; init; } = "";

    public RunState State { get; init; }

    /// <summary>1 at first; + 1 each time an ended run is queued again.</summary>
    public int Round { get; init; } = 1;

    public long Token { get; init; }

    public DateTimeOffset Created { get; init; }

    /// <summary>First taken by a worker; null before.</summary>
    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>Windows of any step that came to an end in it.</summary>
    public long Windows { get; init; }

    public long Rows { get; init; }

    /// <summary>Why it was made, waits, or failed.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Of the program that made it.</summary>
    public string CodeVersion { get; init; } = "";

    public bool IsEnded => State is RunState.Done or RunState.Failed or RunState.Cancelled;
}
