using System.Text.Json;
using Etl.Tests.EndToEnd.Weather;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>`etl backfill` through the program, with the offline climate.</summary>
public sealed class BackfillTests : IDisposable
{
    private static readonly string[] Range = ["historic_main", "--from", "source", "--start", "2024-03-25", "--end", "2024-04-05"];

    private readonly EtlProcess _etl = new();

    public void Dispose() => _etl.Dispose();

    [Fact]
    public async Task What_is_planned_is_what_runs_and_a_second_start_does_nothing()
    {
        _etl.UseFolder();
        var plan = await JsonAsync(["backfill", "plan", .. Range]);
        (Number(plan, "windows"), Number(plan, "calls"), Number(plan, "units"), Number(plan, "left")).ShouldBe((60, 10, 5, 0));
        string hash = plan.GetProperty("plan").GetString()!;
        (await _etl.RunAsync(["backfill", "start", .. Range, "--plan", "0123456789ab"])).OneLine(4).ShouldContain($"found {hash} now");
        (await JsonAsync("backfill", "list")).GetArrayLength().ShouldBe(0, "a plan and a refused start change nothing");

        var done = await JsonAsync(["backfill", "start", .. Range, "--plan", hash, "--wait"]);
        (done.GetProperty("state").GetString(), Number(done, "done"), Number(done, "failed"), Number(done, "windows")).ShouldBe(("done", 60, 0, 60));
        (Table("hourlydata").Count, Table("dailydata").Count).ShouldBe((1_435, 60), "287 local hours and 12 days at five places");

        var second = await JsonAsync(["backfill", "start", .. Range, "--wait"]);
        (Number(second, "windows"), Number(second, "left")).ShouldBe((0, 60));
        (await JsonAsync("backfill", "list")).GetArrayLength().ShouldBe(1);

        string[] lake = ["main", "--from", "lake", "--start", "2024-03-25", "--end", "2024-04-05", "--policy", "all"];
        var hours = Table("hourlydata");
        var again = await JsonAsync(["backfill", "start", .. lake, "--wait"]);
        (again.GetProperty("state").GetString(), Number(again, "done")).ShouldBe(("done", 287 + 12 + 12));
        Table("hourlydata").ShouldBe(hours, "built again from the same events");
    }

    [Fact]
    public async Task Words_that_are_not_good_are_told_before_anything_is_begun()
    {
        (await _etl.RunAsync("backfill", "plan", "trucks", "--from", "source", "--start", "2024-01-01", "--end", "2024-01-02")).OneLine(2).ShouldContain("trucks polls no source");
        (await _etl.RunAsync("backfill", "plan", "historic_main", "--from", "lake", "--start", "2024-01-01", "--end", "2024-01-02")).OneLine(2).ShouldContain("what it fetches is built by main");
        (await _etl.RunAsync("backfill", "plan", "main", "--from", "lake", "--start", "2024-01-02", "--end", "2024-01-01", "--policy", "old")).OneLine(2).ShouldContain("found \"old\"");
        (await _etl.RunAsync("backfill", "plan", "main", "--from", "lake", "--start", "soon", "--end", "2024-01-01")).OneLine(2).ShouldContain("--start: found \"soon\"");
        Directory.Exists(_etl.Data).ShouldBeFalse();
        _etl.UseFolder();
        (await _etl.RunAsync("backfill", "show", "7")).OneLine(3).ShouldContain("found no backfill 7");
    }

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var ended = await _etl.RunAsync([.. arguments, "--json"]);
        ended.Code.ShouldBe(0, ended.Errors);
        return JsonDocument.Parse(ended.Output).RootElement;
    }

    private IReadOnlyList<string> Table(string table) => new SqliteTables(Path.Combine(_etl.Data, "results.db")).Read(table);

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();
}
