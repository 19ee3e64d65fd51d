using System.Text.Json;
using Etl.Cli.Demo;
using Etl.Tests.EndToEnd.Cli;

namespace Etl.Tests.EndToEnd;

/// <summary>The demo as a newcomer runs it, judged by arithmetic that shares nothing with its SQL.</summary>
public sealed class DemoOracleTests : IDisposable
{
    private readonly EtlProcess _etl = new();

    public void Dispose() => _etl.Dispose();

    [Fact]
    public async Task The_demo_ends_well_and_its_tables_equal_plain_arithmetic_over_the_simulators_events_bit_for_bit()
    {
        var demo = _etl.RunAsync("demo", "--json");
        var oracle = TruckOracle.Of(World.Reports(DemoRun.Fleet));
        var (code, answer, errors) = await demo;

        code.ShouldBe(0, errors);
        using var document = JsonDocument.Parse(answer);
        long Number(string name) => document.RootElement.GetProperty(name).GetInt64();
        Number("events").ShouldBe(World.Reports(DemoRun.Fleet).Count);
        Number("landed").ShouldBe(Number("events"));
        Number("rejected").ShouldBe(0);
        (Number("hours"), Number("days")).ShouldBe((72, 3));
        (oracle.Hours, oracle.Days).ShouldBe((72, 3));
        document.RootElement.GetProperty("seconds").GetDouble().ShouldBeGreaterThan(0);
        document.RootElement.GetProperty("events_per_second").GetDouble().ShouldBeGreaterThan(0);
        document.RootElement.GetProperty("state").GetString().ShouldBe("done");
        using var run = JsonDocument.Parse((await _etl.RunAsync("runs", "show", document.RootElement.GetProperty("run").GetRawText(), "--json")).Output);
        run.RootElement.GetProperty("run").GetProperty("windows").GetInt64().ShouldBe(654, "291 built, 72 checked, 291 published");
        document.RootElement.GetProperty("data").GetString().ShouldBe(_etl.Data);
        oracle.ShouldEqual(new SqliteTables(Path.Combine(_etl.Data, "results.db")));
        await CellLeadsToItsOriginAsync();
    }

    /// <summary>From a window of a table to the SQL that made it, the commits it was made from, their offsets and schema ids.</summary>
    private async Task CellLeadsToItsOriginAsync()
    {
        using var document = JsonDocument.Parse((await _etl.RunAsync("why", "truck_hourly", "2026-03-01T06:00Z", "--json")).Output);
        var why = document.RootElement;
        why.GetProperty("sql").GetString().ShouldBe("hourly.sql");
        var commit = why.GetProperty("inputs")[0].GetProperty("commits")[0];
        commit.GetProperty("offsets").GetArrayLength().ShouldBeGreaterThan(0);
        commit.GetProperty("note").GetString()!.ShouldContain("schema id 1,");
        var published = why.GetProperty("published").EnumerateArray().Single(to => to.GetProperty("sink").GetString() == "sqlite");
        published.GetProperty("in_sink").GetInt64().ShouldBe(why.GetProperty("version").GetInt64());
    }
}
