namespace Etl.Sources.OpenMeteo;

/// <summary>As how many calls Open-Meteo counts one.</summary>
public static class CallWeight
{
    private const double VariablesPerCall = 10;
    private const double DaysPerCall = 14;

    /// <summary>The weight: at least 1 for each place, more from 10 variables and 14 days on. A year of ten variables at five places is 130.</summary>
    /// <param name="places">1 or more.</param>
    /// <param name="variables">Hourly and daily ones together, 1 or more.</param>
    /// <param name="days">From the first to the last date, both included; 1 or more.</param>
    public static double Of(int places, int variables, int days)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(places, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(variables, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        double byVariables = variables / VariablesPerCall;
        return places * Math.Max(1, Math.Max(byVariables, byVariables * days / DaysPerCall));
    }
}
