using System.Globalization;
using System.Text;
using Etl.Contracts.Events;

namespace Etl.Sources.Weather;

/// <summary>The topics' keys: what names a record, so that a value that is told again has the key it had before.</summary>
public static class WeatherKey
{
    /// <summary>Place and hour: <c>52.5244,13.4105@2024-03-31T01:00Z</c>, in UTF-8.</summary>
    public static byte[] Of(HourlyMetrics hour) =>
        Encoding.UTF8.GetBytes($"{hour.Place}@{hour.Hour.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture)}");

    /// <summary>Place, local date and zone: <c>52.5244,13.4105@2024-03-31[Europe/Berlin]</c>, in UTF-8.</summary>
    public static byte[] Of(DailyMetrics day) => Encoding.UTF8.GetBytes($"{day.Place}@{day.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}[{day.Zone}]");
}
