using Etl.Cli.Output;
using Etl.Contracts.Workflow;

namespace Etl.Tests.Unit.Cli.Output;

public sealed class ScheduleTextTests
{
    [Theory]
    [InlineData("0 6 * * *", "daily at 06:00")]
    [InlineData("5 * * * *", "each hour at :05")]
    [InlineData("*/15 * * * *", "every 15 minutes")]
    [InlineData("* * * * *", "every minute")]
    [InlineData("0 */6 * * *", "every 6 hours at :00")]
    [InlineData("30 18 * * MON-FRI", "Monday to Friday at 18:30")]
    [InlineData("30 18 * * 0", "each Sunday at 18:30")]
    [InlineData("0 0 1 * *", "on day 1 of each month at 00:00")]
    [InlineData("0 0 1 JAN *", "cron 0 0 1 JAN *")]
    [InlineData("0 8-18 * * *", "cron 0 8-18 * * *")]
    [InlineData("0 0 * * 5L", "cron 0 0 * * 5L")]
    [InlineData("0 0 * * MON,FRI", "cron 0 0 * * MON,FRI")]
    public void Common_crons_are_said_in_words_and_others_as_they_are(string cron, string text) => ScheduleText.Cron(cron).ShouldBe(text);

    [Fact]
    public void A_schedule_names_its_zone_and_an_interval_its_length()
    {
        ScheduleText.Of(new Dag("main") { Zone = "Europe/Berlin", Schedule = Schedule.Cron("0 6 * * *") }).ShouldBe("daily at 06:00 (Europe/Berlin)");
        ScheduleText.Of(new Dag("main") { Schedule = Schedule.Every(TimeSpan.FromMinutes(90)) }).ShouldBe("every 90 minutes");
        ScheduleText.Of(new Dag("main")).ShouldBe("when triggered");
        ScheduleText.CatchUpOf(CatchUp.AllWithin(TimeSpan.FromDays(1))).ShouldBe("missed fires run later if not older than 1 day");
    }
}
