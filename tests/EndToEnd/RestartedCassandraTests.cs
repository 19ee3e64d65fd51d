using System.Diagnostics;
using Etl.Cli.Reconciling;
using Etl.Contracts;
using Etl.Contracts.Events;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Running;

namespace Etl.Tests.EndToEnd;

/// <summary>The one Cassandra node hangs, or is killed and started again, in the middle of a publish: waits are bounded, the attempt's log says what ailed, and the run ends well with nothing lost or doubled.</summary>
public sealed class RestartedCassandraTests(RestartedCassandraTests.Node node) : IClassFixture<RestartedCassandraTests.Node>
{
    private const int Hours = 6, TimeoutSeconds = 2;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);
    private static readonly IReadOnlyList<string> Publishes = [.. World.Trucks.Dag.Steps.OfType<PublishStep>().Where(step => step.Sink == Etl.Jobs.Sinks.Cassandra).Select(step => step.FullName)];

    private readonly List<TruckTelemetry> _events = World.Reports(World.Fleet(trucks: 20, hours: Hours, startHour: 21) with { MeanGap = TimeSpan.FromSeconds(120) });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_node_that_hangs_fails_attempts_in_bounded_time_and_goes_on() => RunAsync("hangs", async (world, isThere) =>
    {
        node.Server.Signal("STOP");
        isThere();
        try
        {
            var (_, took) = await FailedAsync(world, $"no answer within {TimeoutSeconds} s");
            took.ShouldBeLessThan(TimeSpan.FromSeconds(4 * TimeoutSeconds));
        }
        finally { node.Server.Signal("CONT"); }
    });

    [Fact]
    public Task A_node_that_is_killed_and_started_again_has_every_row() => RunAsync("killed", async (world, isThere) =>
    {
        node.Server.Kill();
        isThere();
        try
        {
            string log = (await FailedAsync(world, "connection")).Log; // one that was asked for before the kill may run out of time instead
            log.ShouldContain($"transient failure: cassandra {node.Server.Addresses[0]}/killed: ");
        }
        finally { await node.Server.RestartAsync(); }
    });

    /// <param name="trouble">Begun when the first rows of a publish are written; no other is sent before it says that it is there. Mended when it ends.</param>
    private async Task RunAsync(string keyspace, Func<World, Action, Task> trouble)
    {
        await node.StartAsync();
        await using var world = await World.OpenAsync(new() { Cassandra = new() { ContactPoints = node.Server.Addresses[0], Keyspace = keyspace, RequestTimeoutSeconds = TimeoutSeconds }, Steps = new() { Breaker = new() { FirstPauseSeconds = 1, PauseMaxSeconds = 4 } } });
        await world.ProduceAsync(_events);
        Task? troubling = null;
        using var isThere = new ManualResetEventSlim();
        var (jobs, gate) = (new HalfPublishes(world.Engine.Jobs), new Lock());
        jobs.Half += () =>
        {
            lock (gate) troubling ??= Task.Run(() => trouble(world, isThere.Set));
            isThere.Wait(Longest);
        };
        var running = new DagRun(world.Store, world.Engine.Committer, jobs, world.Engine.NewRunner(TimeProvider.System), world.Engine.NewWorkerOptions(), TimeProvider.System) { Live = new(world.Store.Logs, world.Store.Feeds, TimeProvider.System) }
            .RunAsync(World.Trucks.Dag, world.Topics.FeedsOf(World.Trucks, world.Engine, TimeProvider.System), null, Cancel);
        var report = await running;
        await troubling.ShouldNotBeNull();
        report.Open.Select(slot => $"{slot.Id.Step} {slot.Id.Window}: {slot.State}, {slot.Reason}").ShouldBeEmpty();
        await world.ShouldHoldExactlyAsync(_events);
        foreach (var build in World.Trucks.Dag.Steps.OfType<BuildStep>())
        {
            var (from, to) = (build.Dag.Calendar.Day(new(2026, 3, 1)).Start, build.Dag.Calendar.Day(new(2026, 3, 2)).End);
            var found = await new DatasetReconciler(world.Engine).RunAsync(build, build.Dag.Calendar, from, to, withRows: true, world.Topics, Cancel);
            found.Differences.ShouldBeEmpty(build.Dataset);
            found.Compared[1].Places.Select(place => place.Split(' ')[0]).ShouldBe(["sqlite", "cassandra"], build.Dataset);
            found.Windows.ShouldBeGreaterThan(0);
        }
        foreach (var slot in await world.Store.Ledger.ListAsync(new() { Steps = Publishes }, Cancel))
            (await world.Store.Ledger.AttemptsAsync(slot.Id, Cancel)).Count(attempt => attempt.State == SlotState.Done).ShouldBe(1, $"{slot.Id.Step} {slot.Id.Window}");
    }

    /// <returns>What a publish's failed attempt says that tells of <paramref name="trouble"/>, and how long it took.</returns>
    private static async Task<(string Log, TimeSpan Took)> FailedAsync(World world, string trouble)
    {
        var said = new HashSet<string>();
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Longest)
        {
            foreach (var slot in await world.Store.Ledger.ListAsync(new() { Steps = Publishes, States = [SlotState.Retrying, SlotState.Queued, SlotState.Running] }, Cancel))
                foreach (var story in await world.Store.Logs.OfAsync(slot.Id, Cancel))
                {
                    if (story.Attempt.State != SlotState.Retrying) continue;
                    string log = string.Join('\n', story.Lines.Select(line => line.Text));
                    if (log.Contains(trouble, StringComparison.OrdinalIgnoreCase)) return (log, story.Attempt.Ended!.Value - story.Attempt.Started);
                    said.Add(log);
                }
            await Task.Delay(50, Cancel);
        }
        throw new TimeoutException($"no failed attempt tells of \"{trouble}\" within {Longest}, only:\n{string.Join("\n\n", said)}");
    }

    /// <summary>A node for both tests, started by the first: what a fixture says at its start is no reason to skip.</summary>
    public sealed class Node : IAsyncDisposable
    {
        private OwnServer? _server;

        internal OwnServer Server => _server ?? throw new InvalidOperationException("not started");

        internal async Task StartAsync() => _server ??= await OwnServer.CassandraAsync("--durable");

        public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    /// <summary>The program's jobs; tells when a publish to Cassandra has written its first rows and not the others.</summary>
    private sealed class HalfPublishes(IJobCatalog jobs) : IJobCatalog
    {
        public event Action? Half;

        public IJob? JobOf(Step step) => jobs.JobOf(step) is IGroupJob job && step is PublishStep publish && publish.Sink == Etl.Jobs.Sinks.Cassandra ? new Told(job, () => Half?.Invoke()) : jobs.JobOf(step);

        public ValueTask<string> DigestAsync(Step step, Window window, CancellationToken cancel) => jobs.DigestAsync(step, window, cancel);

        private sealed class Told(IGroupJob job, Action half) : IGroupJob
        {
            public int GroupMax => job.GroupMax;

            public bool IsSplitOnFailure => job.IsSplitOnFailure;

            public ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel) => job.RunAsync(context, cancel);

            public async ValueTask<IReadOnlyList<JobResult>> RunAsync(IReadOnlyList<JobContext> contexts, CancellationToken cancel)
            {
                using var listening = CrashPoints.Listen(point => { if (point == CrashPoint.PublishHalf) half(); });
                return await job.RunAsync(contexts, cancel);
            }
        }
    }
}
