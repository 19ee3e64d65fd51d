using Etl.Contracts.Workflow;
using Etl.Scheduler.Planning;

namespace Etl.Tests.Unit.Scheduler.Planning;

public sealed class DueFiresTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Each_fire_since_the_last_plan_is_a_run_of_the_time_since_the_fire_before()
    {
        var runs = DueFires.Of(Daily(CatchUp.All), Noon.AddDays(-2), Noon, "1.0");
        runs.Select(run => (run.Fire, run.From, run.To, run.Lane, run.Kind)).ShouldBe(
        [
            (Six(10), Six(9), Six(10), Lane.Backfill, RunKind.Scheduled), (Six(9), Six(8), Six(9), Lane.Backfill, RunKind.Scheduled),
        ]);
    }

    [Fact]
    public void A_fire_on_time_is_live_whatever_the_catch_up()
    {
        foreach (var catchUp in (CatchUp[])[CatchUp.None, CatchUp.Last, CatchUp.All, CatchUp.AllWithin(TimeSpan.FromMinutes(1))])
        {
            var run = DueFires.Of(Daily(catchUp), Six(9), Six(10).AddMinutes(3), "1.0").ShouldHaveSingleItem();
            (run.Fire, run.Lane).ShouldBe((Six(10), Lane.Live));
        }
    }

    [Theory]
    [InlineData("none", 0)]
    [InlineData("last", 1)]
    [InlineData("all", 20)]
    [InlineData("within", 3)]
    public void Catch_up_says_what_becomes_of_missed_fires(string kind, int count)
    {
        var catchUp = kind switch { "none" => CatchUp.None, "last" => CatchUp.Last, "all" => CatchUp.All, _ => CatchUp.AllWithin(TimeSpan.FromDays(3)) };
        var runs = DueFires.Of(Daily(catchUp), Noon.AddDays(-20), Noon, "1.0");
        runs.Count.ShouldBe(count);
        if (count > 0) runs[0].Fire.ShouldBe(Six(10), "the newest first");
        runs.Zip(runs.Skip(1)).ShouldAllBe(pair => pair.First.From == pair.Second.To);
    }

    [Fact]
    public void A_new_schedule_begins_now_unless_its_catch_up_says_from_when()
    {
        DueFires.Of(Daily(CatchUp.All), null, Noon, "1.0").ShouldBeEmpty();
        DueFires.Of(Daily(CatchUp.None), null, Noon, "1.0").ShouldBeEmpty();
        DueFires.Of(Daily(CatchUp.Last), null, Noon, "1.0").ShouldHaveSingleItem().Fire.ShouldBe(Six(10));
        DueFires.Of(Daily(CatchUp.AllWithin(TimeSpan.FromDays(2))), null, Noon, "1.0").Select(run => run.Fire).ShouldBe([Six(10), Six(9)]);
    }

    [Fact]
    public void Of_too_many_the_newest_are_planned()
    {
        var dag = new Dag("busy") { Schedule = Schedule.Every(TimeSpan.FromSeconds(10)) };
        var runs = DueFires.Of(dag, Noon.AddDays(-3), Noon, "1.0");
        (runs.Count, runs[0].Fire, runs[^1].Fire).ShouldBe((DueFires.RunsMax, Noon, Noon.AddSeconds(-10 * (DueFires.RunsMax - 1))));
    }

    private static Dag Daily(CatchUp catchUp) => new("main") { Zone = "Europe/Berlin", Schedule = Schedule.Cron("0 7 * * *"), CatchUp = catchUp };

    private static DateTimeOffset Six(int date) => new(2026, 3, date, 6, 0, 0, TimeSpan.Zero);
}
