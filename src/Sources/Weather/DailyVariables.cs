using Etl.Contracts.Events;

namespace Etl.Sources.Weather;

/// <summary>The daily variables that <see cref="DailyMetrics"/> has a field for; no others can be asked for.</summary>
public static class DailyVariables
{
    private const double MegajoulesOfWattHours = 0.0036;

    private static readonly List<DailyVariable> Listed = [];

    public static readonly DailyVariable WeatherCode = Add("weather_code", "wmo code", 0, HourlyVariables.WeatherCode, DayFold.Max, 99, day => day.WeatherCode);
    public static readonly DailyVariable TemperatureMax = Add("temperature_2m_max", "°C", 1, HourlyVariables.Temperature, DayFold.Max, 60, day => day.Temperature2mMax);
    public static readonly DailyVariable TemperatureMin = Add("temperature_2m_min", "°C", 1, HourlyVariables.Temperature, DayFold.Min, 60, day => day.Temperature2mMin);
    public static readonly DailyVariable TemperatureMean = Add("temperature_2m_mean", "°C", 1, HourlyVariables.Temperature, DayFold.Mean, 60, day => day.Temperature2mMean);
    public static readonly DailyVariable ApparentMax = Add("apparent_temperature_max", "°C", 1, HourlyVariables.ApparentTemperature, DayFold.Max, 80, day => day.ApparentTemperatureMax);
    public static readonly DailyVariable ApparentMin = Add("apparent_temperature_min", "°C", 1, HourlyVariables.ApparentTemperature, DayFold.Min, 80, day => day.ApparentTemperatureMin);
    public static readonly DailyVariable PrecipitationSum = Add("precipitation_sum", "mm", 2, HourlyVariables.Precipitation, DayFold.Sum, 3_000, day => day.PrecipitationSum);
    public static readonly DailyVariable RainSum = Add("rain_sum", "mm", 2, HourlyVariables.Rain, DayFold.Sum, 3_000, day => day.RainSum);
    public static readonly DailyVariable SnowfallSum = Add("snowfall_sum", "cm", 2, HourlyVariables.Snowfall, DayFold.Sum, 1_000, day => day.SnowfallSum);
    public static readonly DailyVariable PrecipitationHours = Add("precipitation_hours", "h", 0, HourlyVariables.Precipitation, DayFold.HoursAboveZero, 25, day => day.PrecipitationHours);
    public static readonly DailyVariable WindSpeedMax = Add("wind_speed_10m_max", "km/h", 1, HourlyVariables.WindSpeed, DayFold.Max, 450, day => day.WindSpeed10mMax);
    public static readonly DailyVariable WindGustsMax = Add("wind_gusts_10m_max", "km/h", 1, HourlyVariables.WindGusts, DayFold.Max, 500, day => day.WindGusts10mMax);
    public static readonly DailyVariable RadiationSum =
        Add("shortwave_radiation_sum", "MJ/m²", 2, HourlyVariables.ShortwaveRadiation, DayFold.Sum, 60, day => day.ShortwaveRadiationSum, MegajoulesOfWattHours);

    /// <summary>All, in the order of the record's fields.</summary>
    public static IReadOnlyList<DailyVariable> All => Listed;

    /// <summary>A record of one place and date.</summary>
    /// <param name="values">One of each variable, by its index.</param>
    internal static DailyMetrics Record(Place place, LocalDay day, int utcOffsetSeconds, string source, ReadOnlySpan<double?> values) => new()
    {
        Place = place.Id,
        Latitude = place.Latitude,
        Longitude = place.Longitude,
        Date = day.Date,
        Zone = day.Window.Zone,
        DayStart = day.Window.Start,
        UtcOffsetSeconds = utcOffsetSeconds,
        Source = source,
        WeatherCode = values[WeatherCode.Index],
        Temperature2mMax = values[TemperatureMax.Index],
        Temperature2mMin = values[TemperatureMin.Index],
        Temperature2mMean = values[TemperatureMean.Index],
        ApparentTemperatureMax = values[ApparentMax.Index],
        ApparentTemperatureMin = values[ApparentMin.Index],
        PrecipitationSum = values[PrecipitationSum.Index],
        RainSum = values[RainSum.Index],
        SnowfallSum = values[SnowfallSum.Index],
        PrecipitationHours = values[PrecipitationHours.Index],
        WindSpeed10mMax = values[WindSpeedMax.Index],
        WindGusts10mMax = values[WindGustsMax.Index],
        ShortwaveRadiationSum = values[RadiationSum.Index],
    };

    private static DailyVariable Add(
        string name, string unit, int decimals, HourlyVariable from, DayFold fold, double highest, Func<DailyMetrics, double?> of, double scale = 1)
    {
        var variable = new DailyVariable(name, unit, decimals, from, fold, scale, highest, of) { Index = Listed.Count };
        Listed.Add(variable);
        return variable;
    }
}
