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

    private readonly Stack<IAsyncDisposable> _opened = new();
    private DataFolder? _folder;
    private TopicAccess? _topics;

    private Invocation(EtlSettings settings, Terminal terminal) => (Settings, Terminal) = (settings, terminal);

    public EtlSettings Settings { get; }

    public Terminal Terminal { get; }

    /// <summary>The one wall clock of the program.</summary>
    public TimeProvider Clock { get; } = TimeProvider.System;

    public DataFolder Folder => _folder ??= DataFolder.Open(Settings.Data);

    /// <summary>The body of a verb: reads the settings, runs it, closes what it opened.</summary>
    public static Func<ParseResult, CancellationToken, Task<int>> Of(Func<Invocation, ParseResult, CancellationToken, Task<int>> body) => async (parsed, cancel) =>
    {
        await using var invocation = new Invocation(SettingsReader.Read(".", parsed.GetValue(DataOption)), new Terminal(parsed.GetValue(JsonOption)));
        return await body(invocation, parsed, cancel);
    };

    /// <summary>Opens store, lake and sinks. What cannot be mended by waiting is a fault of the settings here: nothing was begun yet.</summary>
    public async Task<Engine> OpenEngineAsync(CancellationToken cancel)
    {
        var engine = await Configured(() => Engine.OpenAsync(Settings, Folder, Clock, cancel));
        _opened.Push(engine);
        if (Folder.IsOwner) await engine.SweepAsync(cancel);
        return engine;
    }

    /// <summary>Reaches the topics and their schemas, starting the embedded servers where none are configured or running.</summary>
    public async Task<TopicAccess> OpenTopicsAsync(CancellationToken cancel)
    {
        if (_topics is not null) return _topics;
        var servers = await Configured(() => Servers.OpenAsync(Settings, Folder, Clock, cancel));
        _opened.Push(servers);
        _topics = new TopicAccess(servers, Settings, Folder);
        _opened.Push(_topics);
        return _topics;
    }

    public async ValueTask DisposeAsync()
    {
        while (_opened.TryPop(out var opened)) await opened.DisposeAsync();
        _folder?.Dispose();
    }

    private static async Task<T> Configured<T>(Func<Task<T>> open)
    {
        try { return await open(); }
        catch (StoreException error) when (!error.IsTransient) { throw new UsageException(error.Message); }
    }
}
