namespace Etl.Sources;

/// <summary>On whose account a call to a source goes.</summary>
public enum SourceLane
{
    /// <summary>Scheduled work and its retries: a share of each limit is held for it.</summary>
    Live,

    /// <summary>History: takes what is left beside that share.</summary>
    Backfill,
}

/// <summary>What a source allows, shared by all who call it. A call reserves its weight before it is made; what is reserved is never given back, as the source counts failed calls too.</summary>
public interface ISourceBudget
{
    /// <summary>Takes <paramref name="weight"/> from the budget, or nothing.</summary>
    /// <returns>Zero when it is taken; else how long to wait before asking again, more than zero.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The weight is not above 0, or more than the lane may ever have at once.</exception>
    ValueTask<TimeSpan> ReserveAsync(SourceLane lane, double weight, CancellationToken cancel);

    /// <summary>The source itself asked for patience: nobody is given anything for so long. A shorter hold never cuts a longer one.</summary>
    ValueTask HoldAsync(TimeSpan time, CancellationToken cancel);
}
