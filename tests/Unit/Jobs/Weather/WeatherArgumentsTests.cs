using Etl.Contracts.Workflow;
using Etl.Jobs.Weather;
using Etl.Sources.Weather;

namespace Etl.Tests.Unit.Jobs.Weather;

public sealed class WeatherArgumentsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 29, 22, 30, 0, TimeSpan.Zero); // 00:30 of the 30th in Berlin
    private static readonly Dag Main = new MainDag(new()).Define();
    private static readonly Dag Historic = new HistoricMainDag(Main).Define();

    [Fact]
    public void Without_dates_main_asks_for_today_and_its_lookback_again_all_places_together()
    {
        var call = Good(Main);
        call.Again.ShouldBeTrue();
        var request = call.Polls.ShouldHaveSingleItem();
        request.Step.FullName.ShouldBe("main/poll_weather");
        request.Days.Select(day => day.ToString()).ShouldBe(["2026-03-23", "2026-03-24", "2026-03-25", "2026-03-26", "2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30"]);
        request.Days.Sum(day => (day.End - day.Start).TotalHours).ShouldBe(8 * 24 - 1, "the 29th has 23 hours");
        WeatherAsk.Parse(request.Key).Places.ShouldBe(WeatherDefaults.Places, ignoreOrder: true);
        WeatherAsk.Parse(request.Key).Hourly.ShouldBe([.. WeatherDefaults.Hourly, HourlyVariables.WeatherCode], ignoreOrder: true);
    }

    [Fact]
    public void History_asks_for_each_place_alone_both_dates_included()
    {
        var call = Good(Historic, ("start_date", "2024-03-25"), ("end_date", "2024-04-05"));
        call.Again.ShouldBeFalse();
        call.Polls.Count.ShouldBe(5);
        call.Polls.ShouldAllBe(request => request.Step.FullName == "historic_main/poll_archive" && request.Days.Count == 12 && WeatherAsk.Parse(request.Key).Places.Count == 1);
        call.Polls.Sum(request => request.Days.Sum(day => (day.End - day.Start).TotalHours)).ShouldBe(1_435);
    }

    [Fact]
    public void A_place_more_leaves_the_slots_of_the_others_as_they_were()
    {
        var few = Good(Historic, ("start_date", "2024-03-25"), ("end_date", "2024-03-26"), ("latitudes", "52.5,48.1"), ("longitudes", "13.4,11.5"));
        var more = Good(Historic, ("start_date", "2024-03-25"), ("end_date", "2024-03-26"), ("latitudes", "60,52.5,48.1"), ("longitudes", "10,13.4,11.5"));
        more.Polls.Select(request => request.Key).Intersect(few.Polls.Select(request => request.Key)).Count().ShouldBe(2);
    }

    [Fact]
    public void The_texts_of_a_call_give_that_call_again()
    {
        var call = Good(Historic, ("start_date", "2024-03-25"), ("end_date", "2024-03-26"), ("hourly", "rain"), ("daily", "rain_sum,weather_code"));
        Good(Historic, [.. call.Texts.Select(text => (text.Key, text.Value))]).Polls.Select(request => request.Key).ShouldBe(call.Polls.Select(request => request.Key));
    }

    [Fact]
    public void Every_parameter_is_described_and_none_else_is_taken()
    {
        Historic.Arguments!.Parameters.Select(parameter => parameter.Name).ShouldBe(WeatherParameters.Names, ignoreOrder: true);
        foreach (var parameter in Main.Arguments!.Parameters.Where(parameter => parameter.Default.Length > 0)) Good(Main, (parameter.Name == "latitudes" ? "hourly" : "daily", parameter.Name == "latitudes" ? "rain" : ""));
        Faults(Main, ("city", "Berlin")).ShouldHaveSingleItem().ShouldContain("found \"city\", expected one of");
    }

    [Fact]
    public void All_that_is_wrong_is_told()
    {
        Faults(Historic).ShouldBe(["start_date, end_date: are missing, expected both, such as 2024-01-01 and 2024-03-31"]);
        Faults(Historic, ("start_date", "2026-03-01"), ("end_date", "2026-03-31")).ShouldBe(["end_date: 2026-03-31 is after today, 2026-03-30 in Europe/Berlin"]);
        Faults(Historic, ("start_date", "2024-02-30"), ("end_date", "2024-03-31"), ("latitudes", "1,2"), ("longitudes", "3")).Count.ShouldBe(2);
        string many = string.Join(',', Enumerable.Range(0, 100).Select(number => number / 10.0));
        Faults(Historic, ("start_date", "2000-01-01"), ("end_date", "2019-12-31"), ("latitudes", many), ("longitudes", many)).ShouldHaveSingleItem().ShouldContain("at most 500,000 in one call");
    }

    [Fact]
    public void Texts_that_are_kept_for_later_calls_may_lack_dates_and_nothing_that_they_hold_may_be_wrong()
    {
        IReadOnlyList<string> Check(params (string Name, string Text)[] texts) => Historic.Arguments!.Check(Historic, texts.ToDictionary(text => text.Name, text => text.Text), Now);
        Check(("latitudes", "46.56"), ("longitudes", "8.56")).ShouldBeEmpty();
        Check(("latitudes", "46.56"), ("longitudes", "8.56"), ("hourly", "rian")).ShouldHaveSingleItem().ShouldContain("nearest: rain");
        Check(("start_date", "2024-01-01")).ShouldBe(["end_date: is missing, expected both dates or neither"]);
        Check(("start_date", "2026-03-01"), ("end_date", "2026-03-31")).ShouldHaveSingleItem().ShouldContain("is after today");
        Check(("latitudes", "46.56")).ShouldHaveSingleItem().ShouldContain("longitudes: is missing");
    }

    private static DagCall Good(Dag dag, params (string Name, string Text)[] texts)
    {
        var call = dag.Arguments!.Read(dag, texts.ToDictionary(text => text.Name, text => text.Text), Now, out var faults);
        faults.ShouldBeEmpty();
        return call.ShouldNotBeNull();
    }

    private static IReadOnlyList<string> Faults(Dag dag, params (string Name, string Text)[] texts)
    {
        dag.Arguments!.Read(dag, texts.ToDictionary(text => text.Name, text => text.Text), Now, out var faults).ShouldBeNull();
        return faults;
    }
}
