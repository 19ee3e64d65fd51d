using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;

namespace Etl.Cli.Why;

/// <summary>What is known of one window of one dataset: how it came about, and what it waits for.</summary>
internal sealed record WhyDocument(string Dataset, string Dag, string Window, DateTimeOffset Start, DateTimeOffset End, string Zone)
{
    /// <summary>Of its slot; null for events, and where nothing was planned.</summary>
    public SlotState? State { get; init; }

    public string? Reason { get; init; }

    public int? Round { get; init; }

    public int? Attempt { get; init; }

    /// <summary>The commit that stored the result; null when there is none.</summary>
    public long? Version { get; init; }

    public WhyCommit? StoredBy { get; init; }

    public long Rows { get; init; }

    /// <summary>The commit whose state was read.</summary>
    public long? AsOf { get; init; }

    public string? Sql { get; init; }

    /// <summary>Of what was run.</summary>
    public string? SqlDigest { get; init; }

    /// <summary>Why what is there is not current; null when it is.</summary>
    public string? Stale { get; init; }

    /// <summary>What it was made from; for events: the topic's batches.</summary>
    public IReadOnlyList<WhyInput> Inputs { get; init; } = [];

    public IReadOnlyList<WhySlot> Checks { get; init; } = [];

    public IReadOnlyList<WhyPublish> Published { get; init; } = [];

    public IReadOnlyList<WhyAttempt> Attempts { get; init; } = [];
}

/// <param name="From">Start of the first window that is read.</param>
/// <param name="To">Excluded.</param>
/// <param name="Frontier">Events: all before it have landed.</param>
/// <param name="Commits">The newest last; at most <see cref="WhyReport.CommitsMax"/>.</param>
/// <param name="Open">Slots of the input in the window that are not done.</param>
internal sealed record WhyInput(string Dataset, DateTimeOffset From, DateTimeOffset To, long Rows, DateTimeOffset? Frontier, IReadOnlyList<WhyCommit> Commits, IReadOnlyList<WhySlot> Open);

/// <param name="Windows">Starts of the windows whose last change it was.</param>
/// <param name="Offsets">Of the files it added.</param>
internal sealed record WhyCommit(long Number, DateTimeOffset At, CommitKind Kind, string Writer, string Note, IReadOnlyList<DateTimeOffset> Windows, IReadOnlyList<OffsetRange> Offsets);

internal sealed record WhySlot(string Step, string Window, SlotState? State, string Reason);

/// <param name="State">Of the publish's slot; null when none was planned.</param>
/// <param name="Version">That the store holds as published.</param>
/// <param name="InSink">That the sink itself names; null when it has none or was not asked.</param>
/// <param name="Note">Why it was not asked, or is not current.</param>
internal sealed record WhyPublish(string Sink, string Table, SlotState? State, long? Version, long? InSink, string Note);

internal sealed record WhyAttempt(int Round, int Attempt, DateTimeOffset Started, DateTimeOffset? Ended, SlotState? State, long Rows, string Reason);
