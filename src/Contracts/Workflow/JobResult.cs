using Etl.Contracts.Commits;

namespace Etl.Contracts.Workflow;

/// <summary>What kind of failure it was; decides whether trying again can help.</summary>
public enum FailureClass
{
    /// <summary>The world outside may recover: retried with backoff.</summary>
    Transient,

    /// <summary>The other side asked for patience: retried then, costs no attempt.</summary>
    Throttled,

    /// <summary>The data break a declared rule.</summary>
    Data,

    /// <summary>A schema, table or interface is not as agreed.</summary>
    Contract,

    /// <summary>Our mistake.</summary>
    Bug,
}

/// <summary>How a job ended. It never throws for what it foresees, and never commits: what readers shall see is in <see cref="Done"/>.</summary>
public abstract record JobResult
{
    private JobResult() { }

    /// <summary>The work is done and becomes visible with <paramref name="Commit"/>.</summary>
    /// <param name="Result">Rows and checksum of what was made, for the slot's row.</param>
    public sealed record Done(PendingCommit Commit, SlotResult Result) : JobResult;

    /// <summary>Run, and the result is the one there already: nothing downstream moves.</summary>
    public sealed record Unchanged : JobResult;

    public sealed record Skipped(string Reason) : JobResult;

    /// <summary>Put off, as the other side asked for patience: queued again for then, and no attempt is spent.</summary>
    public sealed record RetryIn(TimeSpan Delay, string Reason) : JobResult;

    public sealed record Failed(FailureClass Class, string Reason) : JobResult
    {
        /// <summary>All that is known of it, for the attempt's log; "" where the reason says it all.</summary>
        public string Detail { get; init; } = "";
    }
}
