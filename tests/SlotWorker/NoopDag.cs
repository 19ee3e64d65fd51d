using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Running;

namespace Etl.Tests.SlotWorker;

/// <summary>One step that does nothing, hour by hour.</summary>
public static class NoopDag
{
    /// <summary>Short, so that what a killed worker held is soon another's.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    public static Dag Of()
    {
        var dag = new Dag("noop");
        dag.Build("noop", Grain.Hour, "none.sql", dag.Land("topic", time: "at"), key: ["id"]);
        return dag;
    }
}

/// <summary>Its job.</summary>
public sealed class NoopJobs : IJobCatalog, IJob
{
    public IJob? JobOf(Step step) => step is BuildStep ? this : null;

    public ValueTask<string> DigestAsync(Step step, Window window, CancellationToken cancel) => new("digest");

    public ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel) => new(new JobResult.Unchanged());
}
