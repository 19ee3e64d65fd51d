namespace Etl.Sources.Weather;

/// <summary>What the weather DAGs ask for unless told otherwise: the values of the Airflow pipeline that they take over from.</summary>
public static class WeatherDefaults
{
    /// <summary>Parameter <c>latitudes</c>: Berlin, Frankfurt (Oder), Hamburg, München, Frankfurt am Main.</summary>
    public const string Latitudes = "52.5244,52.3471,53.5507,48.1374,50.1155";

    /// <summary>Parameter <c>longitudes</c>, of the same places.</summary>
    public const string Longitudes = "13.4105,14.5506,9.993,11.5755,8.6842";

    /// <summary>The zone whose dates a day is.</summary>
    public const string Zone = "Europe/Berlin";

    /// <summary>The five places.</summary>
    public static IReadOnlyList<Place> Places { get; } = [new(52.5244, 13.4105), new(52.3471, 14.5506), new(53.5507, 9.993), new(48.1374, 11.5755), new(50.1155, 8.6842)];

    /// <summary>Parameter <c>hourly</c>: eight variables.</summary>
    public static IReadOnlyList<HourlyVariable> Hourly { get; } =
    [
        HourlyVariables.Temperature, HourlyVariables.RelativeHumidity, HourlyVariables.DewPoint, HourlyVariables.ApparentTemperature,
        HourlyVariables.Precipitation, HourlyVariables.Rain, HourlyVariables.SurfacePressure, HourlyVariables.Temperature80m,
    ];

    /// <summary>Parameter <c>daily</c>: the weather code.</summary>
    public static IReadOnlyList<DailyVariable> Daily { get; } = [DailyVariables.WeatherCode];
}
