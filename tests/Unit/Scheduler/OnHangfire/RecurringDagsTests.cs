using Etl.Contracts.Workflow;
using Etl.Scheduler.OnHangfire;

namespace Etl.Tests.Unit.Scheduler.OnHangfire;

public sealed class RecurringDagsTests
{
    private const string Never = "0 0 31 2 *";

    [Theory]
    [InlineData(1, "*/1 * * * *")]
    [InlineData(15, "*/15 * * * *")]
    [InlineData(25, Never)]
    [InlineData(60, "0 */1 * * *")]
    [InlineData(360, "0 */6 * * *")]
    [InlineData(420, Never)]
    [InlineData(1_440, "0 0 * * *")]
    [InlineData(2_880, Never)]
    public void An_interval_is_shown_as_cron_where_there_is_one(int minutes, string cron) => RecurringDags.CronOf(Schedule.Every(TimeSpan.FromMinutes(minutes))).ShouldBe(cron);

    [Fact]
    public void A_manual_dag_never_rings_and_a_cron_rings_as_it_says()
    {
        RecurringDags.CronOf(Schedule.Manual).ShouldBe(Never);
        RecurringDags.CronOf(Schedule.Cron("30 6 * * MON-FRI")).ShouldBe("30 6 * * MON-FRI");
        RecurringDags.CronOf(Schedule.Every(TimeSpan.FromSeconds(90))).ShouldBe(Never);
    }

    [Fact]
    public void The_page_shows_no_cron_where_there_is_none()
    {
        DagLines.CronOf(Schedule.Manual).ShouldBe("manual");
        DagLines.CronOf(Schedule.Every(TimeSpan.FromSeconds(90))).ShouldBe("interval");
        DagLines.CronOf(Schedule.Every(TimeSpan.FromMinutes(15))).ShouldBe("*/15 * * * *");
        DagLines.CronOf(Schedule.Cron("30 6 * * MON-FRI")).ShouldBe("30 6 * * MON-FRI");
    }
}
