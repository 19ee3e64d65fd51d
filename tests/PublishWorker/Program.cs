using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;
using Etl.Tests.PublishWorker;

// A worker that publishes, as a process of its own, for tests that freeze it in the middle: claims and ends slots until it is killed.
// Arguments: those of PublishPlaces. It says when it is ready, when and where it froze, what came of the late write, and what it waits for.
var places = PublishPlaces.Of(args);
await using var parts = await PublishParts.OpenAsync(places, Environment.ProcessId, default);
var freezer = new Freezer(places.Folder);
var planner = new Planner(PublishParts.Dag, _ => true);
var worker = new Worker(planner, parts.Metadata, new Committer(parts.Metadata.Commits), new FreezingJobs(parts, freezer),
    new StepRunner(new RetryPolicy { FirstDelay = TimeSpan.FromMilliseconds(100) }, TimeProvider.System, Random.Shared), new WorkerOptions { Lease = PublishParts.Lease });
long token = await parts.Metadata.Commits.OpenWriterAsync($"publisher {Environment.ProcessId}", TimeSpan.FromMinutes(30), default);
Console.Error.WriteLine($"token {token}");
while (true)
{
    try
    {
        if ((await worker.RunGroupAsync([.. planner.WindowSteps], token, default)).Count == 0) await Task.Delay(20);
    }
    catch (StoreException error) when (error.IsTransient)
    {
        Console.Error.WriteLine($"waits, {error.Message}");
        await Task.Delay(50);
    }
    freezer.Over();
}
