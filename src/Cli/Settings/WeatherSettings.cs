using System.ComponentModel;
using Etl.Sources.OpenMeteo;

namespace Etl.Cli.Settings;

/// <summary>Where weather comes from.</summary>
public sealed record WeatherSettings
{
    public const string Climate = "climate", OpenMeteo = "open-meteo", Auto = "auto";

    [Description("climate (made-up weather, no network), open-meteo, or auto (open-meteo where it can be reached, else climate).")]
    public string Source { get; init; } = Climate;

    [Description("Open-Meteo's forecast, for dates that its archive does not have yet; BASE_URL of the environment too.")]
    public string ForecastUrl { get; init; } = new OpenMeteoOptions().ForecastUrl;

    [Description("Open-Meteo's archive, for dates from 1940 on.")]
    public string ArchiveUrl { get; init; } = new OpenMeteoOptions().ArchiveUrl;

    [Description("API key of a paid plan of Open-Meteo; empty: the free one.")]
    public string ApiKey { get; init; } = "";

    internal OpenMeteoOptions Options => new() { ForecastUrl = ForecastUrl, ArchiveUrl = ArchiveUrl, ApiKey = ApiKey.Length > 0 ? ApiKey : null };

    public IEnumerable<string> Faults()
    {
        if (Source is not (Climate or OpenMeteo or Auto)) yield return $"weather.source: found \"{Source}\", expected {Climate}, {OpenMeteo} or {Auto}";
        foreach (string fault in Options.Faults()) yield return $"weather.{fault}";
    }
}
