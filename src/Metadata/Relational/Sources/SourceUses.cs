using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Sources;

/// <param name="At">Microseconds since 1970 UTC, by the database's clock.</param>
/// <param name="Weight">In thousandths.</param>
internal readonly record struct SourceUse(long At, Lane Lane, long Weight);

/// <summary>How long a call has to wait for a limit whose window slides: however the source cuts its minutes, none holds more. Pure.</summary>
internal static class SourceUses
{
    public static long Thousandths(double weight) => (long)Math.Ceiling(weight * 1_000 - 1e-6); // 9.3 is 9,300, whatever its last bit

    /// <summary>The most that a lane may have in the window at once.</summary>
    public static long RoomOf(SourceWindow window, Lane lane) => (long)Math.Floor((lane == Lane.Live ? window.All : Math.Min(window.All, window.Backfill)) * 1_000 + 1e-6);

    /// <param name="uses">By time, at least all within the window.</param>
    /// <param name="weight">At most the lane's room.</param>
    /// <returns>Microseconds; 0 or less when there is room now.</returns>
    public static long WaitFor(IReadOnlyList<SourceUse> uses, SourceWindow window, Lane lane, long weight, long now)
    {
        long length = window.Length.Ticks / TimeSpan.TicksPerMicrosecond;
        var counting = uses.Where(use => use.At + length > now).ToList();
        long all = counting.Sum(static use => use.Weight), backfill = counting.Where(static use => use.Lane == Lane.Backfill).Sum(static use => use.Weight), wait = 0;
        bool HasRoom() => all + weight <= RoomOf(window, Lane.Live) && (lane == Lane.Live || backfill + weight <= RoomOf(window, Lane.Backfill));
        foreach (var use in counting)
        {
            if (HasRoom()) return wait;
            all -= use.Weight;
            if (use.Lane == Lane.Backfill) backfill -= use.Weight;
            wait = use.At + length - now;
        }
        return wait;
    }
}
