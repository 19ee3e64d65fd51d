using Etl.Contracts.Workflow;
using Etl.Sources.Weather;

namespace Etl.Jobs.Weather;

/// <summary>What a weather poll asks for, days aside: the key of its slots, and all that is needed to carry them out.</summary>
/// <remarks>The same places and variables have one text, in whatever order they were given: <c>48.1374,11.5755;52.5244,13.4105 hourly=rain daily=rain_sum</c>.</remarks>
public sealed record WeatherAsk
{
    private const string HourlyMark = "hourly=", DailyMark = "daily=";

    /// <param name="places">At least one.</param>
    /// <param name="hourly">Those that <paramref name="daily"/> are made of are added, so that days can be checked against their hours.</param>
    public WeatherAsk(IEnumerable<Place> places, IReadOnlyCollection<HourlyVariable> hourly, IReadOnlyCollection<DailyVariable> daily)
    {
        Places = [.. places.Distinct().OrderBy(place => place.Latitude).ThenBy(place => place.Longitude)];
        Hourly = [.. HourlyVariables.All.Where(variable => hourly.Contains(variable) || daily.Any(day => day.From == variable))];
        Daily = [.. DailyVariables.All.Where(daily.Contains)];
        if (Places.Count == 0 || Hourly.Count == 0) throw new ArgumentException($"found {Places.Count} places and {Hourly.Count} variables, expected at least one of each");
    }

    public IReadOnlyList<Place> Places { get; }

    public IReadOnlyList<HourlyVariable> Hourly { get; }

    public IReadOnlyList<DailyVariable> Daily { get; }

    /// <summary>The places in as few asks as slot keys have room for.</summary>
    public static IEnumerable<WeatherAsk> Together(IEnumerable<Place> places, IReadOnlyCollection<HourlyVariable> hourly, IReadOnlyCollection<DailyVariable> daily)
    {
        var all = new WeatherAsk(places, hourly, daily);
        List<Place> together = [];
        foreach (var place in all.Places)
        {
            if (together.Count > 0 && new WeatherAsk([.. together, place], hourly, daily).ToString().Length > SlotId.KeyLettersMax)
            {
                yield return new(together, hourly, daily);
                together = [];
            }
            together.Add(place);
        }
        yield return new(together, hourly, daily);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="WorkException">It is no such text, or names a variable that is not known any more.</exception>
    public static WeatherAsk Parse(string text)
    {
        string[] parts = text.Split(' ');
        if (parts.Length is < 2 or > 3 || !parts[1].StartsWith(HourlyMark, StringComparison.Ordinal) || (parts.Length == 3 && !parts[2].StartsWith(DailyMark, StringComparison.Ordinal)))
            throw new WorkException(FailureClass.Contract, $"slot key: found \"{text}\", expected places, hourly= and perhaps daily=");
        string[][] places = [.. parts[0].Split(';').Select(place => place.Split(','))];
        var texts = new Dictionary<string, string>
        {
            ["latitudes"] = string.Join(',', places.Select(place => place[0])), ["longitudes"] = string.Join(',', places.Select(place => place[^1])), ["hourly"] = parts[1][HourlyMark.Length..],
        };
        if (parts.Length == 3) texts["daily"] = parts[2][DailyMark.Length..];
        var read = WeatherParameters.Parse(texts, WeatherDefaults.Zone, out var faults) ?? throw new WorkException(FailureClass.Contract, $"slot key \"{text}\": {string.Join("; ", faults)}");
        return new(read.Places, read.Hourly, parts.Length == 3 ? read.Daily : []);
    }

    public override string ToString() =>
        $"{string.Join(';', Places.Select(place => place.Id))} {HourlyMark}{string.Join(',', Hourly.Select(variable => variable.Name))}{(Daily.Count > 0 ? $" {DailyMark}{string.Join(',', Daily.Select(variable => variable.Name))}" : "")}";
}
