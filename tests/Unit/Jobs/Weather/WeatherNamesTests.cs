using Etl.Jobs.Weather;

namespace Etl.Tests.Unit.Jobs.Weather;

public sealed class WeatherNamesTests
{
    [Fact]
    public void The_usual_names_are_good_and_the_DAG_uses_those_it_is_given()
    {
        new WeatherNames().Faults().ShouldBeEmpty();
        var dag = new MainDag(new() { HourlyTopic = "H.1", DailyTable = "Tage" }).Define();
        dag.Steps.OfType<Etl.Contracts.Workflow.LandStep>().Select(land => (land.Topic, land.Dataset)).ShouldBe([("H.1", "hourlymetrics"), ("dailymetrics", "dailymetrics")]);
        dag.Steps.OfType<Etl.Contracts.Workflow.PublishStep>().Select(publish => publish.Table).Distinct().ShouldBe(["hourlydata", "Tage"]);
    }

    [Fact]
    public void Names_that_a_broker_or_a_database_refuses_are_told()
    {
        new WeatherNames { HourlyTopic = "a b" }.Faults().ShouldHaveSingleItem().ShouldStartWith("hourlyTopic: found \"a b\"");
        new WeatherNames { DailyTopic = ".." }.Faults().ShouldHaveSingleItem().ShouldStartWith("dailyTopic: found \"..\"");
        new WeatherNames { HourlyTable = "x; drop table y" }.Faults().ShouldHaveSingleItem().ShouldStartWith("hourlyTable: ");
        new WeatherNames { DailyTopic = "hourlymetrics" }.Faults().ShouldHaveSingleItem().ShouldContain("the topic of hours");
        new WeatherNames { DailyTable = "HourlyData" }.Faults().ShouldHaveSingleItem().ShouldContain("the table of hours");
    }
}
