namespace Etl.Sources.Weather;

/// <summary>One request of history: one place, the days of one calendar month that are asked for.</summary>
/// <param name="First">Local date, included.</param>
/// <param name="Last">Local date, included.</param>
/// <param name="From">When <paramref name="First"/> begins.</param>
/// <param name="To">When <paramref name="Last"/> ends.</param>
public sealed record WeatherCall(Place Place, DateOnly First, DateOnly Last, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>How many hourly records it gives.</summary>
    public int Hours => LocalDay.FullHours(From, To).Count();
}

/// <summary>A range of history cut into requests, each small enough to be one call, and to be repeated alone when it fails.</summary>
public static class WeatherPlan
{
    /// <summary>The requests, month by month and in each month place by place: an interrupted plan has all places up to some month.</summary>
    /// <exception cref="ArgumentException">The parameters have faults or no dates.</exception>
    public static IEnumerable<WeatherCall> Of(WeatherParameters parameters)
    {
        if (parameters.Faults().ToList() is { Count: > 0 } faults) throw new ArgumentException(string.Join("; ", faults), nameof(parameters));
        if (parameters.StartDate is not { } first || parameters.EndDate is not { } last) throw new ArgumentException("start_date, end_date: are missing, expected both for a range of history", nameof(parameters));
        return LocalDay.Between(first, last, parameters.Zone)
            .GroupBy(day => (day.Date.Year, day.Date.Month)).Select(month => month.ToList())
            .SelectMany(days => parameters.Places.Select(place => new WeatherCall(place, days[0].Date, days[^1].Date, days[0].Window.Start, days[^1].Window.End)));
    }
}
