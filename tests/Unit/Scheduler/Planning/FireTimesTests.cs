using Etl.Contracts.Workflow;
using Etl.Scheduler.Planning;

namespace Etl.Tests.Unit.Scheduler.Planning;

public sealed class FireTimesTests
{
    [Theory]
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-29T01:00Z 2026-03-30T00:30Z")] // skipped: at the gap's end
    [InlineData("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T00:30Z 2026-10-26T01:30Z")] // repeated: once, the first pass
    [InlineData("30 * * * *", "Europe/Berlin", "2026-10-24T23:45Z", "2026-10-25T00:30Z 2026-10-25T01:30Z 2026-10-25T02:30Z")] // each hour: in both passes
    [InlineData("30 1 * * *", "Europe/Dublin", "2026-03-28T12:00Z", "2026-03-29T01:00Z 2026-03-30T00:30Z")] // where TimeZoneInfo sticks
    [InlineData("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00Z", "2026-10-03T15:30Z 2026-10-04T15:15Z")] // a gap of 30 minutes
    [InlineData("0 12 * * *", "Pacific/Apia", "2011-12-29T12:00Z", "2011-12-29T22:00Z 2011-12-30T10:00Z 2011-12-30T22:00Z")] // a date skipped as a whole
    [InlineData("0 9 29 2 *", "UTC", "2026-03-01T00:00Z", "2028-02-29T09:00Z 2032-02-29T09:00Z")]
    [InlineData("0 6 * * MON-FRI", "Asia/Kolkata", "2026-03-06T00:00Z", "2026-03-06T00:30Z 2026-03-09T00:30Z")]
    public void Cron_goes_by_the_wall_clock_of_its_zone(string cron, string zone, string after, string fires)
    {
        var times = new FireTimes(Schedule.Cron(cron), zone);
        var wanted = fires.Split(' ').Select(At).ToList();
        times.Between(At(after), wanted[^1]).ShouldBe(wanted);
        for (int index = 0; index < wanted.Count; index++)
        {
            times.Last(wanted[index]).ShouldBe(wanted[index]);
            if (index > 0) times.Last(wanted[index].AddTicks(-1)).ShouldBe(wanted[index - 1]);
        }
    }

    [Fact]
    public void An_interval_counts_from_the_epoch()
    {
        var times = new FireTimes(Schedule.Every(TimeSpan.FromHours(7)), "Europe/Berlin");
        var at = At("2026-03-01T12:00Z");
        var next = times.Next(at)!.Value;
        ((next - DateTimeOffset.UnixEpoch).Ticks % TimeSpan.FromHours(7).Ticks).ShouldBe(0);
        (next - at).ShouldBeLessThanOrEqualTo(TimeSpan.FromHours(7));
        times.Next(next).ShouldBe(next.AddHours(7));
        times.Last(next).ShouldBe(next);
        times.Last(next.AddTicks(-1)).ShouldBe(next.AddHours(-7));
        times.Last(DateTimeOffset.UnixEpoch.AddHours(-1)).ShouldBe(DateTimeOffset.UnixEpoch.AddHours(-7));
    }

    [Fact]
    public void A_manual_schedule_never_fires()
    {
        var times = new FireTimes(Schedule.Manual, "UTC");
        times.Next(At("2026-03-01T12:00Z")).ShouldBeNull();
        times.Last(At("2026-03-01T12:00Z")).ShouldBeNull();
    }

    [Theory]
    [InlineData("30 6 * *", "4 fields")]
    [InlineData("0 30 6 * * *", "6 fields")]
    [InlineData("@daily", "1 fields")]
    [InlineData("61 6 * * *", "61 6 * * *")]
    [InlineData("0 0 30 2 *", "no day ever fits")]
    [InlineData("", "0 fields")]
    public void A_bad_cron_is_refused_where_it_is_written(string cron, string found) =>
        Should.Throw<ArgumentException>(() => new Dag("main") { Schedule = Schedule.Cron(cron) }).Message.ShouldSatisfyAllConditions(
            message => message.ShouldContain(found), message => message.ShouldContain("five cron fields"));

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
