using System.Diagnostics;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Running;
using Etl.Scheduler.Service;

namespace Etl.Benchmarks.Slots;

/// <summary>A chain of steps, each reading the one before: from the end of a parent's job to the beginning of its child's, durable commits between them.</summary>
public sealed class HandoverBench : IBench
{
    private const int Steps = 40, Chains = 50, WarmUps = 50;

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public string Name => "handover";

    public string Description => $"a chain of {Steps} no-op steps on SQLite: parent done → child running, median";

    public string Unit => "ms";

    public Bar Bar => Bar.Most(1);

    public async Task<BenchFigure> RunAsync(BenchSettings settings, CancellationToken cancel)
    {
        await using var store = await BenchStore.OpenAsync(mysql: false, cancel);
        var metadata = store.Metadata;
        var dag = new Dag("chain");
        var events = dag.Land("topic", time: "at");
        var step = dag.Build("step_1", Grain.Hour, "none.sql", events, key: ["id"]);
        for (int number = 2; number <= Steps; number++) step = dag.Build($"step_{number}", Grain.Hour, "none.sql", step, key: ["id"]);
        var jobs = new StampingJobs();
        var parts = new WorkParts(metadata, new Committer(metadata.Commits), jobs, new StepRunner(new RetryPolicy(), TimeProvider.System, new Random(1)), new WorkerOptions(), TimeProvider.System);
        var loop = DagLoop.Of(dag, parts)[0];
        long token = await metadata.Commits.OpenWriterAsync("bench", TimeSpan.FromMinutes(10), cancel);
        var waits = new List<double>();
        double chain = double.MaxValue, processor = double.MaxValue;
        int chains = settings.Scaled(Chains);
        for (int turn = -WarmUps; turn < chains; turn++)
        {
            jobs.Stamps.Clear();
            await parts.Committer.CommitAsync(new() { Kind = CommitKind.Land, Token = token, Changed = [new(events.Dataset, Start.AddHours(turn + WarmUps))] }, cancel);
            await metadata.Catalog.MoveFrontierAsync(events.Dataset, Start.AddHours(turn + WarmUps + 1), cancel);
            var used = Environment.CpuUsage.TotalTime;
            long started = Stopwatch.GetTimestamp();
            while (await loop.OnceAsync(token, _ => { }, cancel)) { }
            if (turn < 0) continue; // for the compiler: a scheduler runs for weeks
            if (jobs.Stamps.Count != Steps) throw new InvalidOperationException($"found {jobs.Stamps.Count} steps run, expected {Steps}");
            processor = Math.Min(processor, (Environment.CpuUsage.TotalTime - used).TotalMilliseconds / Steps);
            chain = Math.Min(chain, Stopwatch.GetElapsedTime(started, jobs.Stamps.Last().Ended).TotalMilliseconds);
            waits.AddRange(jobs.Stamps.Zip(jobs.Stamps.Skip(1), (parent, child) => Stopwatch.GetElapsedTime(parent.Ended, child.Began).TotalMilliseconds));
        }
        waits.Sort();
        return new(waits[waits.Count / 2])
        {
            Measures = [new("99 of 100 within", waits[waits.Count * 99 / 100], Unit, Bar.Most(5)), new($"chain of {Steps}", chain, Unit, Bar.Most(100)), new("our processor, a step", processor, Unit)],
            Settings = new Dictionary<string, object> { ["steps"] = Steps, ["chains"] = $"{chains} after {WarmUps} to warm up; the best chain counts, all handovers do" },
        };
    }
}
