using Etl.Sources.Weather;

namespace Etl.Sources.Climate;

/// <summary>
/// Made-up weather of one place at one hour: the season and the time of day, weather systems that pass within days, and what follows from them by
/// simple physics, so that the variables fit each other: no rain without clouds, no dew point above the temperature, no sun at night.
/// </summary>
/// <param name="seed">Same seed, same weather.</param>
internal sealed class ClimateModel(long seed)
{
    private const double SeasonLagRadians = 0.5; // the coldest day comes about a month after the shortest
    private const double WarmestSolarHour = 15;
    private const double MeanSeaLevelPressure = 1_013;
    private const double CloudOfRain = 0.7; // share of the sky from which on it can rain
    private const double RainMost = 3.2; // mm in an hour
    private const double SunAtGround = 1_050; // W/m² under a clear sky, the sun at the zenith
    private const double SnowCentimetresPerMillimetre = 0.7;
    private const double ElevationMost = 600; // metres

    private readonly SmoothNoise pressureSystems = new(seed, 1, 96);
    private readonly SmoothNoise airMasses = new(seed, 2, 130);
    private readonly SmoothNoise fronts = new(seed, 3, 22);
    private readonly SmoothNoise clouds = new(seed, 4, 9);
    private readonly SmoothNoise showers = new(seed, 5, 2.5);
    private readonly SmoothNoise winds = new(seed, 6, 14);
    private readonly SmoothNoise directions = new(seed, 7, 40);
    private readonly SmoothNoise moisture = new(seed, 8, 30);
    private readonly SmoothNoise elevations = new(seed, 9, 1e12);

    /// <summary>Writes the values of all variables by their index, rounded as the source prints them.</summary>
    /// <param name="hours">Full hours since 1970 UTC.</param>
    public void At(Place place, long hours, Span<double?> values)
    {
        double At(SmoothNoise noise) => noise.At(place.Latitude, place.Longitude, hours);

        double system = At(pressureSystems);
        double cloud = Math.Clamp(0.5 - 0.45 * system + 0.35 * At(fronts) + 0.3 * At(clouds), 0, 1);
        double sun = Math.Max(0, Sun.SineOfHeight(place.Latitude, place.Longitude, hours));
        double dayCycle = Math.Cos(2 * Math.PI * (Sun.SolarHour(place.Longitude, hours) - WarmestSolarHour) / 24);
        double swing = (1.5 + 4.5 * (1 - cloud)) * Math.Cos(place.Latitude * Math.PI / 180) * dayCycle;
        double temperature = Seasonal(place.Latitude, hours) + 4 * At(airMasses) + 1.5 * At(fronts) + swing;

        double humidity = Math.Clamp(70 + 24 * (cloud - 0.5) - 3.5 * swing + 15 * At(moisture), 12, 100);
        double precipitation = cloud <= CloudOfRain ? 0 : RainMost * Math.Pow((cloud - CloudOfRain) / (1 - CloudOfRain), 2) * Math.Max(0, At(showers));
        double rainShare = Math.Clamp((temperature + 0.5) / 2, 0, 1); // snow below -0.5 °C, rain above 1.5 °C, sleet between
        double wind = Math.Max(0.4, 11 - 5 * system + 9 * At(winds) + 2 * dayCycle);
        double pressure = MeanSeaLevelPressure + 16 * system + 5 * At(fronts);
        double elevation = ElevationMost * (0.5 + 0.5 * elevations.At(place.Latitude, place.Longitude, 0));

        // What depends on another variable is made of its printed value, so that whoever checks the record finds them in agreement.
        double printedTemperature = HourlyVariables.Temperature.Rounded(temperature), printedHumidity = HourlyVariables.RelativeHumidity.Rounded(humidity);
        double printedPrecipitation = HourlyVariables.Precipitation.Rounded(precipitation), printedRain = HourlyVariables.Rain.Rounded(printedPrecipitation * rainShare);
        double snow = (printedPrecipitation - printedRain) * SnowCentimetresPerMillimetre;
        Set(values, HourlyVariables.Temperature, printedTemperature);
        Set(values, HourlyVariables.RelativeHumidity, printedHumidity);
        Set(values, HourlyVariables.DewPoint, Math.Min(printedTemperature, DewPoint(printedTemperature, printedHumidity)));
        Set(values, HourlyVariables.ApparentTemperature, Felt(printedTemperature, printedHumidity, wind));
        Set(values, HourlyVariables.Precipitation, printedPrecipitation);
        Set(values, HourlyVariables.Rain, printedRain);
        Set(values, HourlyVariables.SurfacePressure, AtElevation(pressure, elevation, temperature));
        Set(values, HourlyVariables.Temperature80m, temperature - 0.8 * Math.Sqrt(sun) + (sun > 0 ? 0 : 1.2 * (1 - cloud)));
        Set(values, HourlyVariables.WeatherCode, WeatherCodes.Of(cloud, printedRain, snow, printedHumidity, wind, printedTemperature));
        Set(values, HourlyVariables.PressureMsl, pressure);
        Set(values, HourlyVariables.CloudCover, 100 * cloud);
        Set(values, HourlyVariables.WindSpeed, wind);
        Set(values, HourlyVariables.WindDirection, (250 + 170 * At(directions) + 360) % 360);
        Set(values, HourlyVariables.WindGusts, wind * (1.5 + 0.5 * cloud));
        Set(values, HourlyVariables.Snowfall, snow);
        Set(values, HourlyVariables.ShortwaveRadiation, SunAtGround * sun * (1 - 0.75 * Math.Pow(cloud, 3.4)));
    }

    private static void Set(Span<double?> values, HourlyVariable variable, double value) => values[variable.Index] = variable.Rounded(value);

    /// <summary>The temperature of the day of the year, in °C: warm at the equator, with seasons that grow towards the poles and turn over at the equator.</summary>
    private static double Seasonal(double latitude, double hours)
    {
        double cosine = Math.Cos(latitude * Math.PI / 180), sine = Math.Sin(Math.Abs(latitude) * Math.PI / 180);
        double mean = 27 * cosine * cosine - 18 * Math.Pow(sine, 16);
        return mean - 0.18 * latitude * Math.Cos(Sun.YearAngle(hours) - SeasonLagRadians);
    }

    /// <summary>By Magnus, over water, in °C.</summary>
    private static double DewPoint(double temperature, double humidity)
    {
        double gamma = Math.Log(humidity / 100) + 17.625 * temperature / (243.04 + temperature);
        return 243.04 * gamma / (17.625 - gamma);
    }

    /// <summary>By Steadman, in the shade, in °C.</summary>
    /// <param name="wind">km/h.</param>
    private static double Felt(double temperature, double humidity, double wind)
    {
        double vapour = humidity / 100 * 6.105 * Math.Exp(17.27 * temperature / (237.7 + temperature)); // hPa
        return temperature + 0.33 * vapour - 0.7 * wind / 3.6 - 4;
    }

    /// <summary>By the barometric formula, in hPa.</summary>
    /// <param name="elevation">Metres.</param>
    private static double AtElevation(double pressure, double elevation, double temperature) => pressure * Math.Exp(-elevation / (29.27 * (temperature + 273.15)));
}
