using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Scheduler.Running;

/// <summary>Where the scheduler gets a step's job from. The scheduler knows no job; Jobs knows no ledger.</summary>
public interface IJobCatalog
{
    /// <returns>null when the step cannot run here, e.g. a publish to a sink that is not configured.</returns>
    IJob? JobOf(Step step);

    /// <summary>Of what the step would run on the window now: another digest marks an older result as stale.</summary>
    ValueTask<string> DigestAsync(Step step, Window window, CancellationToken cancel);
}
