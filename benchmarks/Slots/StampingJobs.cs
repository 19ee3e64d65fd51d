using System.Collections.Concurrent;
using System.Diagnostics;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Running;

namespace Etl.Benchmarks.Slots;

/// <summary>Builds that change their window and do nothing else; each notes when it began and ended.</summary>
internal sealed class StampingJobs : IJobCatalog
{
    /// <summary>Time stamps of <see cref="Stopwatch"/>, in the order in which the jobs ran.</summary>
    public ConcurrentQueue<(long Began, long Ended)> Stamps { get; } = [];

    public IJob? JobOf(Step step) => step is BuildStep build ? new Job(this, build) : null;

    public ValueTask<string> DigestAsync(Step step, Window window, CancellationToken cancel) => new("digest");

    private sealed class Job(StampingJobs all, BuildStep step) : IJob
    {
        public ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel)
        {
            long began = Stopwatch.GetTimestamp();
            var commit = new PendingCommit { Kind = CommitKind.Build, Token = context.Token, Changed = [new(step.Dataset, context.Window.Start)] };
            all.Stamps.Enqueue((began, Stopwatch.GetTimestamp()));
            return new(new JobResult.Done(commit, new(1, "same")));
        }
    }
}
