using System.Collections.Concurrent;
using NodaTime;
using NodaTime.TimeZones;

namespace Etl.Contracts.Time;

/// <summary>Cuts time into the hours and days of one IANA zone. A day is exactly the list of its hours.</summary>
/// <remarks>Zones come from NodaTime's own tzdb: .NET's <c>TimeZoneInfo</c> converts some of them wrongly and depends on the machine.</remarks>
public sealed class WindowCalendar
{
    private static readonly ConcurrentDictionary<string, WindowCalendar> Known = new(StringComparer.Ordinal);

    private readonly DateTimeZone _zone;

    private WindowCalendar(DateTimeZone zone) => _zone = zone;

    public string Zone => _zone.Id;

    /// <exception cref="ArgumentException">tzdb knows no such zone.</exception>
    public static WindowCalendar Of(string zone) => Known.GetOrAdd(zone, static name => new(
        DateTimeZoneProviders.Tzdb.GetZoneOrNull(name)
        ?? throw new ArgumentException($"zone: found \"{name}\", expected an IANA name such as \"Europe/Berlin\" or \"UTC\" (tzdb {DateTimeZoneProviders.Tzdb.VersionId})", nameof(zone))));

    public static bool Knows(string zone) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is not null;

    public DateOnly DateOf(DateTimeOffset instant)
    {
        var local = Instant.FromDateTimeOffset(instant).InZone(_zone).Date;
        return new DateOnly(local.Year, local.Month, local.Day);
    }

    /// <summary>The local date's window; its midnight may be skipped by the zone, then it begins with the first instant of the date.</summary>
    /// <exception cref="ArgumentException">The zone skipped the whole date (Apia, 2011-12-30).</exception>
    public Window Day(DateOnly date)
    {
        var local = new LocalDate(date.Year, date.Month, date.Day);
        try
        {
            var start = _zone.AtStartOfDay(local).ToInstant();
            var end = StartOfNext(local);
            return new(Grain.Day, start.ToDateTimeOffset(), end.ToDateTimeOffset(), Zone);
        }
        catch (SkippedTimeException) { throw new ArgumentException($"{Zone} has no {date:yyyy-MM-dd}: the zone skipped that date", nameof(date)); }
    }

    /// <summary>The day that holds <paramref name="instant"/>. Where clocks go back across midnight the date before comes again for a while: that belongs to the day which had begun.</summary>
    public Window DayOf(DateTimeOffset instant) => Day(DateOf(instant)) is var day && day.End > instant ? day : Day(DateOf(day.End));

    /// <summary>The hour that holds <paramref name="instant"/>: from full hour to full hour of the wall clock, cut where the offset changes.</summary>
    public Window HourOf(DateTimeOffset instant)
    {
        var at = Instant.FromDateTimeOffset(instant);
        var interval = _zone.GetZoneInterval(at);
        var local = at.InZone(_zone).LocalDateTime;
        var floor = new LocalDateTime(local.Year, local.Month, local.Day, local.Hour, 0).WithOffset(interval.WallOffset).ToInstant();
        var end = floor + Duration.FromHours(1);
        if (interval.HasStart && interval.Start > floor) floor = interval.Start;
        if (interval.HasEnd && interval.End < end) end = interval.End;
        return new(Grain.Hour, floor.ToDateTimeOffset(), end.ToDateTimeOffset(), Zone);
    }

    public Window Of(Grain grain, DateTimeOffset instant) => grain == Grain.Hour ? HourOf(instant) : DayOf(instant);

    /// <summary>The windows that meet [<paramref name="from"/>, <paramref name="to"/>), in order.</summary>
    public IEnumerable<Window> Between(Grain grain, DateTimeOffset from, DateTimeOffset to)
    {
        for (var window = Of(grain, from); window.Start < to; window = Of(grain, window.End)) yield return window;
    }

    /// <summary>The hours of a day: 23 to 25, or more where half-hour shifts cut some.</summary>
    public IEnumerable<Window> HoursOf(Window day) => Between(Grain.Hour, day.Start, day.End);

    private Instant StartOfNext(LocalDate date)
    {
        for (var next = date.PlusDays(1); ; next = next.PlusDays(1))
            try { return _zone.AtStartOfDay(next).ToInstant(); }
            catch (SkippedTimeException) { } // the zone skipped that date as a whole: the day ends where the next one begins
    }
}
