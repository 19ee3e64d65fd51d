using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Metadata.MySql;
using Etl.Metadata.Sqlite;
using Etl.Tests.EndToEnd.Cli;
using Etl.Tests.SlotWorker;
using Microsoft.Data.Sqlite;
using MySqlConnector;

namespace Etl.Tests.EndToEnd;

/// <summary>A store of its own, in a file or on the test server, and worker processes on it: to be killed, frozen, or cut off.</summary>
internal sealed class WorkerRoom : IAsyncDisposable
{
    public const string Sqlite = "SQLite", MySql = "MySQL";

    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    private static readonly string Program = SourceTree.PathOf("artifacts", "bin", "Etl.Tests.SlotWorker", "release", "Etl.Tests.SlotWorker");

    private readonly string _folder = Directory.CreateTempSubdirectory("etl-workers-").FullName;
    private readonly string _database = $"etl_workers_{Guid.NewGuid():N}";
    private readonly string? _server;
    private readonly List<Process> _workers = [];
    private int _planned;

    private WorkerRoom(string? server) => _server = server;

    /// <summary>Skips the test where there is no server.</summary>
    public static WorkerRoom Of(string store) => new(store == MySql ? RealServers.MySql : null);

    public string File => Path.Combine(_folder, "metadata.db");

    /// <summary>Begins a worker process.</summary>
    /// <param name="server">By which connection string it goes to the server; null for the straight one.</param>
    /// <param name="places">Of the step's pool; null for no pool.</param>
    public WorkerProcess Begin(int jobMs = 0, double patience = 30, string? server = null, int? places = null)
    {
        string[] arguments = [server ?? _server ?? "sqlite", _server is null ? File : _database, $"{jobMs}", patience.ToString(CultureInfo.InvariantCulture), .. places is { } size ? [$"{size}"] : Array.Empty<string>()];
        var process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _workers.Add(process);
        return new(process);
    }

    /// <summary>Puts further slots in, due at once.</summary>
    public async Task PlanAsync(int slots)
    {
        await using IMetadata metadata = _server is null ? await SqliteMetadata.OpenAsync(File, TimeProvider.System) : await MySqlMetadata.OpenAsync(_server, _database, TimeProvider.System);
        var dag = NoopDag.Of();
        var start = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(_planned);
        string step = dag.Steps.OfType<BuildStep>().Single().FullName;
        await metadata.Ledger.PlanAsync([.. dag.Calendar.Between(Grain.Hour, start, start.AddHours(slots)).Select(window => new PlannedSlot(new(step, window), Lane.Live, SlotState.Queued))], default);
        _planned += slots;
    }

    /// <summary>Asks, beside the program, until the answer is good.</summary>
    public async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        for (var watch = Stopwatch.StartNew(); !await isSo();)
        {
            if (watch.Elapsed > Longest) Assert.Fail($"not {what} within {Longest}: {await StatesAsync()}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    public Task DoneAsync() => UntilAsync("all done", async () => await NumberAsync($"select count(*) from etl_slot where state <> {(int)SlotState.Done}") == 0);

    /// <summary>No slot lost, none effective twice, attempts numbered without gaps.</summary>
    /// <param name="leavesFiles">Whether each job has left a file.</param>
    public async Task ShouldBeDoneOnceAsync(string where, bool leavesFiles)
    {
        (await NumberAsync("select count(*) from etl_slot")).ShouldBe(_planned, where);
        (await NumberAsync($"select count(*) from etl_slot where state = {(int)SlotState.Done}")).ShouldBe(_planned, where);
        (await NumberAsync($"select count(*) from etl_attempt where state = {(int)SlotState.Done}")).ShouldBe(_planned, where);
        (await NumberAsync($"select count(*) from (select slot from etl_attempt where state = {(int)SlotState.Done} group by slot having count(*) <> 1) doubled")).ShouldBe(0, where);
        (await NumberAsync("select count(*) from (select slot from etl_attempt group by slot, round having max(attempt) <> count(*) or min(attempt) <> 1) gaps")).ShouldBe(0, where);
        if (!leavesFiles) return;
        (await NumberAsync("select count(*) from etl_file")).ShouldBe(_planned, $"{where}: files, one for each slot");
        (await NumberAsync("select count(distinct start) from etl_file_hour")).ShouldBe(_planned, where);
    }

    public async Task<long> NumberAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    /// <summary>A connection beside the program.</summary>
    public async Task<DbConnection> OpenAsync()
    {
        DbConnection connection = _server is null ? new SqliteConnection($"Data Source={File};Pooling=False;Default Timeout=30") : new MySqlConnection(new MySqlConnectionStringBuilder(_server) { Database = _database, Pooling = false }.ToString());
        await connection.OpenAsync();
        return connection;
    }

    private async Task<string> StatesAsync()
    {
        var states = new List<string>();
        foreach (var state in Enum.GetValues<SlotState>())
            if (await NumberAsync($"select count(*) from etl_slot where state = {(int)state}") is > 0 and var count) states.Add($"{count} {state}");
        return string.Join(", ", states);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            if (!worker.HasExited) worker.Kill();
            await worker.WaitForExitAsync();
            worker.Dispose();
        }
        Directory.Delete(_folder, recursive: true);
        if (_server is null) return;
        await using var connection = new MySqlConnection(_server);
        await connection.OpenAsync();
        await using var drop = new MySqlCommand($"DROP DATABASE IF EXISTS `{_database}`", connection);
        await drop.ExecuteNonQueryAsync();
    }
}

/// <summary>One of its workers.</summary>
internal sealed class WorkerProcess(Process process)
{
    private readonly LineWaiter _lines = new(process);

    public string All => _lines.All;

    public bool HasExited => process.HasExited;

    /// <summary>The token it works under; said when it begins.</summary>
    public async Task<long> TokenAsync() => long.Parse((await _lines.ForAsync("token ", WorkerRoom.Longest)).AsSpan("token ".Length), CultureInfo.InvariantCulture);

    public Task<string> ForAsync(string text) => _lines.ForAsync(text, WorkerRoom.Longest);

    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    public async Task KillAsync()
    {
        process.Kill(); // SIGKILL
        await process.WaitForExitAsync();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
