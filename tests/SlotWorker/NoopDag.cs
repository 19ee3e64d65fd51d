using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Running;

namespace Etl.Tests.SlotWorker;

/// <summary>One step that does nothing, hour by hour.</summary>
public static class NoopDag
{
    /// <summary>Short, so that what a killed worker held is soon another's.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    public const string Pool = "narrow";

    /// <param name="isPooled">Whether the step is in the pool.</param>
    public static Dag Of(bool isPooled = false)
    {
        var dag = new Dag("noop");
        var step = dag.Build("noop", Grain.Hour, "none.sql", dag.Land("topic", time: "at"), key: ["id"]);
        if (isPooled) step.Within(new() { Pool = Pool });
        return dag;
    }
}

/// <summary>Its job.</summary>
/// <param name="time">How long it takes. One that takes time leaves something in the store: a listed file of its own, so that a window which was done twice has two.</param>
public sealed class NoopJobs(TimeSpan time) : IJobCatalog, IJob
{
    private int _made;

    public IJob? JobOf(Step step) => step is BuildStep ? this : null;

    public ValueTask<string> DigestAsync(Step step, Window window, CancellationToken cancel) => new("digest");

    public async ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel)
    {
        if (time == TimeSpan.Zero) return new JobResult.Unchanged();
        await Task.Delay(time, cancel);
        var window = context.Window.Start;
        string path = $"noop/{context.Token}-{Interlocked.Increment(ref _made)}.parquet";
        return new JobResult.Done(
            new() { Kind = CommitKind.Build, Token = context.Token, Added = [new("noop", path, 1, 1, 1, [new(window, 1)], [])], Changed = [new("noop", window)] }, new(1, "one"));
    }
}
