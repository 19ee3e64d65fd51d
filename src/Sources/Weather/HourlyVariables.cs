using Etl.Contracts.Events;

namespace Etl.Sources.Weather;

/// <summary>The hourly variables that <see cref="HourlyMetrics"/> has a field for; no others can be asked for.</summary>
public static class HourlyVariables
{
    private static readonly List<HourlyVariable> Listed = [];

    public static readonly HourlyVariable Temperature = Add("temperature_2m", "°C", 1, -90, 60, hour => hour.Temperature2m);
    public static readonly HourlyVariable RelativeHumidity = Add("relative_humidity_2m", "%", 0, 0, 100, hour => hour.RelativeHumidity2m);
    public static readonly HourlyVariable DewPoint = Add("dew_point_2m", "°C", 1, -110, 40, hour => hour.DewPoint2m);
    public static readonly HourlyVariable ApparentTemperature = Add("apparent_temperature", "°C", 1, -120, 80, hour => hour.ApparentTemperature);
    public static readonly HourlyVariable Precipitation = Add("precipitation", "mm", 2, 0, 500, hour => hour.Precipitation);
    public static readonly HourlyVariable Rain = Add("rain", "mm", 2, 0, 500, hour => hour.Rain);
    public static readonly HourlyVariable SurfacePressure = Add("surface_pressure", "hPa", 1, 300, 1100, hour => hour.SurfacePressure);
    public static readonly HourlyVariable Temperature80m = Add("temperature_80m", "°C", 1, -90, 60, hour => hour.Temperature80m);
    public static readonly HourlyVariable WeatherCode = Add("weather_code", "wmo code", 0, 0, 99, hour => hour.WeatherCode);
    public static readonly HourlyVariable PressureMsl = Add("pressure_msl", "hPa", 1, 850, 1100, hour => hour.PressureMsl);
    public static readonly HourlyVariable CloudCover = Add("cloud_cover", "%", 0, 0, 100, hour => hour.CloudCover);
    public static readonly HourlyVariable WindSpeed = Add("wind_speed_10m", "km/h", 1, 0, 450, hour => hour.WindSpeed10m);
    public static readonly HourlyVariable WindDirection = Add("wind_direction_10m", "°", 0, 0, 360, hour => hour.WindDirection10m);
    public static readonly HourlyVariable WindGusts = Add("wind_gusts_10m", "km/h", 1, 0, 500, hour => hour.WindGusts10m);
    public static readonly HourlyVariable Snowfall = Add("snowfall", "cm", 2, 0, 200, hour => hour.Snowfall);
    public static readonly HourlyVariable ShortwaveRadiation = Add("shortwave_radiation", "W/m²", 0, 0, 1500, hour => hour.ShortwaveRadiation);

    /// <summary>All, in the order of the record's fields.</summary>
    public static IReadOnlyList<HourlyVariable> All => Listed;

    /// <summary>A record of one place and hour.</summary>
    /// <param name="source">Where the values are from.</param>
    /// <param name="values">One of each variable, by its index.</param>
    internal static HourlyMetrics Record(Place place, DateTimeOffset hour, string source, ReadOnlySpan<double?> values) => new()
    {
        Place = place.Id,
        Latitude = place.Latitude,
        Longitude = place.Longitude,
        Hour = hour,
        Source = source,
        Temperature2m = values[Temperature.Index],
        RelativeHumidity2m = values[RelativeHumidity.Index],
        DewPoint2m = values[DewPoint.Index],
        ApparentTemperature = values[ApparentTemperature.Index],
        Precipitation = values[Precipitation.Index],
        Rain = values[Rain.Index],
        SurfacePressure = values[SurfacePressure.Index],
        Temperature80m = values[Temperature80m.Index],
        WeatherCode = values[WeatherCode.Index],
        PressureMsl = values[PressureMsl.Index],
        CloudCover = values[CloudCover.Index],
        WindSpeed10m = values[WindSpeed.Index],
        WindDirection10m = values[WindDirection.Index],
        WindGusts10m = values[WindGusts.Index],
        Snowfall = values[Snowfall.Index],
        ShortwaveRadiation = values[ShortwaveRadiation.Index],
    };

    private static HourlyVariable Add(string name, string unit, int decimals, double lowest, double highest, Func<HourlyMetrics, double?> of)
    {
        var variable = new HourlyVariable(name, unit, decimals, lowest, highest, of) { Index = Listed.Count };
        Listed.Add(variable);
        return variable;
    }
}
