using System.Globalization;

namespace Etl.Sources.Weather;

/// <summary>Reads the texts of weather parameters; what is wrong with them is collected, so that a user sees all of it at once.</summary>
internal sealed class WeatherParameterReader
{
    private readonly IReadOnlyDictionary<string, string> texts;
    private readonly List<string> faults = [];

    public WeatherParameterReader(IReadOnlyDictionary<string, string> texts)
    {
        this.texts = texts;
        foreach (string name in texts.Keys.Where(name => !WeatherParameters.Names.Contains(name)))
            faults.Add($"parameter: found \"{name}\", expected one of {string.Join(", ", WeatherParameters.Names)}; nearest: {Spelling.Nearest(name, WeatherParameters.Names)}");
    }

    public IReadOnlyList<string> Faults => faults;

    public IReadOnlyList<Place> Places()
    {
        if (!IsGiven("latitudes", out _) && !IsGiven("longitudes", out _)) return WeatherDefaults.Places;
        var latitudes = Degrees("latitudes", 90);
        var longitudes = Degrees("longitudes", 180);
        if (latitudes is null || longitudes is null) return WeatherDefaults.Places;
        if (latitudes.Count == longitudes.Count) return [.. latitudes.Zip(longitudes, (latitude, longitude) => new Place(latitude, longitude))];
        faults.Add($"latitudes, longitudes: found {latitudes.Count:N0} and {longitudes.Count:N0} numbers, expected as many of one as of the other");
        return WeatherDefaults.Places;
    }

    public IReadOnlyList<T> Variables<T>(string parameter, IReadOnlyList<T> all, IReadOnlyList<T> usual) where T : class, IWeatherVariable
    {
        if (!IsGiven(parameter, out string text)) return usual;
        var found = new List<T>();
        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (all.FirstOrDefault(variable => variable.Name == name) is not { } variable)
                faults.Add($"{parameter}: found \"{name}\", expected names of {parameter} variables; nearest: {Spelling.Nearest(name, [.. all.Select(known => known.Name)])}");
            else if (found.Contains(variable)) faults.Add($"{parameter}: {name} is there twice, expected once");
            else found.Add(variable);
        }
        return found;
    }

    public DateOnly? Date(string parameter)
    {
        if (!IsGiven(parameter, out string text)) return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)) return date;
        faults.Add($"{parameter}: found \"{text}\", expected a date such as 2024-05-01");
        return null;
    }

    private List<double>? Degrees(string parameter, double most)
    {
        if (!IsGiven(parameter, out string text))
        {
            faults.Add($"{parameter}: is missing, expected as many numbers as of the other");
            return null;
        }
        var degrees = new List<double>();
        int wrong = 0;
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (double.TryParse(part, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && Math.Abs(value) <= most) degrees.Add(value);
            else faults.Add($"{parameter}: found \"{part}\" as number {degrees.Count + ++wrong}, expected degrees from -{most} to {most}, separated by commas: \"52.52,48.85\"");
        }
        return wrong > 0 ? null : degrees;
    }

    private bool IsGiven(string parameter, out string text)
    {
        text = texts.GetValueOrDefault(parameter)?.Trim() ?? "";
        return text.Length > 0;
    }
}
