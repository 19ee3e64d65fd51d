using Etl.Contracts.Events;

namespace Etl.Sources.Weather;

/// <summary>A variable with a value for each hour.</summary>
/// <param name="Name">As Open-Meteo and the field of <see cref="HourlyMetrics"/> call it.</param>
/// <param name="Unit">As Open-Meteo writes it, in the units that are asked for.</param>
/// <param name="Decimals">How many of them values carry.</param>
/// <param name="Lowest">The lowest value that is plausible anywhere on the ground, included.</param>
/// <param name="Highest">The highest such value, included.</param>
/// <param name="Of">Reads it from a record.</param>
public sealed record HourlyVariable(string Name, string Unit, int Decimals, double Lowest, double Highest, Func<HourlyMetrics, double?> Of) : IWeatherVariable
{
    /// <summary>Its place in <see cref="HourlyVariables.All"/>.</summary>
    internal int Index { get; init; }

    /// <summary>A value as the source prints it: rounded, and inside the range.</summary>
    internal double Rounded(double value) => Math.Round(Math.Clamp(value, Lowest, Highest), Decimals, MidpointRounding.AwayFromZero) + 0.0;
}
