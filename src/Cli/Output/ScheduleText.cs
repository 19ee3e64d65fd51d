using System.Globalization;
using Etl.Contracts.Workflow;

namespace Etl.Cli.Output;

/// <summary>A schedule in words, where it has a common form; else its cron.</summary>
internal static class ScheduleText
{
    private static readonly string[] Days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    public static string Of(Dag dag) => dag.Schedule switch
    {
        { Expression: { } cron } => $"{Cron(cron)} ({dag.Zone})",
        { Interval: { } interval } => $"every {Length(interval)}",
        _ => dag.Steps.OfType<LandStep>().Any() ? "as events come, and when triggered" : "when triggered",
    };

    internal static string Cron(string cron)
    {
        string[] fields = cron.Split(' ');
        var (minute, hour, day, month, weekday) = (fields[0], fields[1], fields[2], fields[3], fields[4]);
        string? when = (Number(minute), Number(hour)) switch
        {
            ({ } m, { } h) => $"at {h:00}:{m:00}",
            ({ } m, null) when hour == "*" => $"each hour at :{m:00}",
            ({ } m, null) when Step(hour) is { } hours => $"every {hours} hours at :{m:00}",
            (null, null) when Step(minute) is { } minutes && hour == "*" => $"every {minutes} minutes",
            (null, null) when minute == "*" && hour == "*" => "every minute",
            _ => null,
        };
        string? which = (day, month, weekday) switch
        {
            ("*", "*", "*") => when?.StartsWith("at ", StringComparison.Ordinal) == true ? "daily" : "",
            ("*", "*", _) => WeekdaysOf(weekday),
            (_, "*", "*") when Number(day) is { } date => $"on day {date} of each month",
            _ => null,
        };
        return when is null || which is null ? $"cron {cron}" : $"{which} {when}".Trim();
    }

    public static string Length(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } when time.TotalDays % 1 == 0 => Count(time.TotalDays, "day"),
        { TotalHours: >= 1 } when time.TotalHours % 1 == 0 => Count(time.TotalHours, "hour"),
        { TotalMinutes: >= 1 } when time.TotalMinutes % 1 == 0 => Count(time.TotalMinutes, "minute"),
        _ => Count(time.TotalSeconds, "second"),
    };

    public static string CatchUpOf(CatchUp catchUp) => catchUp.Kind switch
    {
        "none" => "missed fires are left out",
        "last" => "of missed fires the last runs later",
        "within" => $"missed fires run later if not older than {Length(catchUp.Within ?? TimeSpan.Zero)}",
        _ => "missed fires run later",
    };

    private static string Count(double count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{count:0.###} {unit}{(count == 1 ? "" : "s")}");

    private static string? WeekdaysOf(string field)
    {
        string[] ends = field.Split('-');
        var names = ends.Select(Weekday).ToList();
        return names.Contains(null) ? null : ends.Length switch { 1 => $"each {names[0]}", 2 => $"{names[0]} to {names[1]}", _ => null };
    }

    private static string? Weekday(string text) => Number(text) is >= 0 and <= 7 and var number ? Days[number] : text.Length == 3 ? Days.FirstOrDefault(day => day.StartsWith(text, StringComparison.OrdinalIgnoreCase)) : null;

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static int? Step(string text) => text.StartsWith("*/", StringComparison.Ordinal) ? Number(text[2..]) : null;
}
