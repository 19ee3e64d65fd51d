using System.ComponentModel;
using Etl.Jobs.Weather;
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
    public Secret ApiKey { get; init; } = Secret.None;

    [Description("Topic of hours; HOURLY_DATA_TOPIC of the environment too.")]
    public string HourlyTopic { get; init; } = new WeatherNames().HourlyTopic;

    [Description("Topic of days; DAILY_DATA_TOPIC of the environment too.")]
    public string DailyTopic { get; init; } = new WeatherNames().DailyTopic;

    [Description("Table of hours in the sinks; HOURLY_SINK_TABLE of the environment too.")]
    public string HourlyTable { get; init; } = new WeatherNames().HourlyTable;

    [Description("Table of days in the sinks; DAILY_SINK_TABLE of the environment too.")]
    public string DailyTable { get; init; } = new WeatherNames().DailyTable;

    internal WeatherNames Names => new() { HourlyTopic = HourlyTopic, DailyTopic = DailyTopic, HourlyTable = HourlyTable, DailyTable = DailyTable };

    internal OpenMeteoOptions Options => new() { ForecastUrl = ForecastUrl, ArchiveUrl = ArchiveUrl, ApiKey = ApiKey.IsSet ? ApiKey.Reveal() : null };

    public IEnumerable<string> Faults()
    {
        if (Source is not (Climate or OpenMeteo or Auto)) yield return $"weather.source: found \"{Source}\", expected {Climate}, {OpenMeteo} or {Auto}";
        foreach (string fault in Options.Faults().Concat(Names.Faults())) yield return $"weather.{fault}";
    }
}
