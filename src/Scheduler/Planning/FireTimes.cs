using Cronos;
using Etl.Contracts.Workflow;
using NodaTime;

namespace Etl.Scheduler.Planning;

/// <summary>The instants at which a schedule fires in a zone. Pure.</summary>
/// <remarks>
/// Cron is asked on wall time, as if it were UTC, and NodaTime maps wall time to instants: Cronos with <c>TimeZoneInfo</c> stays due for an hour at Dublin's change each
/// March. A wall time that the zone skips fires when the gap ends, a repeated one fires at its first pass; where the hour is <c>*</c> or a step, it fires in both.
/// </remarks>
public sealed class FireTimes
{
    private static readonly Duration Second = Duration.FromSeconds(1);

    /// <summary>How far back <see cref="Last"/> looks, ever further: a schedule that fires often is found at the first look.</summary>
    private static readonly TimeSpan[] LooksBack = [.. ((double[])[1 / 24.0, 1, 8, 32, 367, 1_500, 15_000]).Select(TimeSpan.FromDays)];

    private readonly CronExpression? _cron;
    private readonly bool _inBothPasses;
    private readonly TimeSpan? _interval;
    private readonly DateTimeZone _zone;

    public FireTimes(Schedule schedule, string zone)
    {
        _zone = DateTimeZoneProviders.Tzdb[zone];
        _interval = schedule.Interval;
        if (schedule.Expression is not { } expression) return;
        _cron = CronExpression.Parse(expression, CronFormat.Standard);
        _inBothPasses = expression.Split(' ')[1].AsSpan().ContainsAny('*', '/');
    }

    public static FireTimes Of(Dag dag) => new(dag.Schedule, dag.Zone);

    /// <summary>The first fire after an instant; null where it never fires again, or only when triggered.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        if (_interval is { } interval) return Epoch(FloorTicks(after.UtcTicks - DateTime.UnixEpoch.Ticks, interval.Ticks) + interval.Ticks);
        return _cron is null ? null : NextOfCron(_cron, Instant.FromDateTimeOffset(after))?.ToDateTimeOffset();
    }

    /// <summary>The last fire at or before an instant; null where there was none in the 41 years before it.</summary>
    public DateTimeOffset? Last(DateTimeOffset until)
    {
        if (_interval is { } interval) return Epoch(FloorTicks(until.UtcTicks - DateTime.UnixEpoch.Ticks, interval.Ticks));
        if (_cron is null) return null;
        foreach (var back in LooksBack)
            if (Between(until - back, until).Cast<DateTimeOffset?>().LastOrDefault() is { } last) return last;
        return null;
    }

    /// <summary>The fires in (<paramref name="after"/>, <paramref name="until"/>], rising.</summary>
    public IEnumerable<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset until)
    {
        for (var fire = Next(after); fire <= until; fire = Next(fire.Value)) yield return fire.Value;
    }

    private Instant? NextOfCron(CronExpression cron, Instant after)
    {
        var now = _zone.GetZoneInterval(after);
        while (cron.GetNextOccurrence(after.ToDateTimeUtc().AddTicks(now.WallOffset.Ticks)) is { } wall)
        {
            var (at, local) = (Instant.FromDateTimeUtc(wall.AddTicks(-now.WallOffset.Ticks)), LocalDateTime.FromDateTime(wall));
            if (now.HasEnd && at >= now.End)
            {
                if (local < _zone.GetZoneInterval(now.End).IsoLocalStart) return now.End; // inside the gap
                (after, now) = (now.End - Second, _zone.GetZoneInterval(now.End)); // the first pass is over, or there is no overlap: on with the next offset
            }
            else if (_inBothPasses || !now.HasStart || local >= _zone.GetZoneInterval(now.Start - Duration.Epsilon).IsoLocalEnd) return at;
            else after = at; // the second pass of a fixed time
        }
        return null;
    }

    private static long FloorTicks(long ticks, long unit) => ticks - ((ticks % unit) + unit) % unit;

    private static DateTimeOffset Epoch(long ticks) => new(DateTime.UnixEpoch.Ticks + ticks, TimeSpan.Zero);
}
