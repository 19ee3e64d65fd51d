namespace Etl.Contracts.Workflow;

/// <summary>A step's work on several windows of one key at once, where that is cheaper than one by one: a source that answers for a month, a sink that writes days together.</summary>
/// <remarks>Each window still ends on its own: one result for each context, in their order.</remarks>
public interface IGroupJob : IJob
{
    /// <summary>Most windows in one call, 1 or more.</summary>
    int GroupMax { get; }

    /// <summary>Whether windows that failed together, and would again, are run one by one: so that one which cannot be done holds up no other.</summary>
    bool IsSplitOnFailure { get; }

    /// <param name="contexts">Of one key and lane, windows rising and each beginning where the one before it ends.</param>
    ValueTask<IReadOnlyList<JobResult>> RunAsync(IReadOnlyList<JobContext> contexts, CancellationToken cancel);
}
