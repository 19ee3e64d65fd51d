using System.Globalization;
using System.Text;
using Etl.Sources.Weather;

namespace Etl.Sources.OpenMeteo;

/// <summary>One call to be made: which endpoint, which places, which dates, and what is wanted of them.</summary>
/// <param name="Endpoint">Where from, as the records will say: <c>forecast</c> or <c>archive</c>.</param>
/// <param name="Section">Of the answer: <c>hourly</c> or <c>daily</c>.</param>
/// <param name="Zone">By whose dates; UTC for hours.</param>
/// <param name="First">Included.</param>
/// <param name="Last">Included.</param>
internal sealed record OpenMeteoCall(
    string Endpoint, string Section, IReadOnlyList<Place> Places, string Zone, DateOnly First, DateOnly Last, IReadOnlyList<IWeatherVariable> Variables, SourceLane Lane)
{
    public const string Archive = "archive";
    public const string Forecast = "forecast";
    public const string Hourly = "hourly";
    public const string Daily = "daily";

    private const double WeightMax = 100; // heavier calls are cut by places: the limits then let them through smoothly

    public int Days => Last.DayNumber - First.DayNumber + 1;

    public double Weight => CallWeight.Of(Places.Count, Variables.Count, Days);

    /// <summary>What the answer's times must be, in seconds since 1970 of the answer's own wall clock.</summary>
    public IReadOnlyList<long> Times
    {
        get
        {
            long start = new DateTimeOffset(First.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).ToUnixTimeSeconds();
            int perDay = Section == Hourly ? 24 : 1;
            return [.. Enumerable.Range(0, Days * perDay).Select(number => start + number * (86_400L / perDay))];
        }
    }

    /// <summary>The calls for a range: dates up to the archive's last are asked of it, later ones of the forecast; places in groups.</summary>
    /// <param name="archived">The last date that the archive has.</param>
    public static IEnumerable<OpenMeteoCall> Over(OpenMeteoCall all, DateOnly archived, int placesPerCall)
    {
        var ranges = new List<OpenMeteoCall>();
        if (all.First <= archived) ranges.Add(all with { Endpoint = Archive, Last = all.Last < archived ? all.Last : archived });
        if (all.Last > archived) ranges.Add(all with { Endpoint = Forecast, First = all.First > archived ? all.First : archived.AddDays(1) });
        foreach (var range in ranges)
        {
            double weightOfPlace = CallWeight.Of(1, range.Variables.Count, range.Days);
            int together = Math.Clamp((int)(WeightMax / weightOfPlace), 1, placesPerCall);
            foreach (var places in range.Places.Chunk(together)) yield return range with { Places = places };
        }
    }

    /// <summary>The address to get.</summary>
    public Uri Url(OpenMeteoOptions options)
    {
        var url = new StringBuilder(Endpoint == Archive ? options.ArchiveUrl : options.ForecastUrl);
        url.Append("?latitude=").AppendJoin(',', Places.Select(place => place.Latitude.ToString(CultureInfo.InvariantCulture)));
        url.Append("&longitude=").AppendJoin(',', Places.Select(place => place.Longitude.ToString(CultureInfo.InvariantCulture)));
        url.Append('&').Append(Section).Append('=').AppendJoin(',', Variables.Select(variable => variable.Name));
        url.Append(CultureInfo.InvariantCulture, $"&start_date={First:yyyy-MM-dd}&end_date={Last:yyyy-MM-dd}&timezone={Uri.EscapeDataString(Zone)}");
        if (options.ApiKey is { } key) url.Append("&apikey=").Append(Uri.EscapeDataString(key));
        return new(url.ToString());
    }

    /// <summary>Where something was found, for messages.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"open-meteo {Endpoint}, {Section} {First:yyyy-MM-dd} to {Last:yyyy-MM-dd}, {(Places.Count == 1 ? Places[0].Id : $"{Places.Count} places from {Places[0].Id} on")}");
}
