using Etl.Cli.Settings;
using Etl.Cli.Why;
using Etl.Contracts.Time;

namespace Etl.Tests.Unit.Cli.Why;

public sealed class WindowTextTests
{
    private static readonly WindowCalendar Berlin = WindowCalendar.Of("Europe/Berlin");

    [Theory]
    [InlineData("2026-03-01T06:00Z", "2026-03-01T06:00Z")]
    [InlineData("2026-03-01T06Z", "2026-03-01T06:00Z")]
    [InlineData("2026-03-01T06:59:59Z", "2026-03-01T06:00Z")]
    [InlineData("2026-03-01T07:00+01:00", "2026-03-01T06:00Z")]
    public void An_instant_is_the_hour_that_holds_it(string text, string hour) => WindowText.Parse(text, Grain.Hour, Berlin, "d").ToString().ShouldBe(hour);

    [Fact]
    public void A_date_is_the_day_of_the_zone()
    {
        var day = WindowText.Parse("2026-03-29", Grain.Day, Berlin, "d");
        day.Start.ShouldBe(new DateTimeOffset(2026, 3, 28, 23, 0, 0, TimeSpan.Zero));
        (day.End - day.Start).ShouldBe(TimeSpan.FromHours(23)); // the clocks went forward
    }

    [Theory]
    [InlineData("2026-03-01", Grain.Hour, "2026-03-01T06:00Z")]
    [InlineData("2026-03-01T23:30Z", Grain.Day, "2026-03-02")]
    [InlineData("yesterday", Grain.Day, "2026-03-01")]
    [InlineData("2026-02-30", Grain.Day, "expected a date")]
    [InlineData("", Grain.Hour, "expected an instant")]
    public void What_is_no_window_of_the_grain_is_refused_with_an_example(string text, Grain grain, string example) =>
        Should.Throw<UsageException>(() => WindowText.Parse(text, grain, Berlin, "d")).Message.ShouldContain(example);
}
