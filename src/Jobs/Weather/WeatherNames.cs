using System.Text.RegularExpressions;

namespace Etl.Jobs.Weather;

/// <summary>Names that users of the Airflow pipeline have set for themselves.</summary>
public sealed partial record WeatherNames
{
    /// <summary>Setting <c>HOURLY_DATA_TOPIC</c>.</summary>
    public string HourlyTopic { get; init; } = "hourlymetrics";

    /// <summary>Setting <c>DAILY_DATA_TOPIC</c>.</summary>
    public string DailyTopic { get; init; } = "dailymetrics";

    /// <summary>Setting <c>HOURLY_SINK_TABLE</c>.</summary>
    public string HourlyTable { get; init; } = "hourlydata";

    /// <summary>Setting <c>DAILY_SINK_TABLE</c>.</summary>
    public string DailyTable { get; init; } = "dailydata";

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        foreach (var (name, topic) in new[] { ("hourlyTopic", HourlyTopic), ("dailyTopic", DailyTopic) })
            if (!TopicForm().IsMatch(topic) || topic is "." or "..") yield return $"{name}: found \"{topic}\", expected 1 to 249 letters, digits, dots, _ and -";
        foreach (var (name, table) in new[] { ("hourlyTable", HourlyTable), ("dailyTable", DailyTable) })
            if (!TableForm().IsMatch(table)) yield return $"{name}: found \"{table}\", expected 1 to 64 letters, digits and _, not beginning with a digit";
        if (HourlyTopic == DailyTopic) yield return $"dailyTopic: found \"{DailyTopic}\", the topic of hours; expected another";
        if (HourlyTable.Equals(DailyTable, StringComparison.OrdinalIgnoreCase)) yield return $"dailyTable: found \"{DailyTable}\", the table of hours; expected another";
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,249}\z")] private static partial Regex TopicForm();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,63}\z")] private static partial Regex TableForm();
}
