using Etl.Contracts.Time;
using Etl.Contracts.Workflow;


namespace Etl.Tests.Unit.Contracts.Workflow;

using Sinks = Etl.Jobs.Sinks; // inside the namespace: outside it Etl.Sinks, a namespace, would be found first

public sealed class DagTests
{
    /// <summary>The example of the design, as it stands there.</summary>
    public sealed class TrucksDag : IDagSource
    {
        public Dag Define()
        {
            var dag = new Dag("trucks") { Zone = "Europe/Berlin", CatchUp = CatchUp.AllWithin(TimeSpan.FromDays(30)) };
            var events = dag.Land(topic: "Truck-Data", time: "timestamp", identity: ["truck_id", "sequence"], lateness: TimeSpan.FromMinutes(10));
            var hourly = dag.Build("truck_hourly", Grain.Hour, "hourly.sql", from: events, key: ["truck_id"]);
            var daily = dag.Build("truck_daily", Grain.Day, "daily.sql", from: hourly, key: ["truck_id"]);
            dag.Check(hourly, "hourly.checks.sql"); // a query that must return no row; gates every publish below
            dag.Publish(hourly, to: [Sinks.MySql, Sinks.Cassandra]);
            dag.Publish(daily, to: [Sinks.MySql, Sinks.Cassandra]);
            return dag;
        }
    }

    [Fact]
    public void The_example_of_the_design_defines_its_steps_in_order() =>
        new TrucksDag().Define().Steps.Select(step => step.Name).ShouldBe(
        [
            "land_truck_data", "truck_hourly", "truck_daily", "check_truck_hourly",
            "publish_truck_hourly_mysql", "publish_truck_hourly_cassandra", "publish_truck_daily_mysql", "publish_truck_daily_cassandra",
        ]);

    [Fact]
    public void A_publish_reads_the_result_and_its_checks() =>
        new TrucksDag().Define().Steps.OfType<PublishStep>().First().Inputs.Select(step => step.Name).ShouldBe(["truck_hourly", "check_truck_hourly"]);

    [Fact]
    public void Two_steps_of_one_name_are_refused()
    {
        var dag = new Dag("trucks");
        var events = dag.Land("Truck-Data", "timestamp");
        dag.Build("hourly", Grain.Hour, "hourly.sql", events, ["truck_id"]);
        Should.Throw<ArgumentException>(() => dag.Build("hourly", Grain.Hour, "other.sql", events, ["truck_id"])).Message.ShouldContain("two steps are called \"hourly\"");
    }

    [Fact]
    public void A_step_of_another_dag_cannot_be_read()
    {
        var events = new Dag("trucks").Land("Truck-Data", "timestamp");
        Should.Throw<ArgumentException>(() => new Dag("other").Build("hourly", Grain.Hour, "hourly.sql", events, ["truck_id"])).Message.ShouldContain("of another DAG");
    }

    [Theory]
    [InlineData("Trucks")]
    [InlineData("")]
    [InlineData("trücks")]
    [InlineData("1truck")]
    public void A_name_that_could_not_be_a_table_s_is_refused(string name) => Should.Throw<ArgumentException>(() => new Dag(name));

    [Fact]
    public void A_limit_outside_its_range_or_where_it_means_nothing_is_refused()
    {
        var dag = new Dag("trucks");
        var events = dag.Land("Truck-Data", "timestamp");
        var hourly = dag.Build("hourly", Grain.Hour, "hourly.sql", events, ["truck_id"]).Within(new() { Time = TimeSpan.FromMinutes(90), MemoryMegabytes = 2_000 });
        hourly.Limits.ToString().ShouldBe("90 min, 2,000 MB");
        hourly.Limits.Or(new() { Time = TimeSpan.FromHours(1) }).Time.ShouldBe(TimeSpan.FromMinutes(90));
        hourly.Within(new() { Retry = new() { AttemptsMax = 3, FirstDelay = TimeSpan.FromMinutes(5) } }).Limits.ToString().ShouldBe("3 attempts from 5 min");
        hourly.Within(new() { Retry = new() { AttemptsMax = 1 } }).Limits.Or(new() { Retry = new() }).ToString().ShouldBe("1 attempt");
        Should.Throw<ArgumentException>(() => new StepLimits { Retry = new() { AttemptsMax = 0 } }).Message.ShouldContain("retry.attemptsMax: 0 is outside 1 to 100");
        dag.Publish(hourly, [new("one"), new("two")]).Within(new() { Time = TimeSpan.FromSeconds(1.5) }).Select(step => step.Limits.ToString()).ShouldBe(["1.5 s", "1.5 s"]);
        Should.Throw<ArgumentException>(() => events.Within(new() { Time = TimeSpan.FromHours(1) })).Message.ShouldContain("lands without end");
        Should.Throw<ArgumentException>(() => dag.Poll("fetch", "weather", events).Within(new() { MemoryMegabytes = 64 })).Message.ShouldContain("runs no SQL");
        Should.Throw<ArgumentException>(() => new StepLimits { Time = TimeSpan.FromHours(25) }).Message.ShouldContain("outside 00:00:01 to 1.00:00:00");
        Should.Throw<ArgumentException>(() => new StepLimits { MemoryMegabytes = 63 }).Message.ShouldContain("outside 64 to");
    }

    [Fact]
    public void An_unknown_zone_is_refused_by_name() =>
        Should.Throw<ArgumentException>(() => new Dag("trucks") { Zone = "Europe/Berlinn" }).Message.ShouldContain("\"Europe/Berlinn\"");
}
