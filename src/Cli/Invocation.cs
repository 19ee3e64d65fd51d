using System.CommandLine;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Contracts;
using Etl.Topics;

namespace Etl.Cli;

/// <summary>One call of the program: its settings, where it writes, and the parts it has opened, which end with it.</summary>
internal sealed class Invocation : IAsyncDisposable
{
    public static readonly Option<string?> DataOption = new("--data") { Description = "Folder of all state (default ./etl-data)", HelpName = "DIR", Recursive = true };
    public static readonly Option<bool> JsonOption = new("--json") { Description = "Write the answer as JSON", Recursive = true };

    public static readonly Option<string?> ProfileOption = new Option<string?>("--profile") { Description = "cluster: Kafka, registry, MySQL and Cassandra as configured, instead of the embedded default", HelpName = "NAME", Recursive = true }.AcceptOnlyFromAmong(ClusterProfile.Name, "embedded");

    private readonly Stack<IAsyncDisposable> _opened = new();
    private DataFolder? _folder;
    private TopicAccess? _topics;
    private Engine? _engine;
    private CancellationTokenSource? _stop;
    private volatile string? _fault;

    private Invocation(EtlSettings settings, Terminal terminal) => (Settings, Terminal) = (settings, terminal);

    public EtlSettings Settings { get; }

    public Terminal Terminal { get; }

    /// <summary>The one wall clock of the program.</summary>
    public TimeProvider Clock { get; } = TimeProvider.System;

    /// <summary>Whether the call was ended because the disk is full or fails: a verb that ends well on Ctrl-C does not then.</summary>
    public bool IsFaulted => _fault is not null;

    /// <exception cref="UsageException">It cannot be written to.</exception>
    public DataFolder Folder => _folder ??= OpenFolder();

    /// <summary>Claims the data folder for a verb that changes what others may rely on.</summary>
    /// <exception cref="ConflictException">Another process has it.</exception>
    public void MustOwnFolder(string verb) => Folder.MustOwn(verb);

    /// <summary>The body of a verb: reads the settings, runs it, closes what it opened.</summary>
    public static Func<ParseResult, CancellationToken, Task<int>> Of(Func<Invocation, ParseResult, CancellationToken, Task<int>> body) => async (parsed, cancel) =>
    {
        await using var invocation = new Invocation(SettingsOf(parsed), new Terminal(parsed.GetValue(JsonOption)));
        using var stop = invocation._stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try { return await body(invocation, parsed, stop.Token); }
        catch (Exception) when (invocation._fault is { } fault && !cancel.IsCancellationRequested) { throw new DiskException(fault, isTransient: true); }
    };

    private static EtlSettings SettingsOf(ParseResult parsed)
    {
        var settings = SettingsReader.Read(".", parsed.GetValue(DataOption));
        return parsed.GetValue(ProfileOption) == ClusterProfile.Name ? ClusterProfile.Of(settings, Environment.GetEnvironmentVariable) : settings;
    }

    /// <summary>Opens store, lake and sinks. What cannot be mended by waiting is a fault of the settings here: nothing was begun yet.</summary>
    /// <param name="sweep">Deletes files that no commit lists and that nobody can commit any more, if this process owns the folder.</param>
    public async Task<Engine> OpenEngineAsync(CancellationToken cancel, bool sweep = true)
    {
        if (_engine is not null) return _engine;
        _engine = await Configured(() => Engine.OpenAsync(Settings, Folder, Clock, cancel));
        _opened.Push(_engine);
        if (sweep && Folder.IsOwner) await _engine.SweepAsync(cancel);
        return _engine;
    }

    /// <summary>Opens the engine for a verb about what is there already: a mistyped folder is told, not made.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public Task<Engine> OpenKnownAsync(CancellationToken cancel, bool sweep = false)
    {
        MustKnowData(isElsewhere: Settings.Metadata.Store != "sqlite");
        return OpenEngineAsync(cancel, sweep);
    }

    /// <param name="isElsewhere">Whether what the verb asks is on a server: the folder may be new then.</param>
    /// <exception cref="NotFoundException">There is none.</exception>
    public void MustKnowData(bool isElsewhere)
    {
        if (isElsewhere || DataFolder.Holds(Settings.Data)) return;
        string path = Path.GetFullPath(Settings.Data);
        throw new NotFoundException($"no data at {path}: found {(Directory.Exists(path) ? "a folder that etl has not used" : "no such folder")}, expected one that `etl demo` or `etl up` has filled; run one of them, or name another with --data DIR");
    }

    /// <summary>Opens the engine for work that publishes: every sink must answer before it begins.</summary>
    public async Task<Engine> OpenWorkAsync(CancellationToken cancel)
    {
        var engine = await OpenEngineAsync(cancel);
        foreach (var sink in engine.Sinks)
            await Configured(async () => { await engine.ReachAsync(sink, cancel); return sink; });
        return engine;
    }

    /// <summary>Reaches the topics and their schemas, starting the embedded servers where none are configured or running.</summary>
    public async Task<TopicAccess> OpenTopicsAsync(CancellationToken cancel)
    {
        if (_topics is not null) return _topics;
        var servers = await Configured(() => Servers.OpenAsync(Settings, Folder, Clock, cancel));
        _opened.Push(servers);
        _ = StopAtFaultAsync(servers.StorageFault);
        _topics = new TopicAccess(servers, Settings, Folder);
        if (Settings.Kafka.ClientSettings.Count > 0) await Configured(() => Task.FromResult(WithGoodClient(_topics)));
        _opened.Push(_topics);
        return _topics;
    }

    public async ValueTask DisposeAsync()
    {
        while (_opened.TryPop(out var opened)) await opened.DisposeAsync();
        _folder?.Dispose();
    }

    /// <summary>A full disk ends the call: the broker's clients would try again for minutes, and then tell a reason of their own.</summary>
    private async Task StopAtFaultAsync(Task<string>? fault)
    {
        if (fault is null || _stop is not { } stop) return;
        _fault = await fault;
        try { await stop.CancelAsync(); }
        catch (ObjectDisposedException) { } // the call is over already
    }

    /// <summary>Whether librdkafka takes the client settings is told by making a client of them.</summary>
    private static TopicAccess WithGoodClient(TopicAccess topics)
    {
        using var client = new TopicAdmin(topics.Kafka);
        return topics;
    }

    private DataFolder OpenFolder()
    {
        try { return DataFolder.Open(Settings.Data); }
        catch (StoreException error) when (!error.IsTransient) { throw new UsageException(error.Message); }
    }

    private static async Task<T> Configured<T>(Func<Task<T>> open)
    {
        try { return await open(); }
        catch (StoreException error) when (!error.IsTransient) { throw new UsageException(error.Message); }
    }
}
