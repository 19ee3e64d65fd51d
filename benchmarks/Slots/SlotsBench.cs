using System.Diagnostics;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;

namespace Etl.Benchmarks.Slots;

/// <summary>No-op slots through the whole of the scheduler's path: claimed under a lease, run, their end committed and synced; each with one attempt in the ledger's history.</summary>
public sealed class SlotsBench : IBench
{
    private const int SlotCount = 20_000;
    private const int TurnsMax = 3;
    private const int AttemptsAtOnce = 500;

    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly bool _mysql;

    private SlotsBench(bool mysql) => _mysql = mysql;

    public static SlotsBench OfSqlite { get; } = new(mysql: false);

    public static SlotsBench OfMySql { get; } = new(mysql: true);

    public string Name => _mysql ? "slots-mysql" : "slots-sqlite";

    public string Description => $"no-op slots claimed, run and committed durably by one process on {(_mysql ? "MariaDB" : "SQLite")}, each proved to have run once";

    public string Unit => "slots/s";

    public Bar Bar => Bar.Least(_mysql ? 4_000 : 20_000);

    public async Task<BenchFigure> RunAsync(BenchSettings settings, CancellationToken cancel)
    {
        int count = settings.Scaled(SlotCount), turns = Math.Min(settings.Turns, TurnsMax);
        int finished = settings.More.TryGetValue("finished", out string? more) ? int.Parse(more) : 0;
        double best = 0, planned = 0, processor = double.MaxValue;
        await using var store = await BenchStore.OpenAsync(_mysql, cancel);
        if (finished > 0) await RunAsync(store.Metadata, "past", finished, cancel);
        for (int turn = -1; turn < turns; turn++)
        {
            var (plan, run, used) = await RunAsync(store.Metadata, $"turn_{turn + 1}", count, cancel);
            if (turn < 0) continue; // for the compiler
            (best, planned, processor) = (Math.Max(best, run), Math.Max(planned, plan), Math.Min(processor, used));
        }
        return new(best)
        {
            Measures = [new("planned", planned, Unit), new("our processor", processor, "µs/slot")],
            Settings = new Dictionary<string, object> { ["slots"] = count, ["finished before"] = finished, ["slots a claim"] = new WorkerOptions().SlotsPerClaim, ["turns"] = $"best of {turns} after 1 to warm up" },
        };
    }

    private static async Task<(double Plan, double Run, double Processor)> RunAsync(IMetadata metadata, string name, int count, CancellationToken cancel)
    {
        var dag = new Dag(name);
        var step = dag.Build("noop", Grain.Hour, "none.sql", dag.Land("topic", time: "at"), key: ["id"]);
        var jobs = new NoJobs(count);
        var ids = dag.Calendar.Between(Grain.Hour, Start, Start + TimeSpan.FromHours(count)).Select(window => new SlotId(step.FullName, window)).ToList();
        long started = Stopwatch.GetTimestamp();
        await metadata.Ledger.PlanAsync([.. ids.Select(id => new PlannedSlot(id, Lane.Live, SlotState.Queued))], cancel);
        double plan = ids.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;

        var runner = new StepRunner(new RetryPolicy(), TimeProvider.System, new Random(1));
        var worker = new Worker(new Planner(dag, _ => true), metadata, new Committer(metadata.Commits), jobs, runner, new WorkerOptions()) { Live = new(metadata.Logs, metadata.Feeds, TimeProvider.System) }; // as a node has it
        long token = await metadata.Commits.OpenWriterAsync("bench", TimeSpan.FromMinutes(10), cancel);
        started = Stopwatch.GetTimestamp();
        var processor = Environment.CpuUsage.TotalTime;
        while ((await worker.RunGroupAsync([step], token, cancel)).Count > 0) { }
        double run = ids.Count / Stopwatch.GetElapsedTime(started).TotalSeconds, used = (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / ids.Count;

        if (jobs.Runs != ids.Count) throw new InvalidOperationException($"found {jobs.Runs:N0} runs, expected {ids.Count:N0}");
        await ProveAsync(metadata.Ledger, ids, cancel);
        return (plan, run, used);
    }

    /// <summary>Each slot is done in its first round, by its first attempt.</summary>
    private static async Task ProveAsync(ILedger ledger, List<SlotId> ids, CancellationToken cancel)
    {
        int proved = 0;
        foreach (var chunk in ids.Chunk(AttemptsAtOnce))
            proved += (await ledger.FindAsync(chunk, cancel)).Count(slot => slot is { State: SlotState.Done, Round: 1, Attempt: 1 });
        if (proved != ids.Count) throw new InvalidOperationException($"found {proved:N0} slots done at the first attempt, expected {ids.Count:N0}");
        foreach (var id in ids.Where((_, index) => index % AttemptsAtOnce == 0))
            if (await ledger.AttemptsAsync(id, cancel) is not [{ State: SlotState.Done }]) throw new InvalidOperationException($"{id}: expected one attempt, done");
    }

    private sealed class NoJobs(int most) : IJobCatalog, IJob
    {
        private int _runs;

        public int Runs => _runs;

        public IJob? JobOf(Step step) => this;

        public ValueTask<string> DigestAsync(Step step, Window window, CancellationToken cancel) => new("digest");

        public ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel) =>
            Interlocked.Increment(ref _runs) <= most ? new(new JobResult.Unchanged()) : throw new InvalidOperationException("a slot ran twice");
    }
}
