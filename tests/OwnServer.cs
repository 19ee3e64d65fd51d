using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Etl.Tests;

/// <summary>A server of the test's own, to be killed, frozen or set up otherwise: started by the scripts in the folder that ETL_TEST_SERVERS names, on ports and in a folder of its own. Each project that starts some compiles this file.</summary>
internal sealed class OwnServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(5), Patience = StartTimeout + TimeSpan.FromMinutes(1);

    private static string? Scripts { get; } = Environment.GetEnvironmentVariable("ETL_TEST_SERVERS") is { Length: > 0 } folder ? folder : null;

    private readonly string _kind;
    private readonly string[] _options;
    private readonly (string Name, string Value)[] _environment;

    private OwnServer(string kind, string folder, string[] options, (string, string)[] environment) => (_kind, Folder, _options, _environment) = (kind, folder, options, environment);

    /// <summary>Whether there are scripts.</summary>
    public static bool CanStart => Scripts is not null;

    public string Folder { get; }

    /// <summary>host:port of each node.</summary>
    public IReadOnlyList<string> Addresses { get; private set; } = [];

    /// <summary>Starts a Cassandra; skips the test where there are no scripts.</summary>
    public static Task<OwnServer> CassandraAsync(params string[] options) => StartAsync("cassandra", ["--quick", .. options]);

    /// <summary>Starts a MariaDB; skips the test where there are no scripts.</summary>
    public static Task<OwnServer> MariaDbAsync(params string[] options) => StartAsync("mysql", options);

    /// <summary>Starts a Kafka; skips the test where there are no scripts.</summary>
    /// <param name="environment">Of the script: KAFKA_OPTS and the like.</param>
    public static Task<OwnServer> KafkaAsync((string Name, string Value)[] environment, params string[] options) => StartAsync("kafka", options, environment);

    /// <summary>Ports that are free at this moment, as is the one after each, where a Cassandra hears its peers. Below those that clients are given, one of which could take it before a restart.</summary>
    public static int[] FreePorts(int count)
    {
        var ports = new List<int>();
        while (ports.Count < count)
        {
            int port = Random.Shared.Next(10_000, 32_000);
            if (ports.TrueForAll(other => Math.Abs(other - port) > 1) && IsFree(port) && IsFree(port + 1)) ports.Add(port);
        }
        return [.. ports];
    }

    /// <summary>Skips the test where a server that its class shares was not started.</summary>
    public static OwnServer Demand(OwnServer? server)
    {
        if (server is null) Assert.Skip("ETL_TEST_SERVERS is not set: expected the folder of the scripts that start servers");
        return server!;
    }

    /// <summary>Ends it, or one of its nodes, as a crash does: SIGKILL.</summary>
    public void Kill(string node = "")
    {
        Signal("KILL", node);
        int process = ProcessOf(node);
        if (!SpinWait.SpinUntil(() => !IsAlive(process), Patience)) throw new TimeoutException($"{_kind} {node}: process {process} lives {Patience} after SIGKILL"); // its ports are free then
    }

    /// <summary>Stops the process in its tracks, or lets it go on: STOP, CONT.</summary>
    public void Signal(string name, string node = "")
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{name}", ProcessOf(node).ToString(CultureInfo.InvariantCulture)]))!;
        kill.WaitForExit();
    }

    /// <summary>Brings it, or one of its nodes, back with its data.</summary>
    public Task RestartAsync(string node = "") => RunAsync($"{_kind}-start", node.Length > 0 ? ["--dir", Path.Combine(Folder, node)] : ["--dir", Folder, .. _options], _environment);

    public async ValueTask DisposeAsync()
    {
        await RunAsync($"{_kind}-stop", ["--dir", Folder, .. _kind == "cassandra" ? ["--kill"] : Array.Empty<string>(), "--remove"]);
        Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);
    }

    private static async Task<OwnServer> StartAsync(string kind, string[] options, params (string Name, string Value)[] environment)
    {
        if (Scripts is null) Assert.Skip($"ETL_TEST_SERVERS is not set: expected the folder with {kind}-start");
        var server = new OwnServer(kind, Path.Combine(Directory.CreateTempSubdirectory("etl-server-").FullName, kind), ["--port", $"{FreePorts(1)[0]}", "--timeout", $"{StartTimeout.TotalSeconds}", .. options], environment);
        string printed = await RunAsync($"{kind}-start", ["--dir", server.Folder, .. server._options], environment);
        server.Addresses = printed.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return server;
    }

    private int ProcessOf(string node) => int.Parse(File.ReadAllText(Path.Combine(Folder, node, $"{_kind}.pid")), CultureInfo.InvariantCulture);

    // One that nobody has waited for yet is dead all the same.
    private static bool IsAlive(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException) { return false; }
    }

    private static async Task<string> RunAsync(string script, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Path.Combine(Scripts!, script), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Patience);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{script} ended with {process.ExitCode}: {await error}");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Any, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException) { return false; }
    }
}
