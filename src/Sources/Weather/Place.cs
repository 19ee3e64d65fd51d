using System.Globalization;

namespace Etl.Sources.Weather;

/// <summary>A point of the earth as it is asked for. Sources answer for a grid cell near by: what names a record is the point that was asked for.</summary>
public sealed record Place
{
    /// <param name="latitude">Degrees north, -90 to 90.</param>
    /// <param name="longitude">Degrees east, -180 to 180.</param>
    /// <exception cref="ArgumentOutOfRangeException">Outside those ranges, or no number.</exception>
    public Place(double latitude, double longitude)
    {
        if (!(latitude is >= -90 and <= 90)) throw new ArgumentOutOfRangeException(nameof(latitude), latitude, "expected -90 to 90 degrees north");
        if (!(longitude is >= -180 and <= 180)) throw new ArgumentOutOfRangeException(nameof(longitude), longitude, "expected -180 to 180 degrees east");
        (Latitude, Longitude) = (latitude + 0.0, longitude + 0.0); // -0 becomes 0, so that a place has one id
    }

    public double Latitude { get; }

    public double Longitude { get; }

    /// <summary>Both numbers at their shortest: <c>52.5244,13.4105</c>. One place has one id, however it was written.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Latitude},{Longitude}");

    /// <summary>Kilometres to a point on the globe.</summary>
    public double KilometresTo(double latitude, double longitude)
    {
        const double EarthRadius = 6_371;
        double north = Radians(latitude - Latitude) / 2, east = Radians(longitude - Longitude) / 2;
        double chord = Math.Pow(Math.Sin(north), 2) + Math.Cos(Radians(Latitude)) * Math.Cos(Radians(latitude)) * Math.Pow(Math.Sin(east), 2);
        return 2 * EarthRadius * Math.Asin(Math.Sqrt(Math.Min(1, chord)));
    }

    public override string ToString() => Id;

    private static double Radians(double degrees) => degrees * Math.PI / 180;
}
