namespace Etl.Jobs.Weather;

/// <summary>Names that users of the Airflow pipeline have set for themselves.</summary>
public sealed record WeatherNames
{
    /// <summary>Setting <c>HOURLY_DATA_TOPIC</c>.</summary>
    public string HourlyTopic { get; init; } = "hourlymetrics";

    /// <summary>Setting <c>DAILY_DATA_TOPIC</c>.</summary>
    public string DailyTopic { get; init; } = "dailymetrics";

    /// <summary>Setting <c>HOURLY_SINK_TABLE</c>.</summary>
    public string HourlyTable { get; init; } = "hourlydata";

    /// <summary>Setting <c>DAILY_SINK_TABLE</c>.</summary>
    public string DailyTable { get; init; } = "dailydata";
}
