using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Planning;
using static Etl.Tests.Unit.Scheduler.TruckDag;

namespace Etl.Tests.Unit.Scheduler.Planning;

public sealed class PlannerTests
{
    [Theory]
    [InlineData("UTC", "07:00")]
    [InlineData("Europe/Berlin", "07:00")]
    [InlineData("Asia/Kolkata", "06:30 07:30")]
    [InlineData("Asia/Kathmandu", "06:15 07:15")]
    [InlineData("America/St_Johns", "06:30 07:30")]
    public void A_UTC_hour_of_events_touches_every_hour_of_the_zone_that_it_meets(string zone, string starts) =>
        string.Join(' ', Touched(new(zone), "events", Utc(3, 1, 7)).Select(slot => slot.Window.Start.ToString("HH:mm", null))).ShouldBe(starts);

    [Theory]
    [InlineData("Asia/Kolkata", 18, 2)] // midnight there is 18:30 UTC
    [InlineData("Asia/Kolkata", 17, 1)]
    [InlineData("UTC", 23, 1)]
    public void Events_around_midnight_touch_both_days_that_are_built_from_them(string zone, int hour, int days)
    {
        var dag = new Dag("days") { Zone = zone };
        var events = dag.Land(topic: "Events", time: "at");
        dag.Build("daily", Grain.Day, "daily.sql", from: events, key: []);
        new Planner(dag, _ => true).Readers("events", Utc(3, 1, hour)).Count().ShouldBe(days);
    }

    [Theory]
    [InlineData(3, 29, 23)]
    [InlineData(3, 30, 24)]
    [InlineData(10, 25, 25)]
    public void All_hours_of_a_day_touch_its_one_slot_also_where_the_clocks_change(int month, int day, int hours)
    {
        var truck = new TruckDag("Europe/Berlin");
        var window = truck.Dag.Calendar.Day(new(2026, month, day));
        var starts = truck.Dag.Calendar.HoursOf(window).Select(hour => hour.Start).ToList();
        starts.Count.ShouldBe(hours);
        starts.SelectMany(start => Touched(truck, "hourly", start)).Where(slot => slot.Step == truck.Daily.FullName).Distinct().ShouldBe([new(truck.Daily.FullName, window)]);
        starts.SelectMany(start => Touched(truck, "events", start)).Distinct().Select(slot => slot.Window.Start).ShouldBe(starts);
    }

    [Fact]
    public void Where_the_offset_moves_by_half_an_hour_both_cut_hours_are_touched_and_read_their_UTC_hour()
    {
        var truck = new TruckDag("Australia/Lord_Howe"); // back by 30 min at 15:00 UTC of 2026-04-04
        Touched(truck, "events", Utc(4, 4, 14)).Concat(Touched(truck, "events", Utc(4, 4, 15))).Distinct()
            .Select(slot => $"{slot.Window.Start:HH:mm}-{slot.Window.End:HH:mm}").ShouldBe(["14:00-15:00", "15:00-15:30", "15:30-16:30"]);
        new Planner(truck.Dag, _ => true).InputsOf(truck.Slot(truck.Hourly, Utc(4, 4, 15, 40))).ShouldBe([new SlotInput("events", Utc(4, 4, 15), Utc(4, 4, 16, 30))]);
    }

    [Fact]
    public void A_change_of_a_result_touches_its_day_its_check_and_its_publish()
    {
        var truck = new TruckDag();
        Touched(truck, "hourly", Utc(3, 1, 7)).ShouldBe([truck.Slot(truck.Daily, Utc(3, 1, 0)), truck.Slot(truck.Check, Utc(3, 1, 7)), truck.Slot(truck.Publish, Utc(3, 1, 7))], ignoreOrder: true);
        Touched(truck, "daily", Utc(3, 1, 0)).ShouldBeEmpty();
        Touched(truck, "of another DAG", Utc(3, 1, 0)).ShouldBeEmpty();
    }

    [Fact]
    public void A_slot_waits_for_the_steps_that_it_reads_and_its_frontier_is_the_events()
    {
        var truck = new TruckDag();
        var planner = new Planner(truck.Dag, _ => true);
        planner.WaitsFor(truck.Slot(truck.Hourly, Utc(3, 1, 7))).ShouldBeEmpty();
        planner.WaitsFor(truck.Slot(truck.Daily, Utc(3, 1, 7))).ShouldBe([truck.Hourly]);
        planner.WaitsFor(truck.Slot(truck.Publish, Utc(3, 1, 7))).ShouldBe([truck.Hourly, truck.Check]);
        planner.LandsOf(truck.Slot(truck.Publish, Utc(3, 1, 7))).ShouldBe([truck.Events]);
        planner.LandsOf(truck.Slot(truck.Daily, Utc(3, 1, 7))).ShouldBe([truck.Events]);
        planner.InputsOf(truck.Slot(truck.Daily, Utc(3, 1, 7))).ShouldBe([new SlotInput("hourly", Utc(3, 1, 0), Utc(3, 2, 0))]);
    }

    [Fact]
    public void Steps_that_cannot_run_here_have_no_slots_and_are_not_waited_for()
    {
        var truck = new TruckDag();
        var planner = new Planner(truck.Dag, step => step is not (CheckStep or PublishStep));
        planner.WindowSteps.ShouldBe([truck.Hourly, truck.Daily]);
        planner.Readers("hourly", Utc(3, 1, 7)).Select(slot => slot.Step).ShouldBe([truck.Daily.FullName]);
        new Planner(truck.Dag, step => step is not CheckStep).WaitsFor(truck.Slot(truck.Publish, Utc(3, 1, 7))).ShouldBe([truck.Hourly]);
    }

    [Fact]
    public void Another_set_of_steps_reads_the_commits_anew_and_the_same_set_goes_on()
    {
        var truck = new TruckDag();
        string all = new Planner(truck.Dag, _ => true).Cursor, unpublished = new Planner(truck.Dag, step => step is not PublishStep).Cursor;
        new Planner(new TruckDag("Asia/Kolkata").Dag, _ => true).Cursor.ShouldBe(all);
        unpublished.ShouldNotBe(all);
        truck.Dag.Publish(truck.Daily, to: [Sink]);
        new Planner(truck.Dag, _ => true).Cursor.ShouldNotBe(all);
        new Planner(truck.Dag, step => step is not PublishStep).Cursor.ShouldBe(unpublished);
    }

    private static List<SlotId> Touched(TruckDag truck, string dataset, DateTimeOffset start) => [.. new Planner(truck.Dag, _ => true).Readers(dataset, start)];
}
