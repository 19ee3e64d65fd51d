using Etl.Contracts.Time;

namespace Etl.Contracts.Workflow;

/// <summary>The lane a slot runs in; backfill never starves live work, nor the reverse.</summary>
public enum Lane
{
    Live,
    Backfill,
}

/// <summary>What names a slot: one step, one window, one key.</summary>
/// <param name="Step">Full name of the step, <c>dag/step</c>.</param>
/// <param name="Key">The arguments the DAG was called with, "" where it has none; never a column of the data.</param>
public sealed record SlotId(string Step, Window Window, string Key = "")
{
    /// <summary>The longest key that the store keeps.</summary>
    public const int KeyLettersMax = 700;
}

/// <summary>A row of the ledger.</summary>
public sealed record Slot
{
    public required SlotId Id { get; init; }

    public required SlotState State { get; init; }

    public Lane Lane { get; init; }

    /// <summary>1 for the first time round; + 1 each time an ended slot is queued again.</summary>
    public int Round { get; init; } = 1;

    /// <summary>Attempts begun in this round.</summary>
    public int Attempt { get; init; }

    /// <summary>The lease's token while running, else of the last attempt; 0 before the first.</summary>
    public long Token { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? LeaseEnd { get; init; }

    /// <summary>The commit whose state the last attempt read.</summary>
    public long AsOf { get; init; }

    /// <summary>Of what was run: normalised SQL, columns read, macros, bounds.</summary>
    public string Digest { get; init; } = "";

    /// <summary>The number of the commit that stored the current result; 0 when there is none. For a publish: the version in the sink.</summary>
    public long Version { get; init; }

    public long Rows { get; init; }

    /// <summary>Of the result's rows: equal rows, equal text.</summary>
    public string Checksum { get; init; } = "";

    /// <summary>Why it waits, retries, failed or was skipped; or why it was queued again.</summary>
    public string Reason { get; init; } = "";
}
