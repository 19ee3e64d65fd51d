using System.Globalization;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;
using Hangfire;
using Hangfire.Server;
using Hangfire.States;

namespace Etl.Scheduler.OnHangfire;

/// <summary>What a recurring job calls: makes a run in the ledger and returns at once. The ledger's workers do the work.</summary>
public sealed class DagRinger(IReadOnlyList<Dag> dags, IRunLedger runs, RunMirror mirror, IBackgroundJobClientV2 client, Action onRun, TimeProvider clock, string codeVersion)
{
    /// <summary>How Hangfire says that a person pressed "Trigger now".</summary>
    private const string TriggeredByHand = "recurring job manager";

    /// <param name="context">Given by Hangfire.</param>
    [AutomaticRetry(Attempts = 0)] // the ledger retries
    public async Task RingAsync(string dag, PerformContext context)
    {
        string job = context.BackgroundJob.Id;
        string? shown = context.GetJobParameter<string>(RunMirror.RunParameter, allowStale: false);
        var run = await mirror.AdoptAsync(job, () => shown is not null ? AgainAsync(long.Parse(shown, CultureInfo.InvariantCulture)) : IsByHand(context) ? TriggerAsync(dag) : FireAsync(dag));
        if (run is null) return; // nothing new: the job succeeds
        context.SetJobParameter(RunMirror.RunParameter, run.Id.ToString(CultureInfo.InvariantCulture)); // "Requeue" calls again with the same job: the same run, the next round
        client.ChangeState(job, new InLedgerState(run), ProcessingState.StateName); // the worker's own "Succeeded" is refused then: it expects Processing
        onRun();
        mirror.Wake.Ring();
    }

    /// <summary>Requeued on the page: the same run once more.</summary>
    private async Task<Run?> AgainAsync(long id)
    {
        if (await runs.FindAsync(id, default) is not { } run) return null;
        if (run.IsEnded) await runs.MoveAsync(run, RunState.Queued, "queued again on Hangfire's page", default);
        return await runs.FindAsync(id, default);
    }

    private async Task<Run?> TriggerAsync(string dag)
    {
        var now = clock.GetUtcNow();
        return await runs.TriggerAsync(dag, new(RunKind.Manual, now, now, now, Lane.Live, "{}", "triggered on Hangfire's page", codeVersion), default);
    }

    /// <summary>The schedule rang: the tick says whether there is something new. It may have been planned by the minute's tick before.</summary>
    private async Task<Run?> FireAsync(string dag) =>
        dags.FirstOrDefault(known => known.Name == dag) is { } found ? (await new ScheduleTick([found], runs, clock, codeVersion).RunAsync(default)).MaxBy(run => run.Fire) : null;

    private static bool IsByHand(PerformContext context) => context.Storage.GetMonitoringApi().JobDetails(context.BackgroundJob.Id)?.History
        .Any(state => state.StateName == EnqueuedState.StateName && state.Reason?.Contains(TriggeredByHand, StringComparison.OrdinalIgnoreCase) == true) == true;
}
