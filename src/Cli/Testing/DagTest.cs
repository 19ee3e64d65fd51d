using Etl.Cli.Hosting;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Lake;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;

namespace Etl.Cli.Testing;

/// <summary>
/// Runs the builds and checks of one window on what the lake holds: the very jobs of a real run, through the same runner, over a store that only pretends to commit.
/// So a check reads the rows that were built for it here, and a day the hours.
/// </summary>
internal sealed class DagTest
{
    private readonly Engine _engine;
    private readonly Dag _dag;
    private readonly TrialStore _trial;
    private readonly ParquetLake _lake;
    private readonly JobCatalog _jobs;
    private readonly StepRunner _runner;
    private readonly Planner _planner;
    private readonly TimeProvider _clock;

    private DagTest(Engine engine, Product product, TrialStore trial, TimeProvider clock)
    {
        (_engine, _dag, _trial, _clock) = (engine, product.Dag, trial, clock);
        _lake = engine.LakeOn(trial);
        _jobs = new([product], _lake, engine.Metadata.Publishes, []);
        _runner = engine.NewRunner(clock);
        _planner = new(_dag, step => step is not PublishStep publish || engine.Sinks.Any(sink => sink.Name == publish.Sink));
    }

    /// <param name="window">A day: its hours and itself. An hour: the steps of hours.</param>
    /// <param name="token">Of a writer's session: it names the files, which are deleted at the end.</param>
    /// <param name="rowsShown">Rows of each result that are read for showing.</param>
    public static async Task<DagTestReport> RunAsync(Engine engine, Product product, Window window, long token, int rowsShown, TimeProvider clock, Action<string> onProgress, CancellationToken cancel)
    {
        var test = new DagTest(engine, product, await TrialStore.OfAsync(engine.Metadata, cancel), clock);
        var report = new DagTestReport(product.Dag, window, test._trial.Head);
        try
        {
            foreach (var step in test._planner.WindowSteps.Where(step => step is BuildStep or CheckStep)) // in the order in which a DAG is written: inputs first
            {
                onProgress(step.Name);
                foreach (var each in await test.WindowsAsync(step, window, cancel)) report.Add(await test.RunAsync(step, each, token, report, cancel));
                if (step is BuildStep build && rowsShown > 0) await test.ShowAsync(build, report, rowsShown, cancel);
            }
            foreach (var publish in test._planner.WindowSteps.OfType<PublishStep>()) report.Publishes.Add(publish);
            return report;
        }
        finally { test.Delete(); }
    }

    /// <summary>The step's windows in which there is something to read, as the planner would find them.</summary>
    private async Task<IReadOnlyList<Window>> WindowsAsync(Step step, Window asked, CancellationToken cancel)
    {
        var grain = step is BuildStep build ? build.Grain : ((CheckStep)step).Of.Grain;
        IEnumerable<Window> windows = (grain, asked.Grain) switch
        {
            (Grain.Hour, Grain.Day) => _dag.Calendar.HoursOf(asked),
            (Grain.Day, Grain.Hour) => [],
            _ => [asked],
        };
        List<Window> found = [];
        foreach (var window in windows)
        {
            var input = _planner.InputsOf(new(step.FullName, window))[0];
            if ((await _trial.ChangedAsync(input.Dataset, input.From, input.To, cancel)).Count > 0) found.Add(window);
        }
        return found;
    }

    private async Task<DagTestReport.Line> RunAsync(Step step, Window window, long token, DagTestReport report, CancellationToken cancel)
    {
        var id = new SlotId(step.FullName, window);
        if (report.FailedBefore(_planner.WaitsFor(id), window) is { } failed) return new(step, window, new JobResult.Skipped($"{failed.Step.Name} {failed.Window} failed"), null, []);
        var slot = step is BuildStep ? await _engine.Metadata.Ledger.FindAsync(id, cancel) : null;
        var log = new AttemptLog(_clock);
        var result = await _runner.RunAsync(_jobs.JobOf(step)!, new() { Step = step, Window = window, AsOf = _trial.Head, Token = token, Log = log }, cancel);
        if (result is JobResult.Done done) _trial.Try(done.Commit);
        return new(step, window, result, slot is { Version: > 0 } ? slot : null, log.Lines);
    }

    /// <summary>Reads rows of the last window that has some.</summary>
    private async Task ShowAsync(BuildStep build, DagTestReport report, int most, CancellationToken cancel)
    {
        if (report.Lines.LastOrDefault(line => line.Step == build && line.Result is JobResult.Done { Result.Rows: > 0 }) is not { } last) return;
        report.Rows.Add((build, last.Window, await _lake.ReadResultAsync(build.Dataset, last.Window, build.Key, _trial.Head, cancel), most));
    }

    private void Delete()
    {
        foreach (var file in _trial.Written)
            try { File.Delete(_lake.Files.FullPath(file.Path)); }
            catch (IOException) { } // unlisted: the sweep deletes it
    }
}
