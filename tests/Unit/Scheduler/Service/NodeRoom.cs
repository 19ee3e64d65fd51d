using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Metadata.Sqlite;
using Etl.Scheduler.Running;
using Etl.Scheduler.Service;

namespace Etl.Tests.Unit.Scheduler.Service;

/// <summary>A node over a real store in a file, with a topic in memory and jobs that only say what they would have done.</summary>
public sealed class NodeRoom : IJobCatalog, IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("etl-node-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<long, TaskCompletionSource<RunEnd>> _ends = new();
    private Task _running = Task.CompletedTask;

    private NodeRoom(Dag dag) => Dag = dag;

    public Dag Dag { get; }

    public IMetadata Metadata { get; private set; } = null!;

    public TopicFeed Topic { get; private set; } = null!;

    public ConcurrentQueue<string> Said { get; } = new();

    /// <summary>What a step does instead; null for the usual.</summary>
    public Func<Step, JobContext, CancellationToken, Task<JobResult?>> Instead { get; set; } = (_, _, _) => Task.FromResult<JobResult?>(null);

    /// <summary>How long a slot is a worker's without renewal.</summary>
    public TimeSpan Lease { get; init; } = new WorkerOptions().Lease;

    /// <param name="databaseClock">The store's, where it is another than the node's.</param>
    public static async Task<NodeRoom> OpenAsync(Dag dag, TimeProvider? databaseClock = null, TimeSpan? lease = null)
    {
        var room = new NodeRoom(dag) { Lease = lease ?? new WorkerOptions().Lease };
        room.Metadata = await SqliteMetadata.OpenAsync(Path.Combine(room._folder, "store.db"), TimeProvider.System, new() { DatabaseClock = databaseClock });
        room.Topic = new(dag.Steps.OfType<LandStep>().First(), room.Metadata);
        return room;
    }

    public Node Start(Roles roles = Roles.All, TimeSpan? drain = null, TimeSpan? feedEvery = null)
    {
        var parts = new WorkParts(Metadata, new Committer(Metadata.Commits), this, new(new() { AttemptsMax = 2, FirstDelay = TimeSpan.FromMilliseconds(20) }, TimeProvider.System, new Random(1)), new() { Parallelism = 2, Lease = Lease }, TimeProvider.System);
        var node = new Node([Dag], [(Dag, Topic)], new RunCalls(Metadata.Ledger), parts, new() { Roles = roles, FeedEvery = feedEvery ?? TimeSpan.FromMilliseconds(200), DrainMax = drain ?? TimeSpan.FromSeconds(5), CodeVersion = "test" }, new Random(1));
        node.Ended += (run, end) => EndOf(run.Id).TrySetResult(end);
        node.Said += Said.Enqueue;
        _running = Task.WhenAll(_running, node.RunAsync(_stop.Token));
        return node;
    }

    public Task<Run> TriggerAsync() => Metadata.Runs.TriggerAsync(Dag.Name, new(RunKind.Manual, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, Lane.Live, "{}", "triggered", "test"), default);

    public async Task<RunEnd> EndAsync(Run run)
    {
        var end = await EndOf(run.Id).Task.WaitAsync(Longest);
        _ends.TryRemove(run.Id, out _);
        return end;
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(Longest);
    }

    public IJob? JobOf(Step step) => step is LandStep ? null : new Job(this, step);

    public ValueTask<string> DigestAsync(Step step, Window window, CancellationToken cancel) => new("digest");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Metadata.DisposeAsync();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private TaskCompletionSource<RunEnd> EndOf(long id) => _ends.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private async ValueTask<JobResult> RunAsync(Step step, JobContext context, CancellationToken cancel)
    {
        if (await Instead(step, context, cancel) is { } other) return other;
        switch (step)
        {
            case PollStep:
                Topic.Send(context.Window.Start);
                return new JobResult.Done(new() { Kind = CommitKind.Poll, Token = context.Token }, new(1, context.Window.ToString()));
            case BuildStep build:
                return new JobResult.Done(new() { Kind = CommitKind.Build, Token = context.Token, Changed = [new(build.Dataset, context.Window.Start)] }, new(1, $"as of {context.AsOf}"));
            default:
                return new JobResult.Done(new() { Kind = CommitKind.Publish, Token = context.Token }, new(1, "", context.AsOf));
        }
    }

    private sealed class Job(NodeRoom room, Step step) : IJob
    {
        public ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel) => room.RunAsync(step, context, cancel);
    }
}

/// <summary>A topic in memory, drained as a landing does it: what it held, then the frontier as of when it looked.</summary>
public sealed class TopicFeed(LandStep step, IMetadata metadata) : IFeed
{
    private readonly ConcurrentQueue<DateTimeOffset> _events = new();

    public string Name => step.FullName;

    /// <summary>What a drain throws at its beginning; null for none.</summary>
    public Func<Exception?> Trouble { get; set; } = () => null;

    public void Send(DateTimeOffset hour) => _events.Enqueue(hour);

    public async IAsyncEnumerable<FeedItem> RunAsync(long token, IPartitionShare share, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (Trouble() is { } trouble) throw trouble;
        if ((await share.OfAsync(1, cancel)).Count == 0) yield break;
        var at = await metadata.NowAsync(cancel);
        var hours = new HashSet<DateTimeOffset>();
        int read = 0;
        for (; _events.TryDequeue(out var hour); read++) hours.Add(hour);
        if (read > 0)
            yield return new FeedItem.Batch(new() { Kind = CommitKind.Land, Token = token, Changed = [.. hours.Select(hour => new WindowChange(step.Dataset, hour))] }, read, read, 0);
        yield return new FeedItem.Frontier(step.Dataset, at);
    }
}
