namespace Etl.Contracts.Workflow;

/// <summary>When a DAG runs by itself, on the wall clock of its zone.</summary>
public sealed record Schedule
{
    private Schedule(string? cron, TimeSpan? interval) => (Expression, Interval) = (cron, interval);

    /// <summary>A cron expression of five fields, <c>30 6 * * *</c>; null when it is an interval or manual.</summary>
    public string? Expression { get; }

    /// <summary>Time between two runs, counted from midnight UTC of 1970-01-01; null when it is cron or manual.</summary>
    public TimeSpan? Interval { get; }

    /// <summary>Only when somebody triggers it.</summary>
    public static Schedule Manual { get; } = new(null, null);

    /// <param name="expression">Five fields: minute, hour, day of month, month, day of week. A time that the zone skips fires when the gap ends; one that it repeats fires once.</param>
    public static Schedule Cron(string expression) => new(expression, null);

    /// <param name="interval">1 second to 366 days.</param>
    public static Schedule Every(TimeSpan interval) => interval >= TimeSpan.FromSeconds(1) && interval <= TimeSpan.FromDays(366)
        ? new(null, interval) : throw new ArgumentOutOfRangeException(nameof(interval), interval, "expected 1 second to 366 days");

    public override string ToString() => Expression ?? (Interval is { } interval ? $"every {interval}" : "manual");
}
