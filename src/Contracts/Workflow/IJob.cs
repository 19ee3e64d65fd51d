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

    /// <summary>Whose limits hold; null for those of the settings.</summary>
    public Step? Step { get; init; }

    public string Key { get; init; } = "";

    public Lane Lane { get; init; }

    /// <summary>The commit whose state the job reads, exactly.</summary>
    public required long AsOf { get; init; }

    /// <summary>Of the lease; part of the names of files the job writes.</summary>
    public required long Token { get; init; }

    /// <summary>What the step made of this window before; null the first time.</summary>
    public PreviousResult? Previous { get; init; }

    /// <summary>Where the job says what it reads, decides and finds; kept with the attempt. Default: nowhere.</summary>
    public AttemptLog Log { get; init; } = AttemptLog.None;
}

/// <param name="Version">The commit that stored it; for a publish, the version in the sink.</param>
public sealed record PreviousResult(long Version, string Checksum, long Rows, string Digest);
