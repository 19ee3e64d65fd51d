using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Planning;

/// <summary>The runs that a schedule's fires ask for, by the DAG's catch-up. Pure.</summary>
public static class DueFires
{
    /// <summary>A fire that is planned later than this after its time was missed: catch-up decides about it, and it runs in the backfill lane.</summary>
    public static readonly TimeSpan MissedAfter = TimeSpan.FromMinutes(10);

    /// <summary>Runs of one plan; the newest where there are more.</summary>
    public const int RunsMax = 10_000;

    /// <param name="reached">All fires up to here were planned before; null where the schedule is new: catch-up within a time looks back that far, "last" takes the newest, the others begin now.</param>
    /// <returns>The newest first.</returns>
    public static IReadOnlyList<PlannedRun> Of(Dag dag, DateTimeOffset? reached, DateTimeOffset now, string codeVersion)
    {
        var times = FireTimes.Of(dag);
        var fires = new Queue<DateTimeOffset>();
        foreach (var fire in times.Between(From(dag.CatchUp, times, reached, now), now))
        {
            if (!IsWanted(dag.CatchUp, fire, now)) continue;
            if (fires.Count == (dag.CatchUp == CatchUp.Last && fires.TryPeek(out var oldest) && IsMissed(oldest, now) ? 1 : RunsMax)) fires.Dequeue();
            fires.Enqueue(fire);
        }
        var runs = new List<PlannedRun>(fires.Count);
        DateTimeOffset? before = fires.TryPeek(out var first) ? times.Last(first.AddTicks(-1)) : null;
        foreach (var fire in fires)
        {
            if (runs.Count > 0) before = times.Last(fire.AddTicks(-1));
            runs.Add(new(RunKind.Scheduled, fire, before ?? fire, fire, IsMissed(fire, now) ? Lane.Backfill : Lane.Live, "{}", $"the schedule {dag.Schedule} fired", codeVersion));
        }
        runs.Reverse();
        return runs;
    }

    public static bool IsMissed(DateTimeOffset fire, DateTimeOffset now) => now - fire > MissedAfter;

    private static DateTimeOffset From(CatchUp catchUp, FireTimes times, DateTimeOffset? reached, DateTimeOffset now)
    {
        if (reached is { } place) return catchUp.Within is { } within && now - within - MissedAfter is var bound && bound > place ? bound : place;
        if (catchUp == CatchUp.Last) return times.Last(now)?.AddTicks(-1) ?? now;
        return catchUp.Within is { } back ? now - back : now;
    }

    private static bool IsWanted(CatchUp catchUp, DateTimeOffset fire, DateTimeOffset now) => !IsMissed(fire, now) || catchUp.Within is not { } within || now - fire <= within;
}
