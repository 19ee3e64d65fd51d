using Cronos;

namespace Etl.Contracts.Workflow;

/// <summary>When a DAG runs by itself, on the wall clock of its zone.</summary>
public sealed record Schedule
{
    private const int Fields = 5;

    private Schedule(string? cron, TimeSpan? interval) => (Expression, Interval) = (cron, interval);

    /// <summary>A cron expression of five fields, <c>30 6 * * *</c>; null when it is an interval or manual.</summary>
    public string? Expression { get; }

    /// <summary>Time between two runs, counted from midnight UTC of 1970-01-01; null when it is cron or manual.</summary>
    public TimeSpan? Interval { get; }

    public bool IsManual => Expression is null && Interval is null;

    /// <summary>Only when somebody triggers it.</summary>
    public static Schedule Manual { get; } = new(null, null);

    /// <param name="expression">
    /// Five fields: minute, hour, day of month, month, day of week. A time that the zone skips fires when the gap ends; one that it repeats fires once,
    /// unless the hour is <c>*</c> or a step: what runs each hour runs in both.
    /// </param>
    /// <exception cref="ArgumentException">It is no such expression, or no day ever fits it.</exception>
    public static Schedule Cron(string expression)
    {
        string[] fields = expression.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != Fields) throw Refused(expression, $"found {fields.Length} fields");
        try
        {
            string tidy = string.Join(' ', fields);
            var parsed = CronExpression.Parse(tidy, CronFormat.Standard);
            if (parsed.GetNextOccurrence(DateTime.UnixEpoch, inclusive: true) is null) throw Refused(expression, "no day ever fits it");
            return new(tidy, null);
        }
        catch (CronFormatException error) { throw Refused(expression, error.Message.TrimEnd('.'), error); }
    }

    /// <param name="interval">1 second to 366 days.</param>
    public static Schedule Every(TimeSpan interval) => interval >= TimeSpan.FromSeconds(1) && interval <= TimeSpan.FromDays(366)
        ? new(null, interval) : throw new ArgumentOutOfRangeException(nameof(interval), interval, "schedule: expected 1 second to 366 days");

    public override string ToString() => Expression ?? (Interval is { } interval ? $"every {interval}" : "manual");

    private static ArgumentException Refused(string expression, string found, Exception? inner = null) =>
        new($"schedule \"{expression}\": {found}; expected five cron fields: minute hour day-of-month month day-of-week, such as \"30 6 * * *\" or \"*/15 8-18 * * MON-FRI\"", nameof(expression), inner);
}
