using Etl.Contracts.Workflow;

namespace Etl.Scheduler.Service;

/// <summary>Puts what a run asks of sources into the ledger.</summary>
public interface IRunCalls
{
    /// <summary>Safe to repeat: a run that was begun before asks for the same again.</summary>
    /// <returns>The slots of polls that the run waits for; none where the DAG polls nothing.</returns>
    /// <exception cref="ArgumentException">The run's parameters are not good: the run fails with the message.</exception>
    Task<IReadOnlyList<SlotId>> OpenAsync(Dag dag, Run run, CancellationToken cancel);
}
