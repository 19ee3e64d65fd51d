namespace Etl.Sources.Weather;

/// <summary>What hourly and daily variables share: what a value of one must look like.</summary>
public interface IWeatherVariable
{
    /// <summary>As Open-Meteo and the record's field call it.</summary>
    string Name { get; }

    /// <summary>As Open-Meteo writes it.</summary>
    string Unit { get; }

    /// <summary>The lowest plausible value, included.</summary>
    double Lowest { get; }

    /// <summary>The highest plausible value, included.</summary>
    double Highest { get; }
}
