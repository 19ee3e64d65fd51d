using System.Diagnostics;
using System.Globalization;
using Etl.Contracts.Workflow;
using Etl.Tests.EndToEnd.Cli;
using MySqlConnector;

namespace Etl.Tests.EndToEnd;

/// <summary>The MariaDB that holds store and sink is killed under `etl up`, while it lands and while it publishes, and started again: the program waits, goes on, and nothing is lost or doubled.</summary>
public sealed class RestartedMariaDbTests : IDisposable
{
    private const int Trucks = 5, EventsPerSecond = 3_000;
    private const double Days = 0.25;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2), Down = TimeSpan.FromSeconds(1);

    private readonly EtlProcess _etl = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _etl.Dispose();

    [Fact]
    public async Task Work_goes_on_when_it_is_back()
    {
        await using var server = await OwnServer.MariaDbAsync("--fast");
        string connection = $"Server=127.0.0.1;Port={server.Addresses[0].Split(':')[1]};User ID=root;Password=;SslMode=Disabled";
        _etl.Environment["Etl__MySql__ConnectionString"] = connection;
        _etl.Environment["Etl__Metadata__Store"] = "mysql";
        _etl.Environment["Etl__Land__RecordsPerBatch"] = "1000";
        var events = World.Reports(World.Fleet(Trucks, Days * 24));
        using var up = _etl.Start("up", "--roles", "scheduler,worker,feeds", "--every", "0.2");
        var lines = new LineWaiter(up);
        try
        {
            await lines.ForAsync("Ctrl-C stops", Longest);
            var simulating = _etl.RunAsync("simulate", "trucks", "--trucks", $"{Trucks}", "--days", Days.ToString(CultureInfo.InvariantCulture), "--rate", $"{EventsPerSecond}");
            string Landed() => Query(connection, "select coalesce(sum(landed), 0) from etl_progress");
            await UntilAsync("landing", () => long.Parse(Landed(), CultureInfo.InvariantCulture) > events.Count / 5, Landed, lines);
            await RestartAsync(server, lines, 1);
            // In the middle of a publish: intended, not yet confirmed.
            await UntilAsync("publishing", () => Query(connection, "select count(*) from etl_intent i join etl_name n on n.id = i.sink where n.name = 'mysql'") != "0", Landed, lines);
            await RestartAsync(server, lines, 2);
            (await simulating).Code.ShouldBe(0);

            string Open() => Query(connection, $"select group_concat(distinct n.name, ' ', s.state, ' ', s.reason) from etl_slot s join etl_name n on n.id = s.step where s.state not in ({(int)SlotState.Done}, {(int)SlotState.Skipped})");
            await UntilAsync("all landed and done", () => Landed() == $"{events.Count}" && Open() == "", () => $"{Landed()} of {events.Count:N0} landed; open: {Open()}", lines);
            foreach (string dataset in (string[])["truck_telemetry", "truck_hourly", "truck_daily"])
            {
                Ended found = new(-1, "", "");
                for (var watch = Stopwatch.StartNew(); found.Code != 0 && watch.Elapsed < Longest;) // a window that changed last may be built still
                    found = await _etl.RunAsync("reconcile", dataset, "--from", "2026-03-01", "--to", "2026-03-01");
                found.Code.ShouldBe(0, $"{found.Output}{found.Errors}\n{lines.All}");
            }
            TruckOracle.Of(events).ShouldEqual(new MySqlTables(connection, "KAFKA_DB"));
            Query(connection, $"select count(*) from (select slot from etl_attempt where state = {(int)SlotState.Done} group by slot, round having count(*) <> 1) doubled").ShouldBe("0");
        }
        finally
        {
            if (!up.HasExited) up.Kill();
            await up.WaitForExitAsync(Cancel);
        }
    }

    private static async Task RestartAsync(OwnServer server, LineWaiter lines, int times)
    {
        server.Kill();
        await lines.ForTimesAsync("cannot reach the server", times, Longest);
        await Task.Delay(Down, Cancel); // for others of its parts to meet it too
        await server.RestartAsync();
    }

    private static async Task UntilAsync(string what, Func<bool> isSo, Func<string> state, LineWaiter lines)
    {
        for (var watch = Stopwatch.StartNew(); !isSo(); await Task.Delay(20, Cancel))
            if (watch.Elapsed > Longest) Assert.Fail($"not {what} within {Longest}:\n{state()}\n{lines.All}");
    }

    private static string Query(string server, string sql)
    {
        using var connection = new MySqlConnection($"{server};Database=etl_metadata;Pooling=false");
        connection.Open();
        using var command = new MySqlCommand(sql, connection);
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture)!;
    }
}
