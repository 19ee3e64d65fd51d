using Etl.Contracts.Workflow;

namespace Etl.Metadata;

/// <summary>What attempts of slots have said. Written by the commit that ends the attempt; read here.</summary>
public interface IAttemptLogs
{
    /// <summary>Every attempt of a slot, the first one first; also those that run still or said nothing.</summary>
    Task<IReadOnlyList<AttemptStory>> OfAsync(SlotId slot, CancellationToken cancel);

    /// <summary>Attempts that said something and ended in [from, to), the earliest first.</summary>
    /// <param name="slots">Which: <see cref="SlotFilter.States"/> are those in which the attempts ended; the last <see cref="SlotFilter.Max"/> where there are more.</param>
    Task<IReadOnlyList<AttemptStory>> BetweenAsync(SlotFilter slots, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel);

    /// <summary>Forgets what attempts said that ended before. The attempts themselves stay.</summary>
    /// <param name="max">About how many; those that ended at one instant go together.</param>
    /// <returns>How many; less than <paramref name="max"/> when none is left.</returns>
    Task<int> ForgetAsync(DateTimeOffset endedBefore, int max, CancellationToken cancel);
}

/// <param name="Lines">Empty where it said nothing, has not ended, or was forgotten.</param>
public sealed record AttemptStory(SlotId Slot, SlotAttempt Attempt, IReadOnlyList<LogLine> Lines);
