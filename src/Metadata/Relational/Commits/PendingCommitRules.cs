using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Commits;

/// <summary>What every pending commit must be, whatever the store holds; a breach is a bug of whoever made it.</summary>
internal static class PendingCommitRules
{
    /// <exception cref="ArgumentException">Found, expected, where.</exception>
    public static void Require(PendingCommit commit)
    {
        foreach (var file in commit.Added)
        {
            var rows = file.Windows.Sum(static window => window.Rows);
            if (rows != file.Rows) throw new ArgumentException($"{file.Path}: found {rows} rows in its windows, {file.Rows} in all");
        }
        if (commit.Added.Select(static file => file.Path).Distinct(StringComparer.Ordinal).Count() != commit.Added.Count) throw new ArgumentException("a commit adds a path twice");
        if (commit.Retired.Distinct(StringComparer.Ordinal).Count() != commit.Retired.Count) throw new ArgumentException("a commit retires a path twice");
        foreach (var move in commit.Progress)
        {
            var (range, place) = (move.Range, $"{move.Range.Topic}/{move.Range.Partition}");
            if (range.To <= range.From) throw new ArgumentException($"{place}: found a move from {range.From} to {range.To}, expected forward");
            if (move.Landed < 0 || move.Rejected < 0 || move.Landed + move.Rejected > range.To - range.From)
                throw new ArgumentException($"{place}: found {move.Landed} landed and {move.Rejected} rejected in the {range.To - range.From} offsets from {range.From}");
        }
        if (commit.Progress.DistinctBy(static move => (move.Range.Topic, move.Range.Partition)).Count() != commit.Progress.Count) throw new ArgumentException("a commit moves a partition twice");
        if (commit.Slot is { } end && (!SlotTransitions.Allows(SlotState.Running, end.State) || (end.State == SlotState.Queued && end.NotBefore is null)))
            throw new ArgumentException($"{end.Id.Step} {end.Id.Window}: an attempt ends as Done, Retrying, Failed, Skipped, Cancelled, or as Queued with a time, not as {end.State}");
    }
}
