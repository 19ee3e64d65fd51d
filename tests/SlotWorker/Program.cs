using System.Globalization;
using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Metadata.MySql;
using Etl.Metadata.Sqlite;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;
using Etl.Tests.SlotWorker;

// A worker as a process of its own, for tests that kill it, freeze it or cut it off: claims and ends slots until then. It says its token, and what it waits for.
// Arguments: connection string of a server, or "sqlite"; database, or file; milliseconds that a job takes (0); seconds of patience with the store (30); places of the step's pool (none).
double Number(int index, double usual) => args.Length > index ? double.Parse(args[index], CultureInfo.InvariantCulture) : usual;
var options = new MetadataOptions { Patience = TimeSpan.FromSeconds(Number(3, 30)), Seed = Environment.ProcessId };
await using var metadata = args[0] == "sqlite"
    ? await SqliteMetadata.OpenAsync(args[1], TimeProvider.System, options)
    : await MySqlMetadata.OpenAsync(args[0], args[1], TimeProvider.System, options);
var planner = new Planner(NoopDag.Of(isPooled: args.Length > 4), _ => true);
var worker = new Worker(planner, metadata, new Committer(metadata.Commits), new NoopJobs(TimeSpan.FromMilliseconds(Number(2, 0))),
    new StepRunner(new RetryPolicy(), TimeProvider.System, Random.Shared), new WorkerOptions { Lease = NoopDag.Lease, SlotsPerClaim = 64, PoolSizes = new Dictionary<string, int> { [NoopDag.Pool] = (int)Number(4, 1) } });
long token = await metadata.Commits.OpenWriterAsync($"worker {Environment.ProcessId}", TimeSpan.FromMinutes(5), default);
Console.Error.WriteLine($"token {token}");
while (true)
{
    try
    {
        if ((await worker.RunGroupAsync([.. planner.WindowSteps], token, default)).Count == 0) await Task.Delay(50);
    }
    catch (StoreException error) when (error.IsTransient)
    {
        Console.Error.WriteLine($"waits, {error.Message}");
        await Task.Delay(200);
    }
}
