using Etl.Contracts.Time;

namespace Etl.Tests.Unit.Contracts.Time;

public sealed class WindowCalendarTests
{
    private static readonly WindowCalendar Berlin = WindowCalendar.Of("Europe/Berlin");

    [Theory]
    [InlineData(2026, 3, 1, 24)]
    [InlineData(2026, 3, 29, 23)]
    [InlineData(2026, 10, 25, 25)]
    public void A_day_is_its_hours(int year, int month, int date, int hours)
    {
        var day = Berlin.Day(new DateOnly(year, month, date));
        var list = Berlin.HoursOf(day).ToList();
        list.Count.ShouldBe(hours);
        list[0].Start.ShouldBe(day.Start);
        list[^1].End.ShouldBe(day.End);
        list.Zip(list.Skip(1)).ShouldAllBe(pair => pair.First.End == pair.Second.Start);
    }

    [Fact]
    public void A_half_hour_shift_cuts_an_hour_in_two()
    {
        var lordHowe = WindowCalendar.Of("Australia/Lord_Howe");
        var day = lordHowe.Day(new DateOnly(2026, 4, 5)); // clocks go back by 30 minutes
        (day.End - day.Start).ShouldBe(TimeSpan.FromHours(24.5));
        lordHowe.HoursOf(day).Count(hour => hour.End - hour.Start == TimeSpan.FromMinutes(30)).ShouldBe(1);
    }

    [Fact]
    public void Hours_of_a_zone_off_the_full_hour_begin_at_its_own_full_hours() =>
        WindowCalendar.Of("Asia/Kolkata").HourOf(new DateTimeOffset(2026, 3, 1, 7, 45, 0, TimeSpan.Zero)).ToString().ShouldBe("2026-03-01T07:30Z");

    [Fact]
    public void A_day_the_zone_skipped_is_refused_and_the_day_before_ends_where_the_next_begins()
    {
        var apia = WindowCalendar.Of("Pacific/Apia");
        Should.Throw<ArgumentException>(() => apia.Day(new DateOnly(2011, 12, 30)));
        apia.Day(new DateOnly(2011, 12, 29)).End.ShouldBe(apia.Day(new DateOnly(2011, 12, 31)).Start);
    }

    [Fact]
    public void Every_hour_of_ten_years_follows_the_one_before_in_every_zone_tried()
    {
        foreach (string zone in (string[])["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tehran"])
        {
            var calendar = WindowCalendar.Of(zone);
            var expected = new DateTimeOffset(2016, 1, 1, 0, 0, 0, TimeSpan.Zero);
            foreach (var hour in calendar.Between(Grain.Hour, expected, expected.AddYears(1)))
            {
                if (hour.Start > expected) hour.Start.ShouldBe(expected, zone);
                expected = hour.End;
            }
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, -3_600_000_000)]
    [InlineData(3_599_999_999, 0)]
    [InlineData(3_600_000_000, 3_600_000_000)]
    public void The_hour_of_an_instant_is_its_floor_also_before_1970(long micros, long hour) => Micros.HourOf(micros).ShouldBe(hour);
}
