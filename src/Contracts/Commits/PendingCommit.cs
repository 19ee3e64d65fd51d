using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Contracts.Commits;

/// <summary>What a commit did, for people.</summary>
public enum CommitKind
{
    Land,
    Build,
    Check,
    Publish,
    Compact,
    Adopt,
    Reset,
    Slot,
    Poll,
}

/// <summary>All that one numbered commit shall change for readers: one transaction, or nothing. Made by jobs and feeds, carried out by the committer alone.</summary>
public sealed record PendingCommit
{
    public required CommitKind Kind { get; init; }

    /// <summary>Of the writer; a commit under a revoked token is refused.</summary>
    public required long Token { get; init; }

    /// <summary>Files that are on disk already, under their final names, synced.</summary>
    public IReadOnlyList<NewFile> Added { get; init; } = [];

    /// <summary>Paths that readers shall no longer see; refused unless every one is live.</summary>
    public IReadOnlyList<string> Retired { get; init; } = [];

    /// <summary>Refused unless every partition stands where the move begins, under the writer's token.</summary>
    public IReadOnlyList<ProgressMove> Progress { get; init; } = [];

    /// <summary>Where rows changed: for events the UTC hour, for results the window's start.</summary>
    public IReadOnlyList<WindowChange> Changed { get; init; } = [];

    /// <summary>Schema versions that files of this commit are the first to use.</summary>
    public IReadOnlyList<DatasetSchema> Schemas { get; init; } = [];

    public IReadOnlyList<Reject> Rejects { get; init; } = [];

    /// <summary>The sink's window now holds this version.</summary>
    public PublishConfirmation? Confirmed { get; init; }

    /// <summary>The slot that made it, and the state it goes to.</summary>
    public SlotEnd? Slot { get; init; }

    /// <summary>One line for <c>etl why</c>, at most 200 letters: batch, offsets, who.</summary>
    public string Note { get; init; } = "";
}

/// <summary>What became of a pending commit.</summary>
public abstract record CommitOutcome
{
    private CommitOutcome() { }

    /// <param name="SlotState">State the slot went to: Queued instead of Done where an input changed meanwhile.</param>
    public sealed record Committed(long Number, SlotState? SlotState = null) : CommitOutcome;

    /// <summary>Nothing was changed: another writer was first, or the token is revoked. The writer must begin anew from the store's state.</summary>
    public sealed record Refused(string Reason) : CommitOutcome;
}

/// <summary>A Parquet file that a commit adds.</summary>
/// <param name="Path">Relative to the lake's folder, <c>truck_telemetry/2026-03/17-4.parquet</c>.</param>
/// <param name="SchemaVersion">Version of the dataset's schema that the file is written in, from 1.</param>
/// <param name="Windows">Rows by window start: UTC hours for events, own windows for results. The sum is <paramref name="Rows"/>.</param>
/// <param name="Offsets">For events: the ranges it holds, in the footer too.</param>
public sealed record NewFile(string Dataset, string Path, long Rows, long Bytes, int SchemaVersion, IReadOnlyList<WindowRows> Windows, IReadOnlyList<OffsetRange> Offsets);

/// <param name="Start">Start of the UTC hour (events) or of the result's window.</param>
public readonly record struct WindowRows(DateTimeOffset Start, long Rows);

/// <param name="From">First offset, included.</param>
/// <param name="To">Excluded.</param>
public sealed record OffsetRange(string Topic, int Generation, int Partition, long From, long To);

/// <summary>A partition's position moves from <see cref="OffsetRange.From"/> to <see cref="OffsetRange.To"/>. Read = landed + rejected + skipped, always.</summary>
/// <param name="Landed">Records of the range that became rows.</param>
/// <param name="Rejected">Records of the range that went to the rejects.</param>
/// <param name="LastHash">Of the last record read, for the chain check; "" when the range held none.</param>
public sealed record ProgressMove(OffsetRange Range, long Landed, long Rejected, string LastHash);

public sealed record WindowChange(string Dataset, DateTimeOffset Start);

/// <summary>One version of a dataset's columns.</summary>
/// <param name="Version">From 1.</param>
/// <param name="Columns">JSON list of name, type (SQL), nullable, default; the form of <c>DatasetColumns</c> in Lake.</param>
/// <param name="RegistryId">Id of the Avro schema it came from; 0 for results.</param>
/// <param name="Text">The Avro schema's text, so that the lake is readable without the registry; "" for results.</param>
public sealed record DatasetSchema(string Dataset, int Version, string Columns, int RegistryId, string Text);

/// <summary>A record that could not be decoded or broke a declared rule, with all that is needed to mend it.</summary>
/// <param name="Reason">Name of the fault, e.g. <c>UnknownSchemaId</c>, <c>EndsInside</c>, <c>TimeNotAccepted</c>.</param>
/// <param name="Detail">Found, expected, where.</param>
/// <param name="Bytes">The value as received, at most <see cref="BytesMax"/>; a longer one is cut and says so in <paramref name="Detail"/>.</param>
public sealed record Reject(string Dataset, string Topic, int Generation, int Partition, long Offset, string Reason, string Detail, byte[] Key, byte[] Bytes)
{
    public const int BytesMax = 64 * 1024;
}

/// <summary>The end of a slot's attempt: compare-and-set on what the claim returned.</summary>
/// <param name="State">Done, Retrying, Failed or Skipped; Queued with <see cref="NotBefore"/> for an attempt that was put off. Done becomes Queued where an input changed after <paramref name="AsOf"/>.</param>
public sealed record SlotEnd(SlotId Id, int Round, int Attempt, SlotState State, long AsOf, string Digest, string Reason = "")
{
    /// <summary>What was read, to ask again at the end.</summary>
    public IReadOnlyList<SlotInput> Inputs { get; init; } = [];

    /// <summary>What the slot's result is now; null leaves version, checksum and rows as they are (Unchanged, Failed).</summary>
    public SlotResult? Result { get; init; }

    /// <summary>For Retrying and Queued, and for a Done that is queued again.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>What the attempt said; an attempt that said nothing costs the store no row.</summary>
    public IReadOnlyList<LogLine> Log { get; init; } = [];
}

/// <summary>A range of a dataset that a slot reads: window starts in [From, To).</summary>
public sealed record SlotInput(string Dataset, DateTimeOffset From, DateTimeOffset To);

/// <param name="Version">null: the number of the commit itself (a build); else the version that was published.</param>
public sealed record SlotResult(long Rows, string Checksum, long? Version = null);

public sealed record PublishConfirmation(string Sink, string Table, Window Window, long Version);
