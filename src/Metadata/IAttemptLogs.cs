using Etl.Contracts.Workflow;

namespace Etl.Metadata;

/// <summary>What attempts of slots have said. Written whole by the commit that ends the attempt; before that, what it has said so far.</summary>
public interface IAttemptLogs
{
    /// <summary>Every attempt of a slot, the first one first; also those that run still or said nothing.</summary>
    Task<IReadOnlyList<AttemptStory>> OfAsync(SlotId slot, CancellationToken cancel);

    /// <summary>Keeps what attempts that still run have said so far, in the place of what was kept of them before. Those that have ended, or are ending, are left alone.</summary>
    /// <returns>How many were kept.</returns>
    Task<int> KeepAsync(IReadOnlyList<RunningLog> logs, CancellationToken cancel);

    /// <summary>Attempts that said something and ended in [from, to), or run and were last kept then; the earliest first.</summary>
    /// <param name="slots">Which: <see cref="SlotFilter.States"/> are those in which the attempts ended; the last <see cref="SlotFilter.Max"/> where there are more.</param>
    Task<IReadOnlyList<AttemptStory>> BetweenAsync(SlotFilter slots, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel);

    /// <summary>Forgets what attempts said that ended before. The attempts themselves stay.</summary>
    /// <param name="max">About how many; those that ended at one instant go together.</param>
    /// <returns>How many; less than <paramref name="max"/> when none is left.</returns>
    Task<int> ForgetAsync(DateTimeOffset endedBefore, int max, CancellationToken cancel);

    /// <summary>Forgets attempts that ended before, with what they said, of one page of slots. Of each slot stay its last attempt, its last success, the one that made its result, and all of a round that goes on.</summary>
    /// <param name="after">Where the page begins: 0, or what the page before answered.</param>
    /// <param name="slots">Most slots of the page.</param>
    Task<Forgotten> ForgetAttemptsAsync(DateTimeOffset endedBefore, long after, int slots, CancellationToken cancel);
}

/// <param name="Slot">As it was claimed: round, attempt and token must still be these.</param>
/// <param name="Lines">All so far, at least one.</param>
public sealed record RunningLog(Slot Slot, IReadOnlyList<LogLine> Lines);

/// <param name="Lines">Of one that runs, those that were kept so far. Empty where it said nothing, or it was forgotten.</param>
public sealed record AttemptStory(SlotId Slot, SlotAttempt Attempt, IReadOnlyList<LogLine> Lines);

/// <summary>What one page of forgetting came to.</summary>
/// <param name="Next">Where the next page begins; null when this was the last.</param>
public readonly record struct Forgotten(int Count, long? Next);
