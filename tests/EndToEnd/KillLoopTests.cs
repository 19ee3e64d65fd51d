using Etl.Contracts.Events;
using Microsoft.Data.Sqlite;

namespace Etl.Tests.EndToEnd;

/// <summary>SIGKILL at random moments of landing, building and publishing: whatever was running, the next call goes on, and the tables come out as if nothing had been.</summary>
public sealed class KillLoopTests : IDisposable
{
    private const int Trucks = 3, DaysMax = 20;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("ETL_LONG") == "1";

    private readonly string _folder = Directory.CreateTempSubdirectory("etl-kill-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

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
            using var run = new EtlProgramCall(_folder, "run", "trucks", "--json");
            await Task.Delay(random.Next(150, IsLong ? 2_500 : 1_800), TestContext.Current.CancellationToken);
            run.Kill();
            await run.EndAsync();
        }
        using var last = new EtlProgramCall(_folder, "run", "trucks", "--json");
        var (code, answer, errors) = await last.EndAsync();
        code.ShouldBe(0, $"{where}: {errors}");
        answer.ShouldContain("\"waiting\": 0", Case.Sensitive, where);

        var events = World.Reports(World.Fleet(Trucks, hours));
        using var results = new SqliteConnection($"Data Source={Path.Combine(_folder, "data", "results.db")};Pooling=False");
        results.Open();
        using var count = results.CreateCommand();
        count.CommandText = "SELECT count(*) FROM TRUCK_PARAMETER_MAP";
        count.ExecuteScalar().ShouldBe((long)events.Count, where);
        results.Close();
        TruckOracle.Of(events).ShouldEqual(new SqliteTables(Path.Combine(_folder, "data", "results.db")));

        using var again = new EtlProgramCall(_folder, "run", "trucks", "--json");
        (await again.EndAsync()).Out.ShouldContain("\"published\": 0", Case.Sensitive, where);
    }

    private async Task SimulateAsync(double hours, string where)
    {
        using var simulate = new EtlProgramCall(_folder, "simulate", "trucks", "--trucks", $"{Trucks}", "--days", FormattableString.Invariant($"{hours / 24}"), "--json");
        var (code, _, errors) = await simulate.EndAsync();
        code.ShouldBe(0, $"{where}: {errors}");
    }
}
