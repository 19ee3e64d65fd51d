using System.Text.Json;
using Etl.Cli.Dags;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Spectre.Console;

namespace Etl.Cli.Triggering;

/// <summary>Makes a run for the `etl up` that has the folder, and waits for its end: two processes that land one topic would only hinder each other.</summary>
internal sealed class RunFollower(Invocation invocation, Dag dag)
{
    /// <summary>A node takes a run at its next look; what is not taken by then, nobody takes.</summary>
    private static readonly TimeSpan TakenWithin = TimeSpan.FromSeconds(10), LookEvery = TimeSpan.FromMilliseconds(200);

    public static Task<Run> RecordAsync(Engine engine, Dag dag, DagCall? call, string reason, DateTimeOffset now, CancellationToken cancel) =>
        engine.Metadata.Runs.TriggerAsync(dag.Name, Planned(call, reason, now), cancel);

    /// <summary>The run that a call asks for.</summary>
    public static PlannedRun Planned(DagCall? call, string reason, DateTimeOffset now) =>
        new(RunKind.Manual, now, now, now, call is { Again: false } ? Lane.Backfill : Lane.Live, JsonSerializer.Serialize(call?.Texts ?? new Dictionary<string, string>()), reason, NodeHost.CodeVersion) { ParameterSet = call?.ParameterSet ?? "" };

    /// <returns>The exit code; null when nobody took the run, which is cancelled then.</returns>
    public async Task<int?> TryAsync(DagCall? call, CancellationToken cancel)
    {
        var engine = await invocation.OpenEngineAsync(cancel, sweep: false);
        engine.MustBeSound(dag);
        var runs = engine.Metadata.Runs;
        if ((await runs.StatusAsync(dag.Name, cancel)).IsPaused) return null;
        var run = await RecordAsync(engine, dag, call, "triggered, and waited for", invocation.Clock.GetUtcNow(), cancel);
        using var progress = new ProgressLine(invocation.Terminal, $"run {run.Id} of {dag.Name}");
        long began = invocation.Clock.GetTimestamp();
        while (!run.IsEnded)
        {
            if (run.State == RunState.Queued && run.Started is null && invocation.Clock.GetElapsedTime(began) > TakenWithin && await runs.MoveAsync(run, RunState.Cancelled, "no `etl up` took it; the caller does the work itself", cancel)) return null;
            await Task.Delay(LookEvery, invocation.Clock, cancel);
            run = await runs.FindAsync(run.Id, cancel) ?? run;
            progress.Report(run.State.ToString().ToLowerInvariant());
        }
        progress.Dispose();
        invocation.Terminal.Answer(RunView.Brief(run), people => people.MarkupLine(run.State == RunState.Done
            ? $"{dag.Name}: run {run.Id} done by `etl up`, {run.Windows:N0} windows, {run.Rows:N0} rows [grey]({RunView.Took(run)})[/]"
            : $"{dag.Name}: run {run.Id} {StateText.Word(run.State)}: {Markup.Escape(run.Reason)}"));
        return run.State == RunState.Done ? ExitCodes.Ok : ExitCodes.WorkFailed;
    }
}
