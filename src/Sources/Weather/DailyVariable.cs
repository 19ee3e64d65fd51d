using Etl.Contracts.Events;

namespace Etl.Sources.Weather;

/// <summary>How a day's value is made from its hours.</summary>
public enum DayFold
{
    /// <summary>The highest.</summary>
    Max,

    /// <summary>The lowest.</summary>
    Min,

    /// <summary>All together.</summary>
    Sum,

    /// <summary>The mean, each hour weighing the same.</summary>
    Mean,

    /// <summary>How many are above 0.</summary>
    HoursAboveZero,
}

/// <summary>A variable with a value for each local date, and how it follows from the date's hours.</summary>
/// <param name="Name">As Open-Meteo and the field of <see cref="DailyMetrics"/> call it.</param>
/// <param name="Unit">As Open-Meteo writes it, in the units that are asked for.</param>
/// <param name="Decimals">How many of them values carry.</param>
/// <param name="From">The hourly variable it is made from.</param>
/// <param name="Fold">How it is made.</param>
/// <param name="Scale">What the fold is multiplied by: 0.0036 from W/m² over an hour to MJ/m².</param>
/// <param name="Highest">The highest plausible value, included.</param>
/// <param name="Of">Reads it from a record.</param>
public sealed record DailyVariable(string Name, string Unit, int Decimals, HourlyVariable From, DayFold Fold, double Scale, double Highest, Func<DailyMetrics, double?> Of)
    : IWeatherVariable
{
    private const int HoursMax = 25; // of a local day; a sum's rounding errors grow with them

    /// <inheritdoc/>
    public double Lowest => From.Lowest;

    /// <summary>
    /// How far the source's value may be from one made of its hours: both are printed rounded, the hours before they are added up. 0 for the highest and
    /// the lowest of hours, which are printed values themselves when day and hours have as many decimals.
    /// </summary>
    public double Tolerance => Fold switch
    {
        DayFold.Sum => HoursMax * HalfUnit(From.Decimals) * Scale + HalfUnit(Decimals),
        DayFold.Mean => HalfUnit(From.Decimals) + HalfUnit(Decimals),
        _ => 0,
    };

    /// <summary>Its place in <see cref="DailyVariables.All"/>.</summary>
    internal int Index { get; init; }

    /// <summary>The day's value.</summary>
    /// <param name="hours">All hours of the day.</param>
    /// <returns>Null when there is no hour or one has no value.</returns>
    public double? Over(IEnumerable<HourlyMetrics> hours)
    {
        var values = hours.Select(From.Of).ToList();
        if (values.Count == 0 || values.Contains(null)) return null;
        double folded = Fold switch
        {
            DayFold.Max => values.Max()!.Value,
            DayFold.Min => values.Min()!.Value,
            DayFold.Sum => values.Sum()!.Value,
            DayFold.Mean => values.Average()!.Value,
            _ => values.Count(value => value > 0),
        };
        return Math.Round(folded * Scale, Decimals, MidpointRounding.AwayFromZero) + 0.0;
    }

    private static double HalfUnit(int decimals) => 0.5 * Math.Pow(10, -decimals);
}
