namespace Etl.Contracts.Workflow;

/// <summary>Where a slot stands.</summary>
public enum SlotState
{
    /// <summary>Planned, but its window is open or its inputs are not there yet.</summary>
    Waiting,

    /// <summary>Due: a worker may claim it.</summary>
    Queued,

    /// <summary>Claimed under a lease.</summary>
    Running,

    /// <summary>Ended well; what it made is current unless an input changes.</summary>
    Done,

    /// <summary>Failed for a reason that may pass; queued again at its not-before time.</summary>
    Retrying,

    /// <summary>Ended badly; listed until somebody acts.</summary>
    Failed,

    /// <summary>Ended without work, with a reason.</summary>
    Skipped,

    /// <summary>Ended by a person.</summary>
    Cancelled,
}

/// <summary>The one table of what may follow what; docs/architecture.md draws it and a test compares.</summary>
public static class SlotTransitions
{
    public static IReadOnlyList<(SlotState From, SlotState To)> All { get; } =
    [
        (SlotState.Waiting, SlotState.Queued), (SlotState.Waiting, SlotState.Cancelled),
        (SlotState.Queued, SlotState.Running), (SlotState.Queued, SlotState.Waiting), (SlotState.Queued, SlotState.Cancelled),
        (SlotState.Running, SlotState.Done), (SlotState.Running, SlotState.Retrying), (SlotState.Running, SlotState.Failed),
        (SlotState.Running, SlotState.Skipped), (SlotState.Running, SlotState.Cancelled), (SlotState.Running, SlotState.Queued),
        (SlotState.Retrying, SlotState.Running), (SlotState.Retrying, SlotState.Cancelled), (SlotState.Retrying, SlotState.Queued),
        (SlotState.Done, SlotState.Queued), (SlotState.Failed, SlotState.Queued), (SlotState.Skipped, SlotState.Queued), (SlotState.Cancelled, SlotState.Queued),
    ];

    public static bool Allows(SlotState from, SlotState to) => All.Contains((from, to));

    /// <summary>States in which nothing happens by itself any more.</summary>
    public static bool IsEnd(SlotState state) => state is SlotState.Done or SlotState.Failed or SlotState.Skipped or SlotState.Cancelled;
}
