using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Planning;

/// <summary>Plans the runs that are due. Safe to ring at any time, twice, late, and on several nodes: the store's place of the schedule says from where, and a run is inserted if absent.</summary>
/// <remarks>It remembers when each DAG fires next, and asks the store for nothing before that.</remarks>
public sealed class ScheduleTick(IReadOnlyList<Dag> dags, IRunLedger runs, TimeProvider clock, string codeVersion)
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly List<Entry> _entries = [.. dags.Where(dag => !dag.Schedule.IsManual).Select(dag => new Entry(dag))];

    /// <returns>The runs it put in.</returns>
    public async Task<IReadOnlyList<Run>> RunAsync(CancellationToken cancel)
    {
        var planned = new List<Run>();
        foreach (var entry in _entries)
        {
            var now = clock.GetUtcNow();
            if (entry.Next > now && entry.Looked <= now) continue; // a clock that was set back makes it look again
            var status = await runs.StatusAsync(entry.Dag.Name, cancel);
            if (!status.IsPaused)
            {
                // The place is stored even where no run is made: what catch-up leaves out is left out for good.
                planned.AddRange(await runs.PlanAsync(entry.Dag.Name, DueFires.Of(entry.Dag, status.Reached, now, codeVersion), now, cancel));
            }
            (entry.Looked, entry.Next) = (now, status.IsPaused ? now + Every : entry.Times.Next(now) ?? DateTimeOffset.MaxValue);
        }
        return planned;
    }

    /// <summary>How long until the next tick is of use, at most <see cref="Every"/>.</summary>
    public TimeSpan Wait()
    {
        var now = clock.GetUtcNow();
        var next = _entries.Count == 0 ? now + Every : _entries.Min(entry => entry.Next);
        var wait = next - now;
        return wait > Every ? Every : wait < TimeSpan.FromMilliseconds(10) ? TimeSpan.FromMilliseconds(10) : wait;
    }

    private sealed class Entry(Dag dag)
    {
        public Dag Dag => dag;

        public FireTimes Times { get; } = FireTimes.Of(dag);

        public DateTimeOffset Looked { get; set; } = DateTimeOffset.MinValue;

        public DateTimeOffset Next { get; set; } = DateTimeOffset.MinValue;
    }
}
