namespace Etl.Sources.Climate;

/// <summary>Where the sun stands: good to a degree, which is all that made-up weather needs.</summary>
internal static class Sun
{
    private const double TropicDegrees = 23.44;
    private const double DaysPerYear = 365.2425;
    private const double SolsticeDayOfYear = 355; // 21 December
    private const double DegreesPerHour = 15;

    /// <summary>How far the year is from the northern winter solstice, in radians.</summary>
    public static double YearAngle(double hours) => 2 * Math.PI * (((hours / 24) - SolsticeDayOfYear + 1) / DaysPerYear);

    /// <summary>Hours of the sun's day, 12 at its highest.</summary>
    public static double SolarHour(double longitude, double hours) => ((hours + longitude / DegreesPerHour) % 24 + 24) % 24;

    /// <summary>Sine of the sun's height above the horizon; below 0 at night.</summary>
    public static double SineOfHeight(double latitude, double longitude, double hours)
    {
        double declination = -TropicDegrees * Math.PI / 180 * Math.Cos(YearAngle(hours));
        double fromNoon = (SolarHour(longitude, hours) - 12) * DegreesPerHour * Math.PI / 180;
        double north = latitude * Math.PI / 180;
        return Math.Sin(north) * Math.Sin(declination) + Math.Cos(north) * Math.Cos(declination) * Math.Cos(fromNoon);
    }
}
