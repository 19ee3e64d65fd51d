using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Slots;

/// <summary>A place of a pool that somebody has, or the turn of somebody who waits for one.</summary>
/// <param name="Number">Rising as they came.</param>
/// <param name="IsOver">Whether its lease is over, or its writer may do nothing any more.</param>
internal sealed record PoolRow(long Number, long Token, string Who, Lane Lane, bool Waits, bool IsOver);

/// <summary>Who gets how many places of a pool. Pure.</summary>
internal static class PoolTurns
{
    /// <param name="rows">Of the pool, by number.</param>
    /// <returns>Places that are given, 0 or more.</returns>
    public static int Given(IReadOnlyList<PoolRow> rows, PoolTake take)
    {
        int usable = take.Lane == Lane.Backfill ? Math.Max(1, take.Size - Math.Max(1, take.Size / 4)) : take.Size;
        int taken = rows.Count(static row => !row.IsOver && !row.Waits);
        long own = OwnTurn(rows, take)?.Number ?? long.MaxValue;
        int before = rows.Count(row => !row.IsOver && row.Waits && !IsOf(row, take) && (row.Lane < take.Lane || (row.Lane == take.Lane && row.Number < own)));
        return Math.Max(0, Math.Min(take.Most, usable - taken - before));
    }

    /// <summary>null where it does not wait, or its turn was kept long enough.</summary>
    public static PoolRow? OwnTurn(IReadOnlyList<PoolRow> rows, PoolTake take) => rows.FirstOrDefault(row => row.Waits && !row.IsOver && IsOf(row, take));

    private static bool IsOf(PoolRow row, PoolTake take) => row.Token == take.Token && row.Who == take.Who;
}
