using Etl.Contracts.Workflow;
using Hangfire;

namespace Etl.Scheduler.OnHangfire;

/// <summary>One recurring job for each DAG, so that the recurring jobs are the DAGs.</summary>
public static class RecurringDags
{
    public static void Declare(this IRecurringJobManagerV2 jobs, IEnumerable<Dag> dags)
    {
        foreach (var dag in dags)
            jobs.AddOrUpdate<DagRinger>(dag.Name, ringer => ringer.RingAsync(dag.Name, null!), CronOf(dag.Schedule),
                new RecurringJobOptions { TimeZone = ZoneOf(dag), MisfireHandling = MisfireHandlingMode.Relaxed });
    }

    /// <summary>Hangfire knows cron alone: an interval that divides the hour or the day is one; another is shown as never, and rung by the tick.</summary>
    public static string CronOf(Schedule schedule) => schedule switch
    {
        { Expression: { } cron } => cron,
        { Interval: { Seconds: 0, Milliseconds: 0 } interval } when interval.TotalMinutes is >= 1 and < 60 && 60 % interval.TotalMinutes == 0 => $"*/{(int)interval.TotalMinutes} * * * *",
        { Interval: { Minutes: 0, Seconds: 0, Milliseconds: 0 } interval } when interval.TotalHours is >= 1 and <= 24 && 24 % interval.TotalHours == 0 => interval.TotalHours == 24 ? "0 0 * * *" : $"0 */{(int)interval.TotalHours} * * *",
        _ => Cron.Never(),
    };

    /// <summary>For display and for the bell: which runs there are, the tick decides by NodaTime. Intervals count from midnight UTC.</summary>
    private static TimeZoneInfo ZoneOf(Dag dag)
    {
        if (dag.Schedule.Interval is not null) return TimeZoneInfo.Utc;
        return TimeZoneInfo.TryFindSystemTimeZoneById(dag.Zone, out var zone) ? zone : TimeZoneInfo.Utc; // the machine may have no such zone: its bell is off, the tick is not
    }
}
