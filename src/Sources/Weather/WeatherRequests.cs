using Etl.Contracts.Time;

namespace Etl.Sources.Weather;

/// <summary>Hours that are asked of a source.</summary>
public sealed record HourlyRequest
{
    /// <summary>The most hours of one request: 400 days.</summary>
    public const int HoursMax = 9_600;

    /// <summary>1 to <see cref="WeatherParameters.PlacesMax"/>.</summary>
    public required IReadOnlyList<Place> Places { get; init; }

    /// <summary>Included.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Excluded.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>At least one; others are null in the records.</summary>
    public IReadOnlyList<HourlyVariable> Variables { get; init; } = WeatherDefaults.Hourly;

    /// <summary>On whose account the call goes.</summary>
    public SourceLane Lane { get; init; } = SourceLane.Live;

    /// <summary>The full UTC hours from <see cref="From"/> to <see cref="To"/>.</summary>
    public IReadOnlyList<DateTimeOffset> Hours() => [.. LocalDay.FullHours(From, To)];

    /// <exception cref="ArgumentException">The request asks for nothing or for too much: a fault of the caller.</exception>
    internal void Check()
    {
        RequestBounds.Check(Places, Variables);
        if (To <= From || (To - From).TotalHours > HoursMax) throw new ArgumentException($"hourly request: found {From:O} to {To:O}, expected 1 to {HoursMax:N0} hours");
    }
}

/// <summary>Local dates that are asked of a source.</summary>
public sealed record DailyRequest
{
    /// <summary>The most dates of one request.</summary>
    public const int DaysMax = 400;

    /// <summary>1 to <see cref="WeatherParameters.PlacesMax"/>.</summary>
    public required IReadOnlyList<Place> Places { get; init; }

    /// <summary>IANA name of the zone whose dates these are.</summary>
    public required string Zone { get; init; }

    /// <summary>Included.</summary>
    public required DateOnly First { get; init; }

    /// <summary>Included.</summary>
    public required DateOnly Last { get; init; }

    /// <summary>At least one; others are null in the records.</summary>
    public IReadOnlyList<DailyVariable> Variables { get; init; } = WeatherDefaults.Daily;

    /// <summary>On whose account the call goes.</summary>
    public SourceLane Lane { get; init; } = SourceLane.Live;

    /// <summary>The dates, without those that the zone skipped.</summary>
    public IReadOnlyList<LocalDay> Days() => [.. LocalDay.Between(First, Last, Zone)];

    /// <exception cref="ArgumentException">The request asks for nothing or for too much: a fault of the caller.</exception>
    internal void Check()
    {
        RequestBounds.Check(Places, Variables);
        if (!WindowCalendar.Knows(Zone)) throw new ArgumentException($"daily request: found the zone \"{Zone}\", expected an IANA name such as \"Europe/Berlin\"");
        if (Last < First || Last.DayNumber - First.DayNumber >= DaysMax) throw new ArgumentException($"daily request: found {First:yyyy-MM-dd} to {Last:yyyy-MM-dd}, expected 1 to {DaysMax} days");
    }
}

/// <summary>What both kinds of request must hold to.</summary>
internal static class RequestBounds
{
    public static void Check(IReadOnlyList<Place> places, IReadOnlyList<IWeatherVariable> variables)
    {
        if (places.Count is < 1 or > WeatherParameters.PlacesMax) throw new ArgumentException($"request: found {places.Count:N0} places, expected 1 to {WeatherParameters.PlacesMax:N0}");
        if (places.Distinct().Count() < places.Count) throw new ArgumentException("request: found a place twice, expected each once");
        if (variables.Count == 0) throw new ArgumentException("request: found no variable, expected at least one");
    }
}
