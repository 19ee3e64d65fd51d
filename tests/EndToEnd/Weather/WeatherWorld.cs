using Etl.Cli;
using Etl.Cli.Hosting;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;
using Etl.Sources;

namespace Etl.Tests.EndToEnd.Weather;

/// <summary>The weather DAGs in this process, over embedded servers, against a service of the test.</summary>
internal sealed class WeatherWorld : IAsyncDisposable
{
    private readonly Servers _servers;
    private readonly TopicAccess _topics;
    private readonly DataFolder _folder;
    private readonly TimeProvider _clock;

    private WeatherWorld(EtlSettings settings, DataFolder folder, Servers servers, TimeProvider clock) => (_folder, _servers, _topics, _clock) = (folder, servers, new TopicAccess(servers, settings, folder), clock);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Product Main { get; } = Composition.Products.Single(product => product.Dag.Name == "main");

    private static Product Historic { get; } = Composition.Products.Single(product => product.Dag.Name == "historic_main");

    public Engine Engine { get; private set; } = null!;

    public ILedger Ledger => Engine.Metadata.Ledger;

    public SqliteTables Tables => new(Engine.ResultsFile(_folder));

    public static async Task<WeatherWorld> OpenAsync(WeatherSettings weather, TimeProvider? clock = null, SourceLimits? limits = null)
    {
        clock ??= TimeProvider.System;
        var settings = new EtlSettings { Data = Directory.CreateTempSubdirectory("etl-weather-").FullName };
        var folder = DataFolder.Open(settings.Data);
        var world = new WeatherWorld(settings, folder, await Servers.OpenAsync(settings, folder, TimeProvider.System, Cancel), clock);
        await world._topics.DeclareAsync(Main, Cancel);
        world.Engine = await Engine.OpenAsync(settings, folder, clock, Cancel);
        world.Engine.Jobs.Polls = await PollAccess.OpenAsync(weather, world._topics, world.Engine.Metadata.Sources, clock, Cancel, limits);
        return world;
    }

    /// <summary>Calls historic_main for one place, and runs all that is due.</summary>
    public async Task<(RunReport Polls, RunReport Main)> CallAsync(string start, string end) => (await PollAsync(start, end), await RunAsync(Main));

    /// <summary>Fetches only: main does not run.</summary>
    public async Task<RunReport> PollAsync(string start, string end)
    {
        var texts = new Dictionary<string, string> { ["start_date"] = start, ["end_date"] = end, ["latitudes"] = "52.5244", ["longitudes"] = "13.4105" };
        var call = Historic.Dag.Arguments!.Read(Historic.Dag, texts, _clock.GetUtcNow(), out var faults);
        faults.ShouldBeEmpty();
        await new PollPlanning(Ledger).RunAsync(call!, Lane.Backfill, "test", Cancel);
        return await RunAsync(Historic);
    }

    /// <summary>Calls main for one place and day, in the live lane, and fetches only.</summary>
    public async Task<RunReport> LiveAsync(string day)
    {
        var texts = new Dictionary<string, string> { ["start_date"] = day, ["end_date"] = day, ["latitudes"] = "52.5244", ["longitudes"] = "13.4105" };
        var call = Main.Dag.Arguments!.Read(Main.Dag, texts, _clock.GetUtcNow(), out var faults);
        faults.ShouldBeEmpty();
        await new PollPlanning(Ledger).RunAsync(call!, Lane.Live, "test", Cancel);
        return await Engine.NewRun(_clock).RunAsync(Main.Dag, [], null, Cancel);
    }

    public Task<IReadOnlyList<Slot>> LivePollsAsync() => Ledger.ListAsync(new() { Steps = ["main/poll_weather"] }, Cancel);

    public Task<IReadOnlyList<Slot>> PollsAsync() => Ledger.ListAsync(new() { Steps = ["historic_main/poll_archive"] }, Cancel);

    public async ValueTask DisposeAsync()
    {
        await Engine.Jobs.Polls!.DisposeAsync();
        await Engine.DisposeAsync();
        await _topics.DisposeAsync();
        await _servers.DisposeAsync();
        _folder.Dispose();
        Directory.Delete(_folder.Path, recursive: true);
    }

    private Task<RunReport> RunAsync(Product product) => Engine.NewRun(_clock).RunAsync(product.Dag, _topics.FeedsOf(product, Engine, _clock), null, Cancel);
}

/// <summary>The machine's clock; waits of 31 to 70 seconds, those for a budget of a minute, are over at once, and it says that they have passed. Time limits and leases are other lengths.</summary>
internal sealed class LeapingClock : TimeProvider
{
    private static readonly TimeSpan LeapMin = TimeSpan.FromSeconds(31), LeapMax = TimeSpan.FromSeconds(70);

    private readonly Lock _gate = new();
    private readonly List<(ITimer Timer, TimeSpan Due)> _held = [];
    private bool _isHeld;
    private long _leaptTicks;

    private TimeSpan Leapt => TimeSpan.FromTicks(Interlocked.Read(ref _leaptTicks));

    /// <summary>From now on such waits last until <see cref="Release"/>.</summary>
    public void Hold()
    {
        lock (_gate) _isHeld = true;
    }

    public void Release()
    {
        lock (_gate)
        {
            _isHeld = false;
            if (_held.Count > 0) Interlocked.Add(ref _leaptTicks, _held.Max(held => held.Due.Ticks));
            foreach (var (timer, _) in _held) timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            _held.Clear();
        }
    }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Leapt;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Leapt.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime < LeapMin || dueTime > LeapMax) return System.CreateTimer(callback, state, dueTime, period);
        lock (_gate)
            if (_isHeld)
            {
                var timer = System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
                _held.Add((timer, dueTime));
                return timer;
            }
        Interlocked.Add(ref _leaptTicks, dueTime.Ticks);
        return System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
