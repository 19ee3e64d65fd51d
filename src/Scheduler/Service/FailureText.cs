using Etl.Contracts.Workflow;

namespace Etl.Scheduler.Service;

/// <summary>Why a run failed, in a line: what failed for the same reason is told once.</summary>
public static class FailureText
{
    private const int ReasonsMax = 3;

    /// <param name="others">Reasons that are no slot's; they come first.</param>
    /// <param name="failed">Slots with their reasons.</param>
    /// <returns>"" where nothing failed.</returns>
    public static string Of(IEnumerable<string> others, IEnumerable<(SlotId Slot, string Reason)> failed)
    {
        var slots = failed.OrderBy(pair => pair.Slot.Window.Start).GroupBy(pair => (pair.Slot.Step, pair.Reason)).Select(group => $"{group.Key.Step} {group.First().Slot.Window}{(group.Count() > 1 ? $" and {group.Count() - 1:N0} more windows" : "")}: {group.Key.Reason}");
        var reasons = others.Concat(slots).ToList();
        return string.Join("; ", reasons.Take(ReasonsMax)) + (reasons.Count > ReasonsMax ? $" and {reasons.Count - ReasonsMax:N0} more" : "");
    }
}
