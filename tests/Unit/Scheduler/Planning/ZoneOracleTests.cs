using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Planning;
using NodaTime;
using NodaTime.TimeZones;

namespace Etl.Tests.Unit.Scheduler.Planning;

/// <summary>Forty years of every IANA zone against a plain reading of the zone's intervals. The ordinary run takes all zones but, of the windows, the days about each change; ETL_LONG=1 takes all.</summary>
public sealed class ZoneOracleTests
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("ETL_LONG") == "1";
    private static readonly LocalDate First = new(1995, 1, 1), Last = new(2034, 12, 31);

    private static readonly Instant From = First.AtMidnight().InUtc().ToInstant(), To = Last.AtMidnight().InUtc().ToInstant();

    /// <summary>By rules, not by names: names for the same rules would give the same again.</summary>
    private static readonly IReadOnlyList<DateTimeZone> Zones = [.. DateTimeZoneProviders.Tzdb.Ids.Select(id => DateTimeZoneProviders.Tzdb[id]).GroupBy(Rules).SelectMany(same => IsLong ? same : same.Take(1))];

    [Theory]
    [InlineData("30 2 * * *", 2, 30)]
    [InlineData("5 0 * * *", 0, 5)]
    public void Each_daily_wall_time_fires_once_in_every_zone_for_forty_years(string cron, int hour, int minute)
    {
        var schedule = Schedule.Cron(cron);
        var faults = new List<string>();
        long fires = 0;
        foreach (var zone in Zones)
        {
            var intervals = zone.GetZoneIntervals(From - Duration.FromDays(3), To + Duration.FromDays(3)).ToList();
            var wanted = Dates().Select(date => Fire(intervals, date.At(new LocalTime(hour, minute)))).Distinct().ToList();
            var times = new FireTimes(schedule, zone.Id);
            var found = times.Between(wanted[0].ToDateTimeOffset().AddTicks(-1), wanted[^1].ToDateTimeOffset()).Select(Instant.FromDateTimeOffset).ToList();
            fires += found.Count;
            if (found.SequenceEqual(wanted)) continue;
            var first = found.Zip(wanted).First(pair => pair.First != pair.Second);
            faults.Add($"{zone.Id}: fired {first.First}, expected {first.Second}");
        }
        faults.ShouldBeEmpty();
        Zones.Count.ShouldBeGreaterThan(280);
        fires.ShouldBeGreaterThan(Zones.Count * 14_600L);
    }

    [Fact]
    public void Half_hourly_fires_come_at_each_half_hour_of_the_wall_clock_and_in_both_passes()
    {
        foreach (var (zone, change) in Changes())
        {
            var wanted = HalfHours(zone, change).ToList();
            var times = new FireTimes(Schedule.Cron("*/30 * * * *"), zone.Id);
            times.Between(wanted[0].AddTicks(-1), wanted[^1]).ShouldBe(wanted, zone.Id);
        }
    }

    [Fact]
    public void Days_tile_forty_years_of_every_zone_and_are_what_the_dates_say()
    {
        var faults = new List<string>();
        foreach (var zone in Zones)
        {
            var calendar = WindowCalendar.Of(zone.Id);
            var before = calendar.DayOf(From.ToDateTimeOffset());
            while (before.End < To.ToDateTimeOffset())
            {
                var day = calendar.DayOf(before.End);
                if (day.Start != before.End || calendar.DateOf(day.Start) <= calendar.DateOf(before.Start)) faults.Add($"{zone.Id}: {before.Start:O} to {before.End:O}, then {day.Start:O}");
                if (calendar.DayOf(day.End.AddTicks(-1)) != day) faults.Add($"{zone.Id}: the last instant of {day.Start:O} belongs to {calendar.DayOf(day.End.AddTicks(-1)).Start:O}");
                before = day;
            }
        }
        faults.ShouldBeEmpty();
    }

    [Fact]
    public void Hours_tile_each_day_and_no_hour_is_longer_than_one()
    {
        var faults = new List<string>();
        int short23 = 0, long25 = 0, halves = 0;
        foreach (var (zone, change) in Changes())
        {
            var calendar = WindowCalendar.Of(zone.Id);
            for (var day = calendar.DayOf(change.Plus(-Duration.FromDays(1)).ToDateTimeOffset()); day.Start < change.Plus(Duration.FromDays(1)).ToDateTimeOffset(); day = calendar.DayOf(day.End))
            {
                var at = day.Start;
                foreach (var hour in calendar.HoursOf(day))
                {
                    if (hour.Start != at || hour.End - hour.Start > TimeSpan.FromHours(1) || calendar.HourOf(hour.End.AddTicks(-1)) != hour) faults.Add($"{zone.Id} {day.Start:O}: hour {hour.Start:O} to {hour.End:O}");
                    if (hour.End - hour.Start == TimeSpan.FromMinutes(30)) halves++;
                    at = hour.End;
                }
                if (at != day.End) faults.Add($"{zone.Id}: hours end {at:O}, the day {day.End:O}");
                if (day.End - day.Start == TimeSpan.FromHours(23)) short23++;
                if (day.End - day.Start == TimeSpan.FromHours(25)) long25++;
            }
        }
        faults.ShouldBeEmpty();
        short23.ShouldBeGreaterThan(1_000);
        long25.ShouldBeGreaterThan(1_000);
        halves.ShouldBeGreaterThan(20);
    }

    private static IEnumerable<LocalDate> Dates()
    {
        for (var date = First; date <= Last; date = date.PlusDays(1)) yield return date;
    }

    /// <summary>The first instant whose wall clock says so; where none does, the end of the gap.</summary>
    private static Instant Fire(List<ZoneInterval> intervals, LocalDateTime wall)
    {
        foreach (var interval in Near(intervals, wall))
        {
            var at = wall.WithOffset(interval.WallOffset).ToInstant();
            if (at < (interval.HasStart ? interval.Start : Instant.MinValue)) return interval.Start; // later than the one before, earlier than this one
            if (!interval.HasEnd || at < interval.End) return at;
        }
        throw new InvalidOperationException($"no interval for {wall}");
    }

    /// <summary>From the last interval that began days before on.</summary>
    private static IEnumerable<ZoneInterval> Near(List<ZoneInterval> intervals, LocalDateTime wall)
    {
        int low = 0, high = intervals.Count - 1;
        var bound = wall.InUtc().ToInstant() - Duration.FromDays(2);
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (intervals[middle].HasStart && intervals[middle].Start > bound) high = middle - 1;
            else low = middle;
        }
        return intervals.Skip(low);
    }

    /// <summary>Minute by minute over the hours about a change; a minute that the wall clock skips fires at the gap's end.</summary>
    private static IEnumerable<DateTimeOffset> HalfHours(DateTimeZone zone, Instant change)
    {
        int offset = zone.GetUtcOffset(change - Duration.FromHours(6)).Seconds;
        for (var at = change - Duration.FromHours(6); at < change + Duration.FromHours(6); at += Duration.FromMinutes(1))
        {
            var local = at.InZone(zone).LocalDateTime;
            int skipped = (zone.GetUtcOffset(at).Seconds - offset) / 60;
            offset = zone.GetUtcOffset(at).Seconds;
            if (local.Minute % 30 == 0 || Enumerable.Range(1, Math.Max(0, skipped)).Any(minutes => local.PlusMinutes(-minutes).Minute % 30 == 0)) yield return at.ToDateTimeOffset();
        }
    }

    private static IEnumerable<(DateTimeZone Zone, Instant At)> Changes() => Zones.SelectMany(zone => zone.GetZoneIntervals(From, To).Where(interval => interval.HasStart && interval.Start > From).Where((_, index) => IsLong || index % 3 == 0).Select(interval => (zone, interval.Start)));

    private static string Rules(DateTimeZone zone) => string.Join(' ', zone.GetZoneIntervals(From, To).Select(interval => $"{(interval.HasStart ? interval.Start.ToUnixTimeSeconds() : 0)}{interval.WallOffset}"));
}
