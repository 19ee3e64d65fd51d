using System.Globalization;

namespace Etl.Codecs.Cql;

/// <summary>CQL's <c>date</c>, whose range (years −5,877,641 to 5,881,580) passes that of <see cref="DateOnly"/>.</summary>
/// <param name="DaysSinceEpoch">Days since 1970-01-01; negative before.</param>
public readonly record struct LocalDate(int DaysSinceEpoch)
{
    private static readonly int EpochDay = new DateOnly(1970, 1, 1).DayNumber;

    public static LocalDate Of(DateOnly date) => new(date.DayNumber - EpochDay);

    /// <returns>false outside the years 1 to 9999.</returns>
    public bool TryToDateOnly(out DateOnly date)
    {
        long day = (long)DaysSinceEpoch + EpochDay;
        bool fits = day >= DateOnly.MinValue.DayNumber && day <= DateOnly.MaxValue.DayNumber;
        date = fits ? DateOnly.FromDayNumber((int)day) : default;
        return fits;
    }

    public override string ToString() => TryToDateOnly(out var date) ? date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : $"1970-01-01{DaysSinceEpoch:+0;-0} days";
}

/// <summary>CQL's <c>time</c>: nanoseconds since midnight, 100 times finer than <see cref="TimeOnly"/>.</summary>
public readonly record struct LocalTime
{
    public const long NanosecondsPerDay = 86_400_000_000_000;

    /// <exception cref="ArgumentOutOfRangeException">Outside a day.</exception>
    public LocalTime(long totalNanoseconds) => TotalNanoseconds = totalNanoseconds is >= 0 and < NanosecondsPerDay
        ? totalNanoseconds
        : throw new ArgumentOutOfRangeException(nameof(totalNanoseconds), totalNanoseconds, $"found {totalNanoseconds} ns, expected 0 to {NanosecondsPerDay - 1}");

    public long TotalNanoseconds { get; }

    public static LocalTime Of(TimeOnly time) => new(time.Ticks * TimeSpan.NanosecondsPerTick);

    /// <summary>Nanoseconds below 100 are dropped.</summary>
    public TimeOnly ToTimeOnly() => new(TotalNanoseconds / TimeSpan.NanosecondsPerTick);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ToTimeOnly():HH\\:mm\\:ss}.{TotalNanoseconds % 1_000_000_000:000000000}");
}
