using Etl.Contracts.Workflow;
using Etl.Jobs.Weather;
using Etl.Sources.Weather;

namespace Etl.Tests.Unit.Jobs.Weather;

public sealed class WeatherAskTests
{
    [Fact]
    public void The_text_tells_places_and_variables_and_the_hours_that_days_are_made_of() =>
        new WeatherAsk([new(52.5244, 13.4105), new(48.1374, 11.5755)], [HourlyVariables.Rain], [DailyVariables.TemperatureMax, DailyVariables.RainSum]).ToString()
            .ShouldBe("48.1374,11.5755;52.5244,13.4105 hourly=temperature_2m,rain daily=temperature_2m_max,rain_sum");

    [Fact]
    public void The_order_in_which_things_were_given_makes_no_other_text() =>
        new WeatherAsk(WeatherDefaults.Places.Reverse(), [.. WeatherDefaults.Hourly.Reverse()], WeatherDefaults.Daily).ToString()
            .ShouldBe(new WeatherAsk(WeatherDefaults.Places, WeatherDefaults.Hourly, WeatherDefaults.Daily).ToString());

    [Fact]
    public void What_the_text_tells_is_asked_again_from_it_alone()
    {
        var random = new Random(1);
        for (int turn = 0; turn < 200; turn++)
        {
            var places = Enumerable.Range(0, random.Next(1, 6)).Select(_ => new Place(random.NextDouble() * 180 - 90, Math.Round(random.NextDouble() * 360 - 180, 4))).ToList();
            var hourly = HourlyVariables.All.Where(_ => random.Next(3) == 0).Append(HourlyVariables.Temperature).ToList();
            var daily = DailyVariables.All.Where(_ => random.Next(4) == 0).ToList();
            var ask = new WeatherAsk(places, hourly, daily);
            var again = WeatherAsk.Parse(ask.ToString());
            again.ToString().ShouldBe(ask.ToString());
            again.Places.ShouldBe(ask.Places);
            again.Hourly.ShouldBe(ask.Hourly);
            again.Daily.ShouldBe(ask.Daily);
        }
    }

    [Fact]
    public void More_places_than_a_key_has_room_for_are_several_asks_of_all_variables()
    {
        var places = Enumerable.Range(0, 100).Select(number => new Place(-80 - number / 300.0, 100 + number / 7.0)).ToList();
        var asks = WeatherAsk.Together(places, [.. HourlyVariables.All], [.. DailyVariables.All]).ToList();
        asks.SelectMany(ask => ask.Places).ShouldBe(places, ignoreOrder: true);
        asks.Count.ShouldBeGreaterThan(10);
        asks.ShouldAllBe(ask => ask.ToString().Length <= SlotId.KeyLettersMax && ask.Hourly.Count == HourlyVariables.All.Count && ask.Daily.Count == DailyVariables.All.Count);
    }

    [Theory]
    [InlineData("", "expected places, hourly= and perhaps daily=")]
    [InlineData("52.5,13.4", "expected places, hourly= and perhaps daily=")]
    [InlineData("52.5,13.4 rain", "expected places, hourly= and perhaps daily=")]
    [InlineData("52.5,13.4 hourly=rain daily=rain_sum more", "expected places, hourly= and perhaps daily=")]
    [InlineData("152.5,13.4 hourly=rain", "expected degrees from -90 to 90")]
    [InlineData("52.5,13.4 hourly=rains", "nearest: rain")]
    public void A_text_that_is_no_key_is_refused(string text, string told) =>
        Should.Throw<WorkException>(() => WeatherAsk.Parse(text)).Message.ShouldContain(told);
}
