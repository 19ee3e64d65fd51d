using Etl.Contracts.Commits;
using Etl.Contracts.Time;

namespace Etl.Contracts.Workflow;

/// <summary>One step's work on one window. Safe to run twice; ends in a value; does not commit.</summary>
public interface IJob
{
    ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel);
}

/// <summary>What a job is told.</summary>
public sealed record JobContext
{
    public required Window Window { get; init; }

    public string Key { get; init; } = "";

    /// <summary>The commit whose state the job reads, exactly.</summary>
    public required long AsOf { get; init; }

    /// <summary>Of the lease; part of the names of files the job writes.</summary>
    public required long Token { get; init; }

    /// <summary>What the step made of this window before; null the first time.</summary>
    public PreviousResult? Previous { get; init; }
}

/// <param name="Version">The commit that stored it; for a publish, the version in the sink.</param>
public sealed record PreviousResult(long Version, string Checksum, long Rows, string Digest);

/// <summary>Unbounded work: yields what shall be committed, in order. Its caller commits each before the next is final.</summary>
/// <remarks>It may work ahead by a bounded number of commits; when one is refused the feed is disposed and begins anew from the store's progress.</remarks>
public interface IFeed
{
    /// <summary>Name as in <c>trucks/land</c>.</summary>
    string Name { get; }

    /// <param name="token">The writer's token, part of the names of its files.</param>
    IAsyncEnumerable<PendingCommit> RunAsync(long token, CancellationToken cancel);
}
