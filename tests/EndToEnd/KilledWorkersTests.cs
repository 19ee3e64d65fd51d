using System.Diagnostics;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata.MySql;
using Etl.Tests.SlotWorker;
using MySqlConnector;

namespace Etl.Tests.EndToEnd;

/// <summary>Eight worker processes on one MariaDB, begun at once on an empty database, any of them killed at any moment and begun again: each slot succeeds exactly once.</summary>
public sealed class KilledWorkersTests : IAsyncDisposable
{
    private const int Workers = 8;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("ETL_LONG") == "1";
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(IsLong ? 10 : 6);
    private static readonly string Program = SourceTree.PathOf("artifacts", "bin", "Etl.Tests.SlotWorker", "release", "Etl.Tests.SlotWorker");

    private readonly string _database = $"etl_workers_{Guid.NewGuid():N}";
    private readonly Process[] _workers = new Process[Workers];
    private string _server = "";

    [Fact]
    public async Task Each_slot_succeeds_exactly_once_whoever_is_killed()
    {
        var server = Environment.GetEnvironmentVariable("ETL_TEST_MYSQL");
        Assert.SkipWhen(server is null, "ETL_TEST_MYSQL names no server");
        _server = server!;
        int slots = IsLong ? 20_000 : 8_000, killsMax = IsLong ? 400 : 120, seed = IsLong ? Environment.ProcessId : 1; // on a machine so slow that workers die before they claim, the killing ends
        var random = new Random(seed);
        for (int worker = 0; worker < Workers; worker++) _workers[worker] = Begin();
        await PlanAsync(slots);

        int kills = 0;
        for (var watch = Stopwatch.StartNew(); await NumberAsync($"select count(*) from etl_slot where state <> {(int)SlotState.Done}") > 0;)
        {
            watch.Elapsed.ShouldBeLessThan(Longest, $"seed {seed}, {kills} kills");
            await Task.Delay(random.Next(50, 400), TestContext.Current.CancellationToken);
            if (kills == killsMax) continue;
            int victim = random.Next(Workers);
            _workers[victim].Kill(); // SIGKILL
            await _workers[victim].WaitForExitAsync(TestContext.Current.CancellationToken);
            kills++;
            _workers[victim] = Begin();
        }

        string where = $"seed {seed}, {kills} kills";
        (await NumberAsync("select count(*) from etl_slot")).ShouldBe(slots, where);
        (await NumberAsync($"select count(*) from etl_attempt where state = {(int)SlotState.Done}")).ShouldBe(slots, where);
        (await NumberAsync($"select count(*) from (select slot from etl_attempt where state = {(int)SlotState.Done} group by slot having count(*) <> 1) doubled")).ShouldBe(0, where);
        (await NumberAsync("select count(*) from (select slot from etl_attempt group by slot, round having max(attempt) <> count(*) or min(attempt) <> 1) gaps")).ShouldBe(0, where);
        (await NumberAsync($"select count(*) from etl_attempt where state = {(int)SlotState.Retrying}")).ShouldBeGreaterThan(0, $"{where}: no kill met a claimed slot");
    }

    private async Task PlanAsync(int slots)
    {
        await using var metadata = await MySqlMetadata.OpenAsync(_server, _database, TimeProvider.System, cancel: TestContext.Current.CancellationToken);
        var dag = NoopDag.Of();
        var start = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var step = dag.Steps.OfType<BuildStep>().Single();
        await metadata.Ledger.PlanAsync([.. dag.Calendar.Between(Grain.Hour, start, start.AddHours(slots)).Select(window => new Etl.Metadata.PlannedSlot(new(step.FullName, window), Lane.Live, SlotState.Queued))],
            TestContext.Current.CancellationToken);
    }

    private Process Begin()
    {
        var worker = Process.Start(new ProcessStartInfo(Program, [_server, _database]) { RedirectStandardError = true })!;
        worker.ErrorDataReceived += (_, said) =>
        {
            if (said.Data is { } line && !line.StartsWith("token ", StringComparison.Ordinal)) TestContext.Current.SendDiagnosticMessage(line);
        };
        worker.BeginErrorReadLine();
        return worker;
    }

    private async Task<long> NumberAsync(string sql)
    {
        await using var connection = new MySqlConnection(new MySqlConnectionStringBuilder(_server) { Database = _database }.ToString());
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new MySqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers.OfType<Process>())
        {
            worker.Kill();
            await worker.WaitForExitAsync();
            worker.Dispose();
        }
        if (_server.Length == 0) return;
        await using var connection = new MySqlConnection(_server);
        await connection.OpenAsync();
        await using var drop = new MySqlCommand($"DROP DATABASE IF EXISTS `{_database}`", connection);
        await drop.ExecuteNonQueryAsync();
    }
}
