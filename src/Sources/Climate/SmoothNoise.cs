namespace Etl.Sources.Climate;

/// <summary>
/// Noise that changes smoothly over the globe and over time: neighbours in place and hour are alike, those far apart are not. A function of its
/// arguments alone. Values lie on a lattice of about 500 km and one period, and are blended between its points.
/// </summary>
/// <param name="seed">Same seed, same noise.</param>
/// <param name="channel">What it is for: channels of one seed are independent.</param>
/// <param name="hoursPerCell">The period, in hours, above 0.</param>
internal readonly struct SmoothNoise(long seed, ulong channel, double hoursPerCell)
{
    private const double DegreesNorthPerCell = 5;
    private const double DegreesEastPerCell = 8;
    private const int CellsAround = (int)(360 / DegreesEastPerCell);
    private const int CornersOfCell = 8;

    // Blending eight uniform values narrows them; this brings the typical deviation back to about a half.
    private const double Spread = 1.5;

    private readonly CounterRandom random = new((ulong)seed, channel);

    /// <summary>The noise, -1 to 1, 0 on average.</summary>
    /// <param name="hours">Hours since 1970, whole or not.</param>
    public double At(double latitude, double longitude, double hours)
    {
        var (north, atNorth) = Split((latitude + 90) / DegreesNorthPerCell);
        var (east, atEast) = Split((longitude + 180) / DegreesEastPerCell);
        var (period, atPeriod) = Split(hours / hoursPerCell);
        double blended = 0;
        for (int corner = 0; corner < CornersOfCell; corner++)
        {
            int stepNorth = corner & 1, stepEast = (corner >> 1) & 1, stepPeriod = corner >> 2;
            double weight = Side(atNorth, stepNorth) * Side(atEast, stepEast) * Side(atPeriod, stepPeriod);
            blended += weight * Corner(north + stepNorth, (east + stepEast) % CellsAround, period + stepPeriod);
        }
        return Math.Clamp(blended * Spread, -1, 1);
    }

    private double Corner(long north, long east, long period) => 2 * random.Uniform((ulong)((period << 16) ^ (north << 8) ^ east)) - 1;

    private static (long Cell, double Within) Split(double value)
    {
        double cell = Math.Floor(value), within = value - cell;
        return ((long)cell, within * within * (3 - 2 * within)); // flat at the lattice's points, so without edges
    }

    private static double Side(double within, int step) => step == 0 ? 1 - within : within;
}
