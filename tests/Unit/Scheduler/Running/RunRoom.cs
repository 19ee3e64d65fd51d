using System.Collections.Concurrent;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Metadata.Sqlite;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;
using Microsoft.Extensions.Time.Testing;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Running;

/// <summary>A DAG over a real store in a file, with jobs that only say what they would have done, on a clock that jumps over short waits.</summary>
public sealed class RunRoom : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-runs-").FullName;

    private RunRoom(TruckDag truck) => (Truck, Jobs) = (truck, new(this));

    public TruckDag Truck { get; }

    public JumpingClock Clock { get; } = new(Utc(12, 1, 0));

    public IMetadata Metadata { get; private set; } = null!;

    public FakeJobs Jobs { get; }

    public RetryPolicy Retry { get; set; } = new();

    /// <summary>null: every source and sink is called whatever happens.</summary>
    public Breakers? Breakers { get; set; }

    public Committer Committer => field ??= new(Metadata.Commits);

    public Planner Planner => new(Truck.Dag, step => Jobs.JobOf(step) is not null);

    public static async Task<RunRoom> OpenAsync(string zone = "UTC")
    {
        var room = new RunRoom(new(zone));
        room.Metadata = await SqliteMetadata.OpenAsync(Path.Combine(room._folder, "store.db"), room.Clock);
        return room;
    }

    /// <summary>Lands an event in each of the hours.</summary>
    public async Task<long> LandAsync(params IEnumerable<DateTimeOffset> hours)
    {
        long token = await TokenAsync();
        var commit = new PendingCommit { Kind = CommitKind.Land, Token = token, Changed = [.. hours.Select(hour => new WindowChange("events", hour))] };
        return (await Committer.CommitAsync(commit)).ShouldBeOfType<CommitOutcome.Committed>().Number;
    }

    public Task CloseAsync(DateTimeOffset frontier) => Metadata.Catalog.MoveFrontierAsync("events", frontier, default);

    public Task<long> TokenAsync() => Metadata.Commits.OpenWriterAsync("test", TimeSpan.FromDays(1), default);

    public Task<RunReport> RunAsync() => new DagRun(Metadata, Committer, Jobs, Runner(), new() { Parallelism = 4 }, Clock).RunAsync(Truck.Dag, [], null, default);

    public async Task<int> PlanAsync() => (await new PlanPass(Planner, Metadata).RunAsync(default)).Queued;

    public Task<IReadOnlyList<SlotOutcome>> WorkAsync(params Step[] steps) => WorkAsync(Metadata, steps);

    public async Task<IReadOnlyList<SlotOutcome>> WorkAsync(IMetadata store, params Step[] steps) =>
        await new Worker(Planner, store, Committer, Jobs, Runner(), new()).RunGroupAsync(steps, await TokenAsync(), default);

    public Worker Worker(WorkerOptions? options = null, Pools? pools = null) => new(Planner, Metadata, Committer, Jobs, Runner(), options ?? new()) { Pools = pools ?? NewPools() };

    /// <summary>What another process knows of the store's pools.</summary>
    public Pools NewPools(int size = 1) => new(Metadata.Pools, new Dictionary<string, int> { ["heavy"] = size });

    public async Task<Slot> SlotAsync(Step step, DateTimeOffset at) => (await Metadata.Ledger.FindAsync(Truck.Slot(step, at), default))!;

    /// <summary>Lets time pass and what it wakes run.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        Clock.Advance(time);
        for (int turn = 0; turn < 50; turn++)
        {
            await Task.Yield();
            await Metadata.NowAsync(default);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Metadata.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private StepRunner Runner() => new(Retry, Clock, new Random(1)) { Breakers = Breakers };
}

/// <summary>A job for every step: a build makes one row, a check finds none, a publish writes it; unless the test says otherwise.</summary>
public sealed class FakeJobs(RunRoom room) : IJobCatalog
{
    private readonly ConcurrentQueue<(Step Step, Window Window, DateTimeOffset At, long AsOf)> _runs = new();

    /// <summary>What a step does instead; null for the usual.</summary>
    public Func<Step, JobContext, Task<JobResult?>> Instead { get; set; } = (_, _) => Task.FromResult<JobResult?>(null);

    /// <summary>In the order in which they began.</summary>
    public IReadOnlyList<(Step Step, Window Window, DateTimeOffset At, long AsOf)> Runs => [.. _runs];

    public IEnumerable<Window> RunsOf(Step step) => Runs.Where(run => run.Step == step).Select(run => run.Window);

    public IJob? JobOf(Step step) => step is LandStep ? null : new Job(this, step);

    public ValueTask<string> DigestAsync(Step step, Window window, CancellationToken cancel) => new("digest");

    private async ValueTask<JobResult> RunAsync(Step step, JobContext context)
    {
        _runs.Enqueue((step, context.Window, room.Clock.GetUtcNow(), context.AsOf));
        return await Instead(step, context) ?? Usual(step, context);
    }

    public static JobResult Usual(Step step, JobContext context) => step switch
    {
        BuildStep build => new JobResult.Done(new() { Kind = CommitKind.Build, Token = context.Token, Changed = [new(build.Dataset, context.Window.Start)] }, new(1, $"as of {context.AsOf}")),
        _ => new JobResult.Done(new() { Kind = step is CheckStep ? CommitKind.Check : CommitKind.Publish, Token = context.Token }, new(1, "", context.AsOf)),
    };

    private sealed class Job(FakeJobs jobs, Step step) : IJob
    {
        public ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel) => jobs.RunAsync(step, context);
    }
}

/// <summary>Stands still but for waits of up to two minutes: those are over at once, and the clock says so. Each is kept.</summary>
public sealed class JumpingClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private static readonly TimeSpan JumpMax = TimeSpan.FromMinutes(2);

    public List<TimeSpan> Waits { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime <= TimeSpan.Zero || dueTime > JumpMax || period > TimeSpan.Zero) return timer; // one that comes again is no wait
        Waits.Add(dueTime);
        Advance(dueTime);
        return timer;
    }
}
