using System.Globalization;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Hangfire.Common;
using Hangfire.States;
using Hangfire.Storage;

namespace Etl.Scheduler.OnHangfire;

/// <summary>How long jobs are kept; and a job that is deleted on the page cancels its run.</summary>
public sealed class LedgerFilter(IRunLedger runs) : JobFilterAttribute, IApplyStateFilter
{
    /// <summary>How long the page lists a failed run.</summary>
    public static readonly TimeSpan FailedKept = TimeSpan.FromDays(7);

    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    public void OnStateApplied(ApplyStateContext context, IWriteOnlyTransaction transaction)
    {
        context.JobExpirationTimeout = Kept;
        if (context.NewState.Name == FailedState.StateName) transaction.ExpireJob(context.BackgroundJob.Id, FailedKept); // by itself it never would
        if (context is { NewState: DeletedState { Reason: null or "Triggered via Dashboard UI" }, OldStateName: InLedgerState.StateName }) Cancel(context);
    }

    public void OnStateUnapplied(ApplyStateContext context, IWriteOnlyTransaction transaction)
    {
        if (context.OldStateName == FailedState.StateName) transaction.PersistJob(context.BackgroundJob.Id);
    }

    /// <summary>Hangfire's filters do not wait: the run is cancelled beside, and the mirror shows what became of it.</summary>
    private void Cancel(ApplyStateContext context)
    {
        string? id = context.GetJobParameter<string>(RunMirror.RunParameter, allowStale: true);
        if (id is not null) _ = CancelAsync(long.Parse(id, CultureInfo.InvariantCulture));
    }

    private async Task CancelAsync(long id)
    {
        if (await runs.FindAsync(id, default) is { IsEnded: false } run) await runs.MoveAsync(run, RunState.Cancelled, "deleted on Hangfire's page", default);
    }
}
