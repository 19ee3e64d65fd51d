using Etl.Contracts.Time;

namespace Etl.Sources.Weather;

/// <summary>A local date of a zone and the instants it covers: 23 to 25 hours as a rule.</summary>
public readonly record struct LocalDay(DateOnly Date, Window Window)
{
    /// <summary>The offset to UTC with which the day begins, in seconds.</summary>
    public int UtcOffsetSecondsAtStart
    {
        get
        {
            // The calendar tells dates, not offsets: of the local midnight and its instant the difference is the offset, unless the zone skipped midnight.
            var midnight = new DateTimeOffset(Date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
            return (int)(midnight - Window.Start).TotalSeconds;
        }
    }

    /// <summary>The full UTC hours in it.</summary>
    public IEnumerable<DateTimeOffset> FullHours() => FullHours(Window.Start, Window.End);

    /// <summary>The dates from <paramref name="first"/> to <paramref name="last"/>, both included; dates that the zone skipped are left out.</summary>
    /// <exception cref="ArgumentException">tzdb knows no such zone.</exception>
    public static IEnumerable<LocalDay> Between(DateOnly first, DateOnly last, string zone)
    {
        var calendar = WindowCalendar.Of(zone);
        // No zone is farther than a day from UTC: the first window that can hold the date begins at most that much before it.
        var from = new DateTimeOffset(first.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddDays(-1);
        foreach (var window in calendar.Between(Grain.Day, from, DateTimeOffset.MaxValue))
        {
            var date = calendar.DateOf(window.Start);
            if (date > last) yield break;
            if (date >= first) yield return new(date, window);
        }
    }

    /// <summary>The full UTC hours in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public static IEnumerable<DateTimeOffset> FullHours(DateTimeOffset from, DateTimeOffset to)
    {
        long first = Micros.Of(from), hour = Micros.HourOf(first);
        if (hour < first) hour += Micros.PerHour;
        for (long end = Micros.Of(to); hour < end; hour += Micros.PerHour) yield return Micros.ToInstant(hour);
    }
}
