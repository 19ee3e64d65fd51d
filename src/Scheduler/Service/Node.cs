using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Backfilling;
using Etl.Scheduler.Planning;

namespace Etl.Scheduler.Service;

/// <summary>Runs DAGs by themselves until it is stopped: ticks, keeps runs, works on slots, supervises feeds; each by its role.</summary>
/// <param name="feeds">Of all DAGs, with the DAG that each belongs to.</param>
public sealed class Node(IReadOnlyList<Dag> dags, IReadOnlyList<(Dag Dag, IFeed Feed)> feeds, IRunCalls calls, WorkParts parts, NodeOptions options, Random random)
{
    private static readonly TimeSpan RestartWait = TimeSpan.FromSeconds(5);

    private readonly Wake _tick = new(parts.Clock);
    private volatile RunKeeper? _keeper;

    /// <summary>Told of each run that ended here.</summary>
    public event Action<Run, Etl.Metadata.RunEnd>? Ended;

    /// <summary>Told of each run that the schedule made here.</summary>
    public event Action<Run>? Fired;

    /// <summary>Told what was done for a DAG since the last time, when nothing is left to do for now.</summary>
    public event Action<Dag, NodeWork>? Worked;

    /// <summary>Told of each backfill that ended here.</summary>
    public event Action<Backfill>? Backfilled;

    public event Action<string>? Said;

    /// <summary>Says that a run was put in: it is taken now, not at the next look.</summary>
    public void RunsCame() => _keeper?.Wake.Ring();

    /// <summary>Works until <paramref name="stop"/>, then drains within <see cref="NodeOptions.DrainMax"/>. Begins anew where its token was revoked.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        if (parts.Runner.Breakers is { } breakers) breakers.Told += Say;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await OnceAsync(stop);
                if (stop.IsCancellationRequested) return;
                Say("the lease of this process was revoked or could not be renewed; it begins anew");
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { return; }
            catch (StoreException error) when (error.IsTransient) { Say($"waits, {error.Message}"); }
            try { await Task.Delay(RestartWait, parts.Clock, stop); }
            catch (OperationCanceledException) { return; }
        }
    }

    private async Task OnceAsync(CancellationToken stop)
    {
        await using var session = await WriterSession.OpenAsync(parts.Metadata, $"up {Environment.ProcessId}", parts.Clock, stop);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop, session.Lost);
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(session.Lost);
        var loops = options.Roles.HasFlag(Roles.Worker) ? dags.SelectMany(dag => DagLoop.Of(dag, parts)).ToList() : [];
        var supervisors = options.Roles.HasFlag(Roles.Feeds) ? feeds.Select(each => (each.Dag, Supervisor: new FeedSupervisor(each.Feed, new(each.Dag), parts, new Random(random.Next()), options.FeedEvery))).ToList() : [];
        var backfills = new BackfillKeeper(loops, parts);
        var keeper = new RunKeeper(loops, [.. supervisors.Select(each => each.Supervisor)], calls, parts, backfills);
        var tasks = new List<Task>();
        void Start(Func<Task> loop) => tasks.Add(Task.Run(async () =>
        {
            try { await loop(); }
            finally { await stopping.CancelAsync(); } // a loop that ends, ends all: a bug is told, not hidden
        }, CancellationToken.None));
        if (options.Roles.HasFlag(Roles.Scheduler)) Start(() => TickAsync(stopping.Token));
        if (options.Roles.HasFlag(Roles.Scheduler)) Start(() => new Housekeeping(parts.Metadata, options.LogsFor, options.RunsFor, parts.Clock).RunAsync(Say, stopping.Token));
        var works = dags.ToDictionary(dag => dag, _ => new NodeWork());
        void Tell(Dag dag, TimeSpan every)
        {
            if (parts.Clock.GetElapsedTime(works[dag].Taken) < every) return;
            var work = works[dag].Take(parts.Clock.GetTimestamp());
            if (!work.IsNothing) Worked?.Invoke(dag, work);
        }
        foreach (var loop in loops)
            Start(() => loop.RunAsync(session.Token, outcome =>
            {
                works[loop.Dag].Add(outcome);
                keeper.Note(outcome);
                backfills.Note(outcome);
                if (outcome is { Step: PollStep poll, Result: JobResult.Done })
                    foreach (var (_, supervisor) in supervisors.Where(each => poll.Into.Any(land => land.FullName == each.Supervisor.Name))) supervisor.Wake.Ring();
                Tell(loop.Dag, options.TellEvery);
            }, () =>
            {
                if (loops.All(other => other.Dag != loop.Dag || other.Last is { IsIdle: true })) Tell(loop.Dag, TimeSpan.Zero);
                keeper.Wake.Ring();
                backfills.Ring();
            }, Say, stopping.Token, kill.Token));
        foreach (var (dag, supervisor) in supervisors)
            Start(() => supervisor.RunAsync(session.Token, () => RingReaders(loops, dag), totals =>
            {
                works[dag].Add(totals);
                if (supervisor.IsPart)
                    foreach (var loop in loops.Where(loop => loop.Dag == dag && loop.Plans)) loop.WorkWithOthers();
                if (loops.Count == 0) Tell(dag, TimeSpan.Zero);
            }, Say, stopping.Token));
        if (loops.Count > 0 || supervisors.Count > 0) // where there are feeds alone, runs of other processes wait for what they land
        {
            _keeper = keeper;
            Start(() => keeper.RunAsync(session.Token, (run, end) => Ended?.Invoke(run, end), Say, stopping.Token));
        }
        if (loops.Count > 0) Start(() => backfills.RunAsync(backfill => Backfilled?.Invoke(backfill), Say, stopping.Token));
        using var logged = new CancellationTokenSource(); // what attempts say while they drain is kept too
        var logs = parts.Live.RunAsync(Say, logged.Token);
        if (tasks.Count == 0) Start(() => Task.Delay(Timeout.InfiniteTimeSpan, parts.Clock, stopping.Token));
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, parts.Clock, stopping.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            kill.CancelAfter(options.DrainMax);
            await Task.WhenAll(tasks);
        }
        finally
        {
            _keeper = null;
            await logged.CancelAsync();
            await logs;
            await GiveBackAsync(session.Token, loops, keeper);
        }
    }

    private async Task TickAsync(CancellationToken stop)
    {
        var tick = new ScheduleTick(dags, parts.Metadata.Runs, parts.Clock, options.CodeVersion, parts.Metadata.NowAsync);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var fired = await tick.RunAsync(stop);
                foreach (var run in fired) Fired?.Invoke(run);
                if (fired.Count > 0) RunsCame();
                await _tick.SleepAsync(tick.Wait(), stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { return; }
            catch (StoreException error) when (error.IsTransient || error is ClockSkewException)
            {
                Say($"the schedule waits, {error.Message}");
                try { await Task.Delay(RestartWait, parts.Clock, stop); }
                catch (OperationCanceledException) { return; }
            }
        }
    }

    private static void RingReaders(List<DagLoop> loops, Dag dag)
    {
        foreach (var loop in loops.Where(loop => loop.Dag == dag && loop.Plans)) loop.Wake.Ring();
    }

    /// <summary>Slots that were given up, and runs: due at once for the next process.</summary>
    private async Task GiveBackAsync(long token, List<DagLoop> loops, RunKeeper keeper)
    {
        try
        {
            await keeper.ReleaseAsync();
            foreach (var loop in loops) await loop.GiveBackAsync(token, "its worker was stopped", CancellationToken.None);
        }
        catch (StoreException error) { Say($"not given back: {error.Message}; their leases end by themselves"); }
    }

    public void Say(string message) => Said?.Invoke(message);
}

/// <summary>How a node works.</summary>
public sealed record NodeOptions
{
    public Roles Roles { get; init; } = Roles.All;

    /// <summary>Between two looks of a feed at its topic, 100 ms to 1 hour.</summary>
    public TimeSpan FeedEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long running slots may go on after a stop, 0 to 1 minute; then they are given up and due for the next process.</summary>
    public TimeSpan DrainMax { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>While there is work to do, what was done is told this often, 50 ms to 1 hour.</summary>
    public TimeSpan TellEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long what attempts said is kept, 1 hour to 10 years.</summary>
    public TimeSpan LogsFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long ended runs, attempts of slots and the names of old calls are kept, 1 hour to 10 years; what is still needed stays.</summary>
    public TimeSpan RunsFor { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Recorded with each run.</summary>
    public string CodeVersion { get; init; } = "";

    /// <summary>All that is wrong, one line each.</summary>
    public IEnumerable<string> Faults()
    {
        if (FeedEvery < TimeSpan.FromMilliseconds(100) || FeedEvery > TimeSpan.FromHours(1)) yield return $"node.feedEvery: {FeedEvery} is outside 100 ms to 1 hour";
        if (TellEvery < TimeSpan.FromMilliseconds(50) || TellEvery > TimeSpan.FromHours(1)) yield return $"node.tellEvery: {TellEvery} is outside 50 ms to 1 hour";
        if (LogsFor < TimeSpan.FromHours(1) || LogsFor > TimeSpan.FromDays(3_660)) yield return $"node.logsFor: {LogsFor} is outside 1 hour to 10 years";
        if (RunsFor < TimeSpan.FromHours(1) || RunsFor > TimeSpan.FromDays(3_660)) yield return $"node.runsFor: {RunsFor} is outside 1 hour to 10 years";
        if (DrainMax < TimeSpan.Zero || DrainMax > TimeSpan.FromMinutes(1)) yield return $"node.drainMax: {DrainMax} is outside 0 to 1 minute";
    }
}
