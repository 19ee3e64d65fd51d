using Etl.Contracts;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Metadata.MySql;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;
using Etl.Tests.SlotWorker;

// A worker as a process of its own, for tests that kill it: claims and ends no-op slots until then.
// Arguments: connection string, database.
await using var metadata = await MySqlMetadata.OpenAsync(args[0], args[1], TimeProvider.System);
var committer = new Committer(metadata.Commits);
var planner = new Planner(NoopDag.Of(), _ => true);
var worker = new Worker(planner, metadata, committer, new NoopJobs(), new StepRunner(new RetryPolicy(), TimeProvider.System, Random.Shared), new WorkerOptions { Lease = NoopDag.Lease });
long token = await metadata.Commits.OpenWriterAsync($"worker {Environment.ProcessId}", TimeSpan.FromMinutes(5), default);
while (true)
{
    try
    {
        if ((await worker.RunGroupAsync([.. planner.WindowSteps], token, default)).Count == 0) await Task.Delay(50);
    }
    catch (StoreException error) when (error.IsTransient) { Console.Error.WriteLine(error.Message); }
}
