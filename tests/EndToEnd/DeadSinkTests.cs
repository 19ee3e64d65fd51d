using Etl.Cli.Settings;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Running;
using MySqlConnector;

namespace Etl.Tests.EndToEnd;

/// <summary>MySQL goes away in the middle of a run, between two of its publishes, and comes back.</summary>
[Collection(RealServers.Collection)]
public sealed class DeadSinkTests
{
    private const int Hours = 6, Days = 2, CallsBefore = 5;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);
    private static readonly IReadOnlyList<PublishStep> Publishes = [.. World.Trucks.Dag.Steps.OfType<PublishStep>()];

    [Fact]
    public async Task The_other_sink_goes_on_and_the_dead_one_heals_with_nothing_lost_or_doubled()
    {
        var direct = new MySqlConnectionStringBuilder(RealServers.MySql);
        await using var database = RealServers.NewDatabase();
        await using var proxy = new BreakableProxy(direct.Server, (int)direct.Port);
        string through = new MySqlConnectionStringBuilder(RealServers.MySql) { Server = "127.0.0.1", Port = (uint)proxy.Port }.ToString();
        await using var world = await World.OpenAsync(new() { MySql = new() { ConnectionString = through, Database = database.Name }, Steps = new() { Breaker = new() { FailuresMax = 3, FirstPauseSeconds = 1 } } });
        var events = World.Reports(World.Fleet(trucks: 3, hours: Hours, startHour: 21) with { MeanGap = TimeSpan.FromSeconds(60) });
        await world.ProduceAsync(events);

        var (told, opened) = (new List<string>(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var runner = world.Engine.NewRunner(TimeProvider.System);
        runner.Breakers!.Told += line =>
        {
            told.Add(line);
            opened.TrySetResult();
        };
        int calls = 0;
        var jobs = new ToldJobs(world.Engine.Jobs, () => { if (Interlocked.Increment(ref calls) == CallsBefore) proxy.Cut(); });
        var running = new DagRun(world.Store, world.Engine.Committer, jobs, runner, world.Engine.NewWorkerOptions(), TimeProvider.System)
            .RunAsync(World.Trucks.Dag, world.Topics.FeedsOf(World.Trucks, world.Engine, TimeProvider.System), null, TestContext.Current.CancellationToken);
        await opened.Task.WaitAsync(Longest);
        using (var late = new CancellationTokenSource(Longest))
            while (await DoneAsync(world, Etl.Jobs.Sinks.Sqlite) < Wanted(Etl.Jobs.Sinks.Sqlite)) await Task.Delay(20, late.Token);
        (await DoneAsync(world, Etl.Jobs.Sinks.MySql)).ShouldBeLessThan(CallsBefore, "it is away");
        proxy.Mend();

        (await running).Open.Select(slot => $"{slot.Id.Step} {slot.Id.Window}: {slot.State}, {slot.Reason}").ShouldBeEmpty();
        told.Count.ShouldBe(2, string.Join('\n', told));
        told[0].ShouldContain("sink mysql failed 3 times in a row and is left alone for 1 s");
        told[1].ShouldContain("sink mysql answers again");
        await world.ShouldHoldExactlyAsync(events);
        TruckOracle.Of(events).ShouldEqual(new MySqlTables(RealServers.MySql, database.Name));
        (await DoneAsync(world, Etl.Jobs.Sinks.MySql)).ShouldBe(Wanted(Etl.Jobs.Sinks.MySql));
        foreach (var slot in await world.Store.Ledger.ListAsync(new() { Steps = [.. Publishes.Select(step => step.FullName)] }, default))
            (await world.Store.Ledger.AttemptsAsync(slot.Id, default)).Count(attempt => attempt.State == SlotState.Done).ShouldBe(1, $"{slot.Id.Step} {slot.Id.Window}");
    }

    private static int Wanted(SinkName sink) => Publishes.Where(step => step.Sink == sink).Sum(step => step.Of.Grain == Grain.Hour ? Hours : Days);

    private static async Task<long> DoneAsync(World world, SinkName sink) =>
        (await world.Store.Ledger.CountAsync(new() { Steps = [.. Publishes.Where(step => step.Sink == sink).Select(step => step.FullName)], States = [SlotState.Done] }, default)).Sum(count => count.Count);

    /// <summary>The program's jobs; says before each call of MySQL that it comes.</summary>
    private sealed class ToldJobs(IJobCatalog jobs, Action before) : IJobCatalog
    {
        public IJob? JobOf(Step step) => jobs.JobOf(step) is { } job && step is PublishStep publish && publish.Sink == Etl.Jobs.Sinks.MySql ? new ToldJob(job, before) : jobs.JobOf(step);

        public ValueTask<string> DigestAsync(Step step, Window window, CancellationToken cancel) => jobs.DigestAsync(step, window, cancel);
    }

    private sealed class ToldJob(IJob job, Action before) : IJob
    {
        public ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel)
        {
            before();
            return job.RunAsync(context, cancel);
        }
    }
}
