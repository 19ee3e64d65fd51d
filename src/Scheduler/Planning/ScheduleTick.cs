using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Planning;

/// <summary>Plans the runs that are due. Safe to ring at any time, twice, late, and on several nodes: the store's place of the schedule says from where, and a run is inserted if absent.</summary>
/// <remarks>
/// It remembers when each DAG fires next, and asks the store for nothing before that. Where the clock ran ahead and was set back, the fires since the last one made are looked
/// at again: what was made ahead is not made twice, what catch-up left out in between is not lost.
/// </remarks>
/// <param name="storeClock">The database's clock, where it is another than <paramref name="clock"/>: nothing is planned while the two are too far apart.</param>
public sealed class ScheduleTick(IReadOnlyList<Dag> dags, IRunLedger runs, TimeProvider clock, string codeVersion, Func<CancellationToken, Task<DateTimeOffset>>? storeClock = null)
{
    /// <summary>Clocks of nodes are this close; a place that is further ahead was left by a clock that ran ahead.</summary>
    private static readonly TimeSpan SetBackAfter = TimeSpan.FromMinutes(1);

    /// <summary>Runs that are looked through for the last fire before the clock ran ahead.</summary>
    private const int RunsAheadMax = 10_000;

    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly List<Entry> _entries = [.. dags.Where(dag => !dag.Schedule.IsManual).Select(dag => new Entry(dag))];

    /// <returns>The runs it put in.</returns>
    /// <exception cref="ClockSkewException">The database's clock is too far off this machine's: which fires are due is not known.</exception>
    public async Task<IReadOnlyList<Run>> RunAsync(CancellationToken cancel)
    {
        var planned = new List<Run>();
        foreach (var entry in _entries)
        {
            var now = clock.GetUtcNow();
            if (entry.Next > now && entry.Looked <= now) continue; // a clock that was set back makes it look again
            await RefuseSkewAsync(now, cancel);
            var status = await runs.StatusAsync(entry.Dag.Name, cancel);
            if (!status.IsPaused)
            {
                var reached = status.Reached - now > SetBackAfter ? await SetBackAsync(entry.Dag, now, cancel) : status.Reached;
                // The place is stored even where no run is made: what catch-up leaves out is left out for good.
                planned.AddRange(await runs.PlanAsync(entry.Dag.Name, DueFires.Of(entry.Dag, reached, now, codeVersion), now, cancel));
            }
            (entry.Looked, entry.Next) = (now, status.IsPaused ? now + Every : entry.Times.Next(now) ?? DateTimeOffset.MaxValue);
        }
        return planned;
    }

    private async Task RefuseSkewAsync(DateTimeOffset now, CancellationToken cancel)
    {
        var max = new MetadataOptions().ClockSkewMax;
        if (storeClock is not null && await storeClock(cancel) is var store && (store - now).Duration() > max) throw new ClockSkewException(store, now, max);
    }

    /// <returns>The last fire up to now that has its run: from there on they are looked at again; null where none has.</returns>
    private async Task<DateTimeOffset?> SetBackAsync(Dag dag, DateTimeOffset now, CancellationToken cancel)
    {
        var made = (await runs.ListAsync(new() { Dags = [dag.Name], Kind = RunKind.Scheduled, Max = RunsAheadMax }, cancel)).FirstOrDefault(run => run.Fire <= now)?.Fire;
        await runs.SetBackAsync(dag.Name, made ?? now, cancel);
        return made;
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
