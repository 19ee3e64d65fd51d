using System.Diagnostics;
using System.Runtime.CompilerServices;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Running;
using Etl.Scheduler.Service;

namespace Etl.Benchmarks.Slots;

/// <summary>From a trigger to the end of its run: the run is put into the ledger, taken, its topic looked at, two steps planned, run and committed, and the run recorded as done.</summary>
public sealed class TriggerBench : IBench
{
    private const int Runs = 40, WarmUp = 10;

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public string Name => "trigger";

    public string Description => "trigger → a run of two no-op steps recorded as done, on SQLite, median";

    public string Unit => "ms";

    public Bar Bar => Bar.Most(50);

    public async Task<BenchFigure> RunAsync(BenchSettings settings, CancellationToken cancel)
    {
        await using var store = await BenchStore.OpenAsync(mysql: false, cancel);
        var metadata = store.Metadata;
        var dag = new Dag("pair");
        var events = dag.Land("topic", time: "at");
        dag.Build("second", Grain.Hour, "none.sql", dag.Build("first", Grain.Hour, "none.sql", events, key: ["id"]), key: ["id"]);
        var jobs = new StampingJobs();
        var parts = new WorkParts(metadata, new Committer(metadata.Commits), jobs, new StepRunner(new RetryPolicy(), TimeProvider.System, new Random(1)), new WorkerOptions(), TimeProvider.System);
        var node = new Node([dag], [(dag, new StillFeed(events.FullName, events.Dataset))], new NoCalls(), parts, new NodeOptions { Roles = Roles.Worker | Roles.Feeds }, new Random(1));
        var ended = new TaskCompletionSource<(Run Run, RunEnd End)>();
        node.Ended += (run, end) => ended.TrySetResult((run, end));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var working = node.RunAsync(stop.Token);
        long token = await metadata.Commits.OpenWriterAsync("bench", TimeSpan.FromMinutes(10), cancel);
        var times = new List<double>();
        int runs = settings.Scaled(Runs);
        for (int turn = 0; turn < runs + WarmUp; turn++)
        {
            await parts.Committer.CommitAsync(new() { Kind = CommitKind.Land, Token = token, Changed = [new(events.Dataset, Start.AddHours(turn))] }, cancel);
            ended = new();
            var now = DateTimeOffset.UtcNow;
            long started = Stopwatch.GetTimestamp();
            var run = await metadata.Runs.TriggerAsync(dag.Name, new(RunKind.Manual, now, now, now, Lane.Live, "{}", "bench", ""), cancel);
            node.RunsCame();
            var (own, end) = await ended.Task.WaitAsync(Patience, cancel);
            if (own.Id != run.Id || end.State != RunState.Done) throw new InvalidOperationException($"found run {own.Id} {end.State} ({end.Reason}), expected run {run.Id} done");
            if (jobs.Stamps.Count != 2 * (turn + 1)) throw new InvalidOperationException($"found {jobs.Stamps.Count} steps run, expected {2 * (turn + 1)}");
            if (turn >= WarmUp) times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        await stop.CancelAsync();
        await working;
        times.Sort();
        return new(times[times.Count / 2])
        {
            Measures = [new("best", times[0], Unit), new("9 of 10 within", times[times.Count * 9 / 10], Unit)],
            Settings = new Dictionary<string, object> { ["runs"] = $"{runs} after {WarmUp} to warm up" },
        };
    }

    private sealed class NoCalls : IRunCalls
    {
        public Task<IReadOnlyList<SlotId>> OpenAsync(Dag dag, Run run, CancellationToken cancel) => Task.FromResult<IReadOnlyList<SlotId>>([]);
    }

    /// <summary>A topic in which nothing new is: all up to now has landed.</summary>
    private sealed class StillFeed(string name, string dataset) : IFeed
    {
        public string Name => name;

        public async IAsyncEnumerable<FeedItem> RunAsync(long token, IPartitionShare share, [EnumeratorCancellation] CancellationToken cancel)
        {
            await Task.CompletedTask;
            yield return new FeedItem.Frontier(dataset, DateTimeOffset.UtcNow);
        }
    }
}
