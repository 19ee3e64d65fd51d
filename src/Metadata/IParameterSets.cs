using Etl.Contracts.Workflow;

namespace Etl.Metadata;

/// <summary>The saved sets of DAGs' parameters.</summary>
public interface IParameterSets
{
    /// <summary>Keeps a set under the name of its DAG and its own, in the place of one that is there.</summary>
    /// <returns>The one that was there; null where there was none.</returns>
    Task<ParameterSet?> SaveAsync(ParameterSet set, CancellationToken cancel);

    Task<ParameterSet?> FindAsync(string dag, string name, CancellationToken cancel);

    /// <param name="dag">null for those of all DAGs.</param>
    /// <returns>Ordered by DAG and name.</returns>
    Task<IReadOnlyList<ParameterSet>> ListAsync(string? dag, int max, CancellationToken cancel);

    /// <returns>false where it is not there.</returns>
    Task<bool> DeleteAsync(string dag, string name, CancellationToken cancel);
}
