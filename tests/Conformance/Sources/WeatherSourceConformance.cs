using Etl.Sources.Weather;

namespace Etl.Tests.Conformance.Sources;

/// <summary>What every source of weather does.</summary>
public abstract class WeatherSourceConformance : IAsyncLifetime
{
    private static readonly DateOnly First = new(2024, 3, 25);
    private static readonly DateOnly Last = new(2024, 4, 5);

    protected IWeatherSource Source { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Source = await OpenAsync();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task Twelve_local_days_across_the_change_to_summer_time_are_1435_hours_at_five_places()
    {
        var days = LocalDay.Between(First, Last, "Europe/Berlin").ToList();
        var hours = await Source.HourlyAsync(new() { Places = WeatherDefaults.Places, From = days[0].Window.Start, To = days[^1].Window.End }, default);
        hours.Count.ShouldBe(1_435);
        hours.Select(hour => hour.Place).Distinct().ShouldBe(WeatherDefaults.Places.Select(place => place.Id));
        foreach (var place in hours.GroupBy(hour => hour.Place))
            place.Select(hour => hour.Hour).ShouldBe(days.SelectMany(day => day.FullHours()));
        foreach (var variable in HourlyVariables.All) hours.ShouldAllBe(hour => variable.Of(hour) != null == WeatherDefaults.Hourly.Contains(variable), variable.Name);
    }

    [Fact]
    public async Task A_range_in_parts_is_the_range_at_once()
    {
        var from = new DateTimeOffset(2024, 3, 30, 20, 0, 0, TimeSpan.Zero);
        var whole = await Source.HourlyAsync(new() { Places = [WeatherDefaults.Places[0]], From = from, To = from.AddHours(30), Variables = HourlyVariables.All }, default);
        var first = await Source.HourlyAsync(new() { Places = [WeatherDefaults.Places[0]], From = from, To = from.AddHours(7), Variables = HourlyVariables.All }, default);
        var second = await Source.HourlyAsync(new() { Places = [WeatherDefaults.Places[0]], From = from.AddHours(7), To = from.AddHours(30), Variables = HourlyVariables.All }, default);
        first.Concat(second).ShouldBe(whole);
    }

    [Fact]
    public async Task A_range_without_a_full_hour_has_no_record()
    {
        var from = new DateTimeOffset(2024, 3, 30, 20, 10, 0, TimeSpan.Zero);
        (await Source.HourlyAsync(new() { Places = WeatherDefaults.Places, From = from, To = from.AddMinutes(30) }, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_place_and_local_date_has_its_day()
    {
        var days = await Source.DailyAsync(new() { Places = WeatherDefaults.Places, Zone = "Europe/Berlin", First = First, Last = Last, Variables = DailyVariables.All }, default);
        days.Count.ShouldBe(60);
        days.Select(day => day.Date).Take(12).ShouldBe(Enumerable.Range(0, 12).Select(First.AddDays));
        days.ShouldAllBe(day => day.Zone == "Europe/Berlin" && day.DayStart.Hour >= 22);
        foreach (var variable in DailyVariables.All) days.ShouldAllBe(day => variable.Of(day) != null, variable.Name);
    }

    [Fact]
    public async Task A_day_cut_by_the_zone_s_own_offset_agrees_with_its_hours_within_the_tolerance()
    {
        var days = await Source.DailyAsync(new() { Places = WeatherDefaults.Places, Zone = "Europe/Berlin", First = First, Last = Last, Variables = DailyVariables.All }, default);
        int compared = 0;
        foreach (var day in days)
        {
            var local = LocalDay.Between(day.Date, day.Date, day.Zone).Single();
            var place = new Place(day.Latitude, day.Longitude);
            if (local.FullHours().Count() != 24 || day.UtcOffsetSeconds != local.UtcOffsetSecondsAtStart) continue;
            var hours = await Source.HourlyAsync(new() { Places = [place], From = local.Window.Start, To = local.Window.End, Variables = HourlyVariables.All }, default);
            foreach (var variable in DailyVariables.All) variable.Of(day)!.Value.ShouldBe(variable.Over(hours)!.Value, variable.Tolerance + 1e-9, $"{variable.Name} {day.Date}");
            compared++;
        }
        compared.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Requests_that_ask_for_nothing_or_for_too_much_are_the_caller_s_fault()
    {
        var from = new DateTimeOffset(2024, 3, 30, 0, 0, 0, TimeSpan.Zero);
        var good = new HourlyRequest { Places = WeatherDefaults.Places, From = from, To = from.AddDays(1) };
        foreach (var bad in (HourlyRequest[])[good with { Places = [] }, good with { Places = [WeatherDefaults.Places[0], new(52.5244, 13.4105)] }, good with { Variables = [] }, good with { To = from }, good with { To = from.AddDays(401) }])
            await Should.ThrowAsync<ArgumentException>(() => Source.HourlyAsync(bad, default));
        var day = new DailyRequest { Places = WeatherDefaults.Places, Zone = "Europe/Berlin", First = First, Last = Last };
        foreach (var bad in (DailyRequest[])[day with { Zone = "Europe/Berln" }, day with { Last = First.AddDays(-1) }, day with { Last = First.AddDays(400) }])
            await Should.ThrowAsync<ArgumentException>(() => Source.DailyAsync(bad, default));
    }

    [Fact]
    public async Task What_is_cancelled_ends_as_cancelled()
    {
        var from = new DateTimeOffset(2024, 3, 30, 0, 0, 0, TimeSpan.Zero);
        await Should.ThrowAsync<OperationCanceledException>(() => Source.HourlyAsync(new() { Places = WeatherDefaults.Places, From = from, To = from.AddDays(1) }, new CancellationToken(canceled: true)));
    }

    protected abstract ValueTask<IWeatherSource> OpenAsync();
}
