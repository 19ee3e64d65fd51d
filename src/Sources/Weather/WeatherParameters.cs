using System.Globalization;
using Etl.Contracts.Time;

namespace Etl.Sources.Weather;

/// <summary>What a weather DAG is called with. Every part has a text form, the one of the Airflow pipeline's variables: comma lists and ISO dates.</summary>
public sealed record WeatherParameters
{
    /// <summary>The most places.</summary>
    public const int PlacesMax = 1_000;

    /// <summary>The first date that the archive has.</summary>
    public static readonly DateOnly FirstDate = new(1940, 1, 1);

    /// <summary>The most dates of one call: a century.</summary>
    public const int DaysMax = 36_525;

    /// <summary>The names that texts may have.</summary>
    public static IReadOnlyList<string> Names { get; } = ["latitudes", "longitudes", "hourly", "daily", "start_date", "end_date"];

    public IReadOnlyList<Place> Places { get; init; } = WeatherDefaults.Places;

    public IReadOnlyList<HourlyVariable> Hourly { get; init; } = WeatherDefaults.Hourly;

    public IReadOnlyList<DailyVariable> Daily { get; init; } = WeatherDefaults.Daily;

    /// <summary>The first local date, included; null when the call is not for a range (then so is <see cref="EndDate"/>).</summary>
    public DateOnly? StartDate { get; init; }

    /// <summary>The last local date, included.</summary>
    public DateOnly? EndDate { get; init; }

    /// <summary>IANA name of the zone whose dates these are.</summary>
    public string Zone { get; init; } = WeatherDefaults.Zone;

    /// <summary>Reads texts by name; what is not given, or empty, has its default.</summary>
    /// <param name="texts">By the names of <see cref="Names"/>.</param>
    /// <param name="zone">The DAG's zone.</param>
    /// <param name="faults">All that is wrong; empty when nothing is.</param>
    /// <returns>Null when something is wrong.</returns>
    public static WeatherParameters? Parse(IReadOnlyDictionary<string, string> texts, string zone, out IReadOnlyList<string> faults)
    {
        var reader = new WeatherParameterReader(texts);
        var parameters = new WeatherParameters
        {
            Places = reader.Places(),
            Hourly = reader.Variables("hourly", HourlyVariables.All, WeatherDefaults.Hourly),
            Daily = reader.Variables("daily", DailyVariables.All, WeatherDefaults.Daily),
            StartDate = reader.Date("start_date"),
            EndDate = reader.Date("end_date"),
            Zone = zone,
        };
        faults = reader.Faults.Count > 0 ? reader.Faults : [.. parameters.Faults()];
        return faults.Count == 0 ? parameters : null;
    }

    /// <summary>The texts that give these parameters again, the dates only where there are some: what a run records.</summary>
    public IReadOnlyDictionary<string, string> ToTexts()
    {
        var texts = new Dictionary<string, string>
        {
            ["latitudes"] = string.Join(',', Places.Select(place => place.Latitude.ToString(CultureInfo.InvariantCulture))),
            ["longitudes"] = string.Join(',', Places.Select(place => place.Longitude.ToString(CultureInfo.InvariantCulture))),
            ["hourly"] = string.Join(',', Hourly.Select(variable => variable.Name)),
            ["daily"] = string.Join(',', Daily.Select(variable => variable.Name)),
        };
        if (StartDate is { } start) texts["start_date"] = start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        if (EndDate is { } end) texts["end_date"] = end.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return texts;
    }

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (Places.Count is < 1 or > PlacesMax) yield return $"latitudes, longitudes: found {Places.Count:N0} places, expected 1 to {PlacesMax:N0}";
        foreach (var twice in Places.GroupBy(place => place.Id).Where(same => same.Count() > 1)) yield return $"latitudes, longitudes: {twice.Key} is there {twice.Count()} times, expected once";
        if (Hourly.Count == 0 && Daily.Count == 0) yield return "hourly, daily: found no variable, expected at least one";
        if (!WindowCalendar.Knows(Zone)) yield return $"zone: found \"{Zone}\", expected an IANA name such as \"Europe/Berlin\"";
        if ((StartDate is null) != (EndDate is null)) yield return $"{(StartDate is null ? "start_date" : "end_date")}: is missing, expected both dates or neither";
        if (StartDate is not { } first || EndDate is not { } last) yield break;
        if (first < FirstDate) yield return $"start_date: {first:yyyy-MM-dd} is before the archive's first, {FirstDate:yyyy-MM-dd}";
        if (last < first) yield return $"end_date: {last:yyyy-MM-dd} is before start_date, {first:yyyy-MM-dd}; both are included";
        else if (last.DayNumber - first.DayNumber >= DaysMax) yield return $"end_date: {last:yyyy-MM-dd} makes {last.DayNumber - first.DayNumber + 1:N0} days, at most {DaysMax:N0}";
    }
}
