namespace Etl.Sources.Climate;

/// <summary>The weather in a word, as a number of WMO code table 4677: the few that a sky, water and fog make.</summary>
internal static class WeatherCodes
{
    /// <param name="cloud">Share of the sky, 0 to 1.</param>
    /// <param name="rain">mm in the hour.</param>
    /// <param name="snow">cm in the hour.</param>
    /// <param name="humidity">%.</param>
    /// <param name="wind">km/h.</param>
    /// <param name="temperature">°C.</param>
    public static int Of(double cloud, double rain, double snow, double humidity, double wind, double temperature) => 0 switch
    {
        _ when snow > 1.5 => 75, // heavy snow
        _ when snow > 0.5 => 73,
        _ when snow > 0 => 71,
        _ when rain > 2 && temperature > 15 => 95, // thunderstorm
        _ when rain > 2.5 => 65, // heavy rain
        _ when rain > 1 => 63,
        _ when rain > 0.4 => 61,
        _ when rain > 0 => 51, // drizzle
        _ when humidity > 96 && wind < 8 => 45, // fog
        _ when cloud > 0.85 => 3, // overcast
        _ when cloud > 0.5 => 2,
        _ when cloud > 0.2 => 1,
        _ => 0, // clear
    };
}
