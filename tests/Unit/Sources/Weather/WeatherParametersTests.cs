using Etl.Sources.Weather;

namespace Etl.Tests.Unit.Sources.Weather;

public sealed class WeatherParametersTests
{
    [Fact]
    public void Nothing_given_is_the_five_places_eight_hourly_variables_and_the_daily_weather_code()
    {
        var parameters = Parsed([]);
        parameters.Places.Select(place => place.Id).ShouldBe(["52.5244,13.4105", "52.3471,14.5506", "53.5507,9.993", "48.1374,11.5755", "50.1155,8.6842"]);
        parameters.Hourly.Select(variable => variable.Name).ShouldBe(
            ["temperature_2m", "relative_humidity_2m", "dew_point_2m", "apparent_temperature", "precipitation", "rain", "surface_pressure", "temperature_80m"]);
        parameters.Daily.Select(variable => variable.Name).ShouldBe(["weather_code"]);
        parameters.StartDate.ShouldBeNull();
        parameters.ToTexts()["latitudes"].ShouldBe(WeatherDefaults.Latitudes);
        parameters.ToTexts()["longitudes"].ShouldBe(WeatherDefaults.Longitudes);
    }

    [Fact]
    public void Comma_lists_and_dates_are_read_and_written_again()
    {
        var parameters = Parsed(new()
        {
            ["latitudes"] = " 52.520, 48.85", ["longitudes"] = "13.42,2.35", ["hourly"] = "rain, temperature_2m", ["daily"] = "rain_sum", ["start_date"] = "2024-03-25", ["end_date"] = "2024-04-05",
        });
        parameters.Places.ShouldBe([new(52.52, 13.42), new(48.85, 2.35)]);
        parameters.Hourly.ShouldBe([HourlyVariables.Rain, HourlyVariables.Temperature]);
        parameters.StartDate.ShouldBe(new DateOnly(2024, 3, 25));
        var again = Parsed(new(parameters.ToTexts()));
        again.ToTexts().ShouldBe(parameters.ToTexts());
        again.Places.ShouldBe(parameters.Places);
    }

    [Theory]
    [InlineData("latitudes", "52.52,48.85,1", "3 and 2 numbers")]
    [InlineData("latitudes", "52.52,95", "\"95\" as number 2")]
    [InlineData("latitudes", "NaN,1", "\"NaN\"")]
    [InlineData("latitudes", "1e1,1", "\"1e1\"")]
    [InlineData("latitudes", "52.52,", "\"\" as number 2")]
    [InlineData("longitudes", "", "longitudes: is missing")]
    [InlineData("longitudes", "13.42,181", "-180 to 180")]
    [InlineData("hourly", "tempeture_2m", "\"tempeture_2m\", expected names of hourly variables; nearest: temperature_2m")]
    [InlineData("hourly", "windspeed_10m", "nearest: wind_speed_10m")]
    [InlineData("hourly", "rain,rain", "rain is there twice")]
    [InlineData("daily", "temperature_2m", "daily variables; nearest: temperature_2m_m")]
    [InlineData("start_date", "2024-02-30", "\"2024-02-30\", expected a date")]
    [InlineData("start_date", "", "start_date: is missing")]
    [InlineData("start_date", "2024-06-02", "before start_date")]
    [InlineData("start_date", "1939-12-31", "before the archive's first")]
    [InlineData("startdate", "2024-05-01", "found \"startdate\", expected one of")]
    public void What_is_wrong_is_named_with_what_was_expected(string name, string text, string said)
    {
        var texts = new Dictionary<string, string> { ["latitudes"] = "52.52,48.85", ["longitudes"] = "13.42,2.35", ["start_date"] = "2024-05-01", ["end_date"] = "2024-06-01", [name] = text };
        WeatherParameters.Parse(texts, "Europe/Berlin", out var faults).ShouldBeNull();
        faults.ShouldHaveSingleItem().ShouldContain(said);
    }

    [Fact]
    public void All_faults_are_told_at_once() =>
        WeatherParameters.Parse(new Dictionary<string, string> { ["latitudes"] = "x", ["longitudes"] = "y", ["hourly"] = "z", ["end_date"] = "w" }, "UTC", out var faults)
            .ShouldBe(faults.Count == 4 ? null : new(), string.Join("; ", faults));

    [Fact]
    public void The_same_place_written_twice_is_refused() =>
        WeatherParameters.Parse(new Dictionary<string, string> { ["latitudes"] = "52.5,52.50", ["longitudes"] = "13,13.0" }, "UTC", out var faults)
            .ShouldBe(faults.Single().Contains("52.5,13 is there 2 times", StringComparison.Ordinal) ? null : new());

    [Fact]
    public void A_range_is_cut_into_months_and_places_that_meet_without_a_gap()
    {
        var calls = WeatherPlan.Of(Parsed(new() { ["start_date"] = "2024-01-15", ["end_date"] = "2024-03-31" })).ToList();
        calls.Count.ShouldBe(15);
        calls.Take(5).ShouldAllBe(call => call.First == new DateOnly(2024, 1, 15) && call.Last == new DateOnly(2024, 1, 31));
        calls.Select(call => call.Place).Take(5).ShouldBe(WeatherDefaults.Places);
        foreach (var place in calls.GroupBy(call => call.Place))
        {
            var own = place.ToList();
            own.Zip(own.Skip(1)).ShouldAllBe(pair => pair.First.To == pair.Second.From && pair.First.Last.AddDays(1) == pair.Second.First);
            own[^1].To.ShouldBe(new DateTimeOffset(2024, 3, 31, 22, 0, 0, TimeSpan.Zero)); // the last day has 23 hours
        }
        calls.Sum(call => call.Hours).ShouldBe(5 * (77 * 24 - 1));
    }

    [Fact]
    public void Both_dates_are_included_and_one_day_is_a_range() =>
        WeatherPlan.Of(Parsed(new() { ["start_date"] = "2024-03-31", ["end_date"] = "2024-03-31" })).ToList().ShouldAllBe(call => call.Hours == 23);

    [Fact]
    public void A_date_that_the_zone_skipped_is_no_day() =>
        LocalDay.Between(new(2011, 12, 29), new(2011, 12, 31), "Pacific/Apia").Select(day => day.Date).ShouldBe([new(2011, 12, 29), new(2011, 12, 31)]);

    [Fact]
    public void Days_of_a_zone_on_the_half_hour_have_their_24_hours()
    {
        var days = LocalDay.Between(new(2024, 5, 1), new(2024, 5, 3), "Asia/Kolkata").ToList();
        days.ShouldAllBe(day => day.FullHours().Count() == 24 && day.UtcOffsetSecondsAtStart == 19_800);
        days.SelectMany(day => day.FullHours()).Distinct().Count().ShouldBe(72);
    }

    private static WeatherParameters Parsed(Dictionary<string, string> texts)
    {
        var parameters = WeatherParameters.Parse(texts, "Europe/Berlin", out var faults);
        faults.ShouldBeEmpty();
        return parameters.ShouldNotBeNull();
    }
}
