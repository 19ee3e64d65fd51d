using Etl.Contracts.Events;
using Etl.Sources.Climate;
using Etl.Sources.Weather;

namespace Etl.Tests.Unit.Sources.Climate;

public sealed class ClimateSourceTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Place Berlin = WeatherDefaults.Places[0];

    [Fact]
    public async Task The_twelve_days_across_the_change_to_summer_time_have_287_hours_at_each_of_the_five_places()
    {
        var days = LocalDay.Between(new(2024, 3, 25), new(2024, 4, 5), "Europe/Berlin").ToList();
        var hours = await new ClimateSource().HourlyAsync(new() { Places = WeatherDefaults.Places, From = days[0].Window.Start, To = days[^1].Window.End }, default);
        hours.Count.ShouldBe(1_435);
        hours.GroupBy(hour => hour.Place).ShouldAllBe(place => place.Count() == 287);
        hours[0].Hour.ShouldBe(new DateTimeOffset(2024, 3, 24, 23, 0, 0, TimeSpan.Zero));
        hours[^1].Hour.ShouldBe(new DateTimeOffset(2024, 4, 5, 21, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_year_of_places_from_pole_to_pole_stays_plausible_and_its_variables_agree()
    {
        Place[] places = [new(90, 0), new(71.3, -156.8), Berlin, new(30, 179.9), new(0, -78), new(-33.9, 151.2), new(-90, 0)];
        var hours = await new ClimateSource(7).HourlyAsync(new() { Places = places, From = Start, To = Start.AddDays(366), Variables = HourlyVariables.All }, default);
        hours.Count.ShouldBe(7 * 366 * 24);
        foreach (var variable in HourlyVariables.All)
        {
            var values = hours.Select(variable.Of).ToList();
            values.ShouldAllBe(value => value >= variable.Lowest && value <= variable.Highest, variable.Name);
            values.Distinct().Count().ShouldBeGreaterThan(5, variable.Name);
        }
        hours.ShouldAllBe(hour => hour.DewPoint2m <= hour.Temperature2m);
        hours.Count(hour => hour.RelativeHumidity2m == 100).ShouldBeGreaterThan(10); // there the dew point is at its bound
        hours.ShouldContain(hour => hour.WeatherCode == 45); // fog
        hours.ShouldAllBe(hour => hour.Rain <= hour.Precipitation);
        hours.ShouldAllBe(hour => hour.Snowfall > 0 == hour.Rain < hour.Precipitation);
        hours.ShouldAllBe(hour => hour.Precipitation == 0 || hour.CloudCover >= 70);
        hours.ShouldAllBe(hour => hour.WindGusts10m >= hour.WindSpeed10m);
        hours.ShouldAllBe(hour => hour.WeatherCode >= 51 == hour.Precipitation > 0);
    }

    [Fact]
    public async Task Berlin_has_seasons_days_and_nights_and_as_much_rain_as_it_should()
    {
        var hours = await new ClimateSource().HourlyAsync(new() { Places = [Berlin], From = Start, To = Start.AddDays(366), Variables = HourlyVariables.All }, default);
        double Mean(int month) => hours.Where(hour => hour.Hour.Month == month).Average(hour => hour.Temperature2m!.Value);
        Mean(1).ShouldBeInRange(-6, 5);
        Mean(7).ShouldBeInRange(14, 25);
        double At(int utcHour) => hours.Where(hour => hour.Hour.Month == 7 && hour.Hour.Hour == utcHour).Average(hour => hour.Temperature2m!.Value);
        (At(14) - At(2)).ShouldBeInRange(3, 9);
        hours.Where(hour => hour.Hour is { Month: 12, Hour: >= 18 or < 5 }).ShouldAllBe(hour => hour.ShortwaveRadiation == 0);
        hours.Sum(hour => hour.Precipitation).ShouldNotBeNull().ShouldBeInRange(250, 1_200); // mm a year
        hours.Count(hour => hour.Precipitation > 0).ShouldBeInRange(366 * 24 / 30, 366 * 24 / 4);
        hours.Zip(hours.Skip(1)).Max(pair => Math.Abs(pair.First.Temperature2m!.Value - pair.Second.Temperature2m!.Value)).ShouldBeLessThan(4);
    }

    [Fact]
    public async Task Hamburg_and_Berlin_have_weather_that_is_alike_and_not_the_same()
    {
        var hours = await new ClimateSource().HourlyAsync(new() { Places = [Berlin, WeatherDefaults.Places[2]], From = Start, To = Start.AddDays(60) }, default);
        var pairs = hours.Take(1_440).Zip(hours.Skip(1_440), (berlin, hamburg) => Math.Abs(berlin.Temperature2m!.Value - hamburg.Temperature2m!.Value)).ToList();
        pairs.Average().ShouldBeInRange(0.3, 3);
    }

    [Fact]
    public async Task An_hour_is_the_same_however_it_is_asked_for_and_another_with_another_seed()
    {
        var whole = await new ClimateSource(3).HourlyAsync(new() { Places = WeatherDefaults.Places, From = Start, To = Start.AddHours(48) }, default);
        var part = await new ClimateSource(3).HourlyAsync(new() { Places = [WeatherDefaults.Places[4]], From = Start.AddHours(40.5), To = Start.AddHours(41.5) }, default);
        part.ShouldHaveSingleItem().ShouldBe(whole[4 * 48 + 41]);
        var other = await new ClimateSource(4).HourlyAsync(new() { Places = WeatherDefaults.Places, From = Start, To = Start.AddHours(48) }, default);
        other.ShouldNotBe(whole);
    }

    [Fact]
    public async Task What_was_not_asked_for_is_null()
    {
        var hour = (await new ClimateSource().HourlyAsync(new() { Places = [Berlin], From = Start, To = Start.AddHours(1), Variables = [HourlyVariables.Rain] }, default)).ShouldHaveSingleItem();
        HourlyVariables.All.Where(variable => variable.Of(hour) is not null).ShouldBe([HourlyVariables.Rain]);
        hour.Source.ShouldBe("climate");
    }

    [Fact]
    public async Task A_day_is_made_of_its_own_hours_be_it_of_23_24_or_25()
    {
        var source = new ClimateSource();
        foreach (var (first, hoursOfDay) in new[] { (new DateOnly(2024, 3, 31), 23), (new(2024, 7, 1), 24), (new(2024, 10, 27), 25) })
        {
            var day = (await source.DailyAsync(new() { Places = [Berlin], Zone = "Europe/Berlin", First = first, Last = first, Variables = DailyVariables.All }, default)).ShouldHaveSingleItem();
            var window = LocalDay.Between(first, first, "Europe/Berlin").ShouldHaveSingleItem().Window;
            var hours = await source.HourlyAsync(new() { Places = [Berlin], From = window.Start, To = window.End, Variables = HourlyVariables.All }, default);
            hours.Count.ShouldBe(hoursOfDay);
            day.Temperature2mMax.ShouldBe(hours.Max(hour => hour.Temperature2m));
            day.Temperature2mMin.ShouldBe(hours.Min(hour => hour.Temperature2m));
            day.PrecipitationSum.ShouldNotBeNull().ShouldBe(hours.Sum(hour => hour.Precipitation)!.Value, 1e-9);
            day.PrecipitationHours.ShouldBe(hours.Count(hour => hour.Precipitation > 0));
            day.WeatherCode.ShouldBe(hours.Max(hour => hour.WeatherCode));
            day.UtcOffsetSeconds.ShouldBe(first.Month == 3 ? 3_600 : 7_200);
            foreach (var variable in DailyVariables.All)
                variable.Of(day).ShouldNotBeNull(variable.Name).ShouldBe(variable.Over(hours)!.Value, variable.Tolerance + 1e-9, variable.Name);
        }
    }

    [Fact]
    public void A_day_with_an_hour_without_value_has_none()
    {
        var hours = Enumerable.Range(0, 24).Select(hour => new HourlyMetrics
        {
            Place = Berlin.Id, Latitude = 0, Longitude = 0, Hour = Start.AddHours(hour), Source = "archive", Temperature2m = hour == 5 ? null : hour, Rain = 0.1, ShortwaveRadiation = 100,
        }).ToList();
        DailyVariables.TemperatureMax.Over(hours).ShouldBeNull();
        DailyVariables.RainSum.Over(hours).ShouldBe(2.4);
        DailyVariables.RadiationSum.Over(hours).ShouldBe(8.64);
        DailyVariables.TemperatureMax.Over([]).ShouldBeNull();
        DailyVariables.TemperatureMean.Over(hours.Skip(6)).ShouldBe(14.5);
    }
}
