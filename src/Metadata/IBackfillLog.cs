using Etl.Contracts.Workflow;

namespace Etl.Metadata;

/// <summary>The backfills, and the windows that each has planned.</summary>
public interface IBackfillLog
{
    /// <summary>Puts a backfill in with its plan, if it meets no other open one of its DAG.</summary>
    /// <param name="queue">Whether it waits for those it meets; else it is refused.</param>
    /// <returns>The backfill; or null and the open one that it meets.</returns>
    Task<(Backfill? Made, Backfill? Meets)> StartAsync(NewBackfill backfill, IReadOnlyList<BackfillWindow> plan, bool queue, CancellationToken cancel);

    Task<Backfill?> FindAsync(long id, CancellationToken cancel);

    /// <returns>The newest first.</returns>
    Task<IReadOnlyList<Backfill>> ListAsync(BackfillFilter filter, CancellationToken cancel);

    /// <summary>Windows of the plan, by their numbers.</summary>
    /// <param name="state">null for all.</param>
    Task<IReadOnlyList<BackfillWindow>> WindowsAsync(long id, BackfillWindowState? state, int max, CancellationToken cancel);

    /// <summary>Puts the next units of a running backfill under way, as many as its parallelism has room for. Of several processes, no two take one.</summary>
    /// <param name="idle">Windows under way that wait for others: they take up no room.</param>
    Task<IReadOnlyList<BackfillWindow>> TakeAsync(long id, IReadOnlyCollection<int> idle, CancellationToken cancel);

    /// <summary>Says that windows under way have ended.</summary>
    /// <param name="state">Done or Failed.</param>
    Task EndAsync(long id, IReadOnlyCollection<int> windows, BackfillWindowState state, CancellationToken cancel);

    /// <summary>Changes the state; compare-and-set.</summary>
    /// <returns>false when it was not in that state any more: nothing is changed.</returns>
    Task<bool> MoveAsync(long id, BackfillState from, BackfillState to, string reason, CancellationToken cancel);

    /// <summary>Lets those run whose older neighbours, which they meet, have ended.</summary>
    Task<int> AdvanceAsync(CancellationToken cancel);
}

/// <param name="Parameters">JSON, <c>{}</c> without.</param>
public sealed record NewBackfill(string Dag, BackfillFrom From, DateOnly First, DateOnly Last, BackfillPolicy Policy, BackfillOrder Order, int Parallelism, string Parameters, string Hash, string Reason);

public sealed record BackfillFilter
{
    /// <summary>Null for all.</summary>
    public string? Dag { get; init; }

    public IReadOnlyCollection<BackfillState>? States { get; init; }

    public int Max { get; init; } = 1_000;
}
