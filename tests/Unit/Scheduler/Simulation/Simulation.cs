using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Metadata.Sqlite;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Scheduler.Simulation;

/// <summary>Planner, ledger, workers and committer of three nodes under one seed: kills, lost replies, pauses past the lease, late events, transient failures, throttling, clocks that jump forward and back or run apart, around a change of summer time.</summary>
internal sealed class Simulation : IJobCatalog, IAsyncDisposable
{
    private const int Nodes = 3, Actions = 36, SettleMax = 400, IdleMinutes = 6;

    private static readonly (string Zone, DateTimeOffset Change)[] Zones =
    [
        ("Europe/Berlin", new(2026, 3, 29, 1, 0, 0, TimeSpan.Zero)), ("America/New_York", new(2026, 11, 1, 6, 0, 0, TimeSpan.Zero)),
        ("Australia/Lord_Howe", new(2026, 4, 4, 15, 0, 0, TimeSpan.Zero)), ("Asia/Kolkata", new(2026, 1, 26, 0, 0, 0, TimeSpan.Zero)),
    ];

    private static readonly TimeSpan[] Jumps = [TimeSpan.FromHours(1), TimeSpan.FromHours(-1), TimeSpan.FromDays(1), TimeSpan.FromDays(-1)];

    /// <summary>Without work, in all: leases and delays are minutes, whatever the clocks did.</summary>
    private static readonly TimeSpan IdleMax = TimeSpan.FromHours(6);

    private static readonly CrashPoint[] Deaths = [CrashPoint.SlotClaimed, CrashPoint.CommitPrepared, CrashPoint.Committed];

    private readonly Random _random;
    private readonly string _folder;
    private readonly FakeTimeProvider _clock, _databaseClock;
    private readonly TruckDag _dag;
    private readonly DateTimeOffset _start, _end;
    private readonly Dictionary<DateTimeOffset, List<long>> _events = []; // the truth, by instant
    private readonly IMetadata _metadata;
    private readonly SimulatedLake _lake;
    private readonly SimulatedNode[] _nodes;
    private DateTimeOffset _frontier;
    private bool _calm;
    private bool _inside;
    private SimulatedNode? _working;

    private Simulation(int seed, string folder, IMetadata metadata, FakeTimeProvider clock, FakeTimeProvider databaseClock)
    {
        (_random, _folder, _metadata, _clock, _databaseClock) = (new(seed), folder, metadata, clock, databaseClock);
        var (zone, change) = Zones[_random.Next(Zones.Length)];
        (_dag, _start, _end) = (new(zone), change.AddHours(-_random.Next(4, 20)), change.AddHours(_random.Next(4, 20)));
        _frontier = _start;
        _lake = new(metadata);
        var planner = new Planner(_dag.Dag, _ => true);
        _nodes = [.. Enumerable.Range(0, Nodes).Select(node => new SimulatedNode(metadata, planner, this, clock, seed + node))];
    }

    /// <summary>Runs one seed to its end and says what is wrong; empty when nothing is.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(int seed, string template)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(template)!, $"{seed}")).FullName;
        File.Copy(template, Path.Combine(folder, "store.db"));
        var noon = new DateTimeOffset(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);
        var (clock, databaseClock) = (new FakeTimeProvider(noon), new FakeTimeProvider(noon));
        await using var simulation = new Simulation(seed, folder, await SqliteMetadata.OpenAsync(Path.Combine(folder, "store.db"), clock, new() { DatabaseClock = databaseClock }), clock, databaseClock);
        for (int action = 0; action < Actions; action++) await simulation.ActAsync();
        return await simulation.SettleAsync();
    }

    private Task<int> WorkAsync(CrashPoint? killAt) => (_working = Any).WorkAsync(killAt);

    private SimulatedNode Any => _nodes[_random.Next(Nodes)];

    private Task ActAsync() => _random.Next(12) switch
    {
        0 or 1 or 2 => LandAsync(),
        3 => CloseAsync(_random.Next(1, 12)),
        4 or 5 => Any.PlanAsync(),
        6 => PassAsync(_random.Next(1, 20)),
        7 => JumpAsync(),
        8 when _random.Next(3) == 0 => SkewAsync(),
        _ => WorkAsync(_random.Next(5) == 0 ? Deaths[_random.Next(Deaths.Length)] : null),
    };

    /// <summary>A batch with events of any hour so far and a little beyond, late ones among them; its writer may die before or after the commit, and hands the same batch in again.</summary>
    private async Task LandAsync()
    {
        var events = new List<(DateTimeOffset At, long Value)>();
        double minutes = (_end - _start).TotalMinutes;
        for (int count = _random.Next(1, 8); count > 0; count--) events.Add((_start.AddMinutes(_random.Next((int)minutes)), _random.Next(1, 100)));
        long token = await _metadata.Commits.OpenWriterAsync("lander", TimeSpan.FromDays(365), default);
        var commit = _lake.Land(_dag.Events.Dataset, events, token);
        var killAt = _random.Next(4) switch { 0 => CrashPoint.CommitPrepared, 1 => CrashPoint.Committed, _ => (CrashPoint?)null };
        using (CrashPoints.Listen(point => { if (point == killAt) throw new KilledException(); }))
            try { await _metadata.Commits.CommitAsync([commit], default); }
            catch (KilledException) { }
        (await _metadata.Commits.CommitAsync([commit], default))[0].ShouldBeOfType<CommitOutcome.Committed>(); // known again, or carried out now
        foreach (var (at, value) in events) (_events.TryGetValue(at, out var values) ? values : _events[at] = []).Add(value);
    }

    private Task CloseAsync(int hours)
    {
        _frontier = _frontier.AddHours(hours) < _end ? _frontier.AddHours(hours) : _end;
        return _metadata.Catalog.MoveFrontierAsync(_dag.Events.Dataset, _frontier, default);
    }

    private Task PassAsync(int minutes)
    {
        foreach (var clock in (FakeTimeProvider[])[_clock, _databaseClock]) clock.Advance(TimeSpan.FromMinutes(minutes));
        return Task.CompletedTask;
    }

    /// <summary>Somebody sets the clocks, or a virtual machine was asleep.</summary>
    private Task JumpAsync()
    {
        var by = Jumps[_random.Next(Jumps.Length)];
        foreach (var clock in (FakeTimeProvider[])[_clock, _databaseClock]) clock.AdjustTime(clock.GetUtcNow() + by);
        return Task.CompletedTask;
    }

    /// <summary>The database's clock alone is off: work that ends meanwhile is refused by name, and is done again later.</summary>
    private async Task SkewAsync()
    {
        var by = Jumps[_random.Next(Jumps.Length)];
        _databaseClock.AdjustTime(_databaseClock.GetUtcNow() + by);
        _inside = true;
        try
        {
            await Any.PlanAsync();
            if (await WorkAsync(killAt: null) > 0) throw new InvalidOperationException("work was committed under a clock that is off");
        }
        catch (ClockSkewException) { }
        finally
        {
            _inside = false;
            _databaseClock.AdjustTime(_databaseClock.GetUtcNow() - by);
        }
    }

    IJob? IJobCatalog.JobOf(Step step) => step is LandStep ? null : new Job(this, step);

    ValueTask<string> IJobCatalog.DigestAsync(Step step, Window window, CancellationToken cancel) => new("digest");

    private async Task<JobResult> RunAsync(Step step, JobContext context)
    {
        if (!_calm)
        {
            if (_random.Next(8) == 0) return new JobResult.Failed(FailureClass.Transient, "away");
            if (_random.Next(20) == 0) return new JobResult.RetryIn(TimeSpan.FromMinutes(_random.Next(1, 5)), "patience");
            if (_random.Next(40) == 0) return new JobResult.Failed(FailureClass.Data, "a rule is broken");
            if (_random.Next(25) == 0 && !_inside) await BesideAsync(new(step.FullName, context.Window));
        }
        return step switch
        {
            BuildStep build => await _lake.BuildAsync(build, context),
            PublishStep publish => await _lake.PublishAsync(publish, context),
            _ => new JobResult.Done(new() { Kind = CommitKind.Check, Token = context.Token }, new(0, "")),
        };
    }

    /// <summary>While a job runs: events come in, another node plans; or it was frozen for so long that another node has taken its slot.</summary>
    private async Task BesideAsync(SlotId slot)
    {
        _inside = true;
        var own = _working!;
        await own.DrainAsync();
        var other = _nodes[(Array.IndexOf(_nodes, own) + 1) % Nodes];
        if (_random.Next(2) == 0)
        {
            await LandAsync();
            await other.PlanAsync();
        }
        else if (await _metadata.Ledger.FindAsync(slot, default) is { State: SlotState.Running } running)
        {
            await _metadata.Ledger.MoveAsync([new(running, SlotState.Queued, "lease over")], default);
            await other.WorkAsync(_random.Next(2) == 0 ? CrashPoint.SlotClaimed : null); // finished it, or has it still
        }
        _inside = false;
    }

    /// <summary>No more trouble: somebody queues what failed for good, and all must come right in bounded time.</summary>
    private async Task<IReadOnlyList<string>> SettleAsync()
    {
        _calm = true;
        await _metadata.Catalog.MoveFrontierAsync(_dag.Events.Dataset, _end.AddDays(2), default); // the last day's end, too
        if (_random.Next(2) == 0) await JumpAsync();
        var idle = TimeSpan.Zero;
        for (int turn = 0; turn < SettleMax && idle < IdleMax; turn++)
        {
            await Any.PlanAsync();
            if (await WorkAsync(killAt: null) > 0) continue;
            var open = await OpenAsync();
            if (open.Count == 0 && turn > Nodes) return await FaultsAsync();
            await _metadata.Ledger.MoveAsync([.. open.Where(slot => slot.State == SlotState.Failed).Select(slot => new SlotMove(slot, SlotState.Queued, "again"))], default);
            await PassAsync(IdleMinutes); // past any lease and most delays
            idle += TimeSpan.FromMinutes(IdleMinutes);
        }
        return [$"not settled: {string.Join(", ", (await OpenAsync()).Take(5).Select(slot => $"{slot.Id.Step} {slot.Id.Window} {slot.State} ({slot.Reason})"))}"];
    }

    private Task<IReadOnlyList<Slot>> OpenAsync() => _metadata.Ledger.ListAsync(new() { States = [.. Enum.GetValues<SlotState>().Where(state => state != SlotState.Done)], Max = 10_000 }, default);

    private async Task<IReadOnlyList<string>> FaultsAsync()
    {
        var faults = new List<string>();
        long head = await _metadata.Commits.HeadAsync(default);
        var slots = (await _metadata.Ledger.ListAsync(new() { Max = 10_000 }, default)).ToDictionary(slot => slot.Id);
        foreach (var (step, grain) in new[] { (_dag.Hourly, Grain.Hour), (_dag.Daily, Grain.Day) })
            foreach (var window in _dag.Dag.Calendar.Between(grain, _start, _end))
            {
                var values = _events.Where(each => window.Contains(each.Key)).SelectMany(each => each.Value).ToList();
                var files = await _lake.FilesAsync(step.Dataset, window, head);
                if (files.Count > 1 || (files.Count == 0 && values.Count > 0)) faults.Add($"{step.Name} {window}: found {files.Count} live results for {values.Count} events");
                long sum = await _lake.SumAsync(step.Dataset, window, head); // an hour that shares a UTC hour with another may have a result of no events
                if (sum != values.Sum()) faults.Add($"{step.Name} {window}: found {sum}, expected {values.Sum()}");
                if (values.Count > 0 && !slots.ContainsKey(new(step.FullName, window))) faults.Add($"{step.Name} {window}: no slot");
                if (values.Count > 0 && grain == Grain.Hour && (!_lake.Published.TryGetValue(window.Start, out var held) || held.Content != $"{values.Sum()}" || held.Version != files[0].AddedIn))
                    faults.Add($"{window}: the sink holds {held}, expected {values.Sum()} of version {files.FirstOrDefault()?.AddedIn}");
            }
        foreach (var slot in slots.Values.Where(_ => _random.Next(10) == 0)) faults.AddRange(await HistoryFaultsAsync(slot));
        return faults;
    }

    /// <summary>Attempts are numbered without gaps in each round, and a round has at most one that ended well: its last.</summary>
    private async Task<IEnumerable<string>> HistoryFaultsAsync(Slot slot)
    {
        var faults = new List<string>();
        foreach (var round in (await _metadata.Ledger.AttemptsAsync(slot.Id, default)).GroupBy(attempt => attempt.Round))
        {
            string where = $"{slot.Id.Step} {slot.Id.Window} round {round.Key}";
            var numbers = round.Select(attempt => attempt.Attempt).ToList();
            if (!numbers.SequenceEqual(Enumerable.Range(1, numbers.Count))) faults.Add($"{where}: attempts {string.Join(", ", numbers)}");
            if (round.SkipLast(1).Any(attempt => attempt.State == SlotState.Done)) faults.Add($"{where}: an attempt after one that ended well");
            if (round.Any(attempt => attempt.Ended is null)) faults.Add($"{where}: an attempt without an end");
        }
        return faults;
    }

    public async ValueTask DisposeAsync()
    {
        await _metadata.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Job(Simulation simulation, Step step) : IJob
    {
        public async ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel) => await simulation.RunAsync(step, context);
    }
}
