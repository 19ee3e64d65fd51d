using Etl.Contracts.Events;
using Etl.Tests.EndToEnd.Cli;
using Microsoft.Data.Sqlite;

namespace Etl.Tests.EndToEnd;

/// <summary>SIGKILL at random moments of landing, building and publishing: whatever was running, the next call goes on, and the tables come out as if nothing had been.</summary>
public sealed class KillLoopTests : IDisposable
{
    private const int Trucks = 3, DaysMax = 20;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("ETL_LONG") == "1";

    private readonly EtlProcess _etl = new();

    public void Dispose() => _etl.Dispose();

    [Fact]
    public async Task Killed_at_random_moments_it_ends_with_counts_and_sums_of_the_generator()
    {
        int kills = IsLong ? 200 : 6, seed = IsLong ? Environment.ProcessId : 20260301;
        var random = new Random(seed);
        double hours = 0;
        string where = $"seed {seed}, {kills} kills";
        for (int kill = 0; kill < kills; kill++)
        {
            // More events come in between; a call that is killed before it has done its work leaves the more to the next.
            if (kill % (IsLong ? 10 : 2) == 0 && hours < DaysMax * 24) await SimulateAsync(hours += 3, where);
            using var run = _etl.Start("run", "trucks", "--json");
            await Task.Delay(random.Next(150, IsLong ? 2_500 : 1_800), TestContext.Current.CancellationToken);
            run.Kill(); // SIGKILL: the process has no time for anything
            await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        var (code, answer, errors) = await _etl.RunAsync("run", "trucks", "--json");
        code.ShouldBe(0, $"{where}: {errors}");
        answer.ShouldContain("\"waiting\": 0", Case.Sensitive, where);

        var events = World.Reports(World.Fleet(Trucks, hours));
        using var results = new SqliteConnection($"Data Source={Path.Combine(_etl.Data, "results.db")};Pooling=False");
        results.Open();
        using var count = results.CreateCommand();
        count.CommandText = "SELECT count(*) FROM TRUCK_PARAMETER_MAP";
        count.ExecuteScalar().ShouldBe((long)events.Count, where);
        results.Close();
        TruckOracle.Of(events).ShouldEqual(new SqliteTables(Path.Combine(_etl.Data, "results.db")));

        (await _etl.RunAsync("run", "trucks", "--json")).Output.ShouldContain("\"published\": 0", Case.Sensitive, where);
    }

    private async Task SimulateAsync(double hours, string where)
    {
        var (code, _, errors) = await _etl.RunAsync("simulate", "trucks", "--trucks", $"{Trucks}", "--days", FormattableString.Invariant($"{hours / 24}"), "--json");
        code.ShouldBe(0, $"{where}: {errors}");
    }
}
