using System.Text.Json;
using Etl.Tests.EndToEnd.Weather;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>`etl runs watch`, `etl dag test`, `etl rebuild` and `etl dag graph` through the program, with the offline climate.</summary>
public sealed class WatchAndRebuildTests : IDisposable
{
    private static readonly string[] Range = ["--from", "2024-01-01", "--to", "2024-01-01"], Call = ["trigger", "historic_main", "--param", "start_date=2024-01-01", "--param", "end_date=2024-01-01"];

    private readonly EtlProcess _etl = new();

    public void Dispose() => _etl.Dispose();

    [Fact]
    public async Task A_day_is_tested_rebuilt_and_watched()
    {
        (await _etl.RunAsync([.. Call, "--wait"])).Code.ShouldBe(0);
        var table = Table("dailydata");
        var test = await JsonAsync("dag", "test", "main", "--window", "2024-01-01", "--rows", "2");
        (test.GetProperty("failed").GetInt32(), test.GetProperty("committed").GetBoolean()).ShouldBe((0, false));
        var windows = test.GetProperty("windows").EnumerateArray().ToList();
        windows.Count.ShouldBe(24 + 1 + 1 + 1);
        windows.ShouldAllBe(window => Text(window, "outcome") == "as it is" || (Text(window, "step") == "main/check_dailydata" && Text(window, "outcome") == "passed"));
        test.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("rows").GetArrayLength()).ShouldBe([2, 2, 2]);
        string people = (await _etl.RunAsync("dag", "test", "main", "--window", "2024-01-01T06:00Z", "--sql")).Output;
        people.ShouldContain("nothing is committed or published");
        people.ShouldContain("hourlydata.sql");
        (await _etl.RunAsync("dag", "test", "main", "--window", "2023-01-01")).OneLine(3).ShouldContain("found nothing landed in 2023-01-01");
        (await _etl.RunAsync("dag", "test", "historic_main", "--window", "2024-01-01")).OneLine(2).ShouldContain("built by main");
        (await _etl.RunAsync("dag", "test", "main", "--window", "today")).OneLine(2).ShouldContain("found \"today\"");

        var plan = await JsonAsync(["rebuild", "dailydata", .. Range]);
        (Text(plan, "only"), plan.GetProperty("windows").GetInt32()).ShouldBe(("dailydata", 1));
        (await JsonAsync("backfill", "list")).GetArrayLength().ShouldBe(0, "a preview begins nothing");
        (await _etl.RunAsync(["rebuild", "dailydata", .. Range, "--plan", "0123456789ab"])).OneLine(4).ShouldContain($"found {Text(plan, "plan")} now");
        var done = await JsonAsync(["rebuild", "dailydata", .. Range, "--plan", Text(plan, "plan"), "--wait"]);
        (Text(done, "state"), done.GetProperty("done").GetInt32(), Text(done, "reason")).ShouldBe(("done", 1, "rebuild of dailydata from the command line"));
        var attempts = (await JsonAsync("runs", "logs", "main/dailydata", "2024-01-01")).EnumerateArray().ToList();
        attempts.Count.ShouldBe(2);
        attempts[1].GetProperty("lines").EnumerateArray().Select(line => Text(line, "text")).ShouldContain(line => line.StartsWith("the same rows as version "));
        Table("dailydata").ShouldBe(table);
        (await _etl.RunAsync(["rebuild", "nobody", .. Range])).OneLine(3).ShouldContain("truck_hourly");

        var watched = await _etl.RunAsync("runs", "watch", "1");
        watched.Code.ShouldBe(0);
        var lines = watched.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldEndWith("Z  historic_main/poll_archive: 5 done");
        lines[^1].ShouldContain("run 1 of historic_main: done, 57 windows, 380 rows in ");
        Text(await JsonAsync("runs", "watch", "1"), "state").ShouldBe("done");
    }

    [Fact]
    public async Task A_watched_run_that_nobody_takes_ends_by_its_timeout_and_a_cancelled_one_is_told()
    {
        (await _etl.RunAsync(Call)).Code.ShouldBe(0);
        var late = await _etl.RunAsync("runs", "watch", "1", "--timeout", "1");
        (late.Code, late.Output.Contains("run 1 of historic_main: queued")).ShouldBe((6, true));
        late.Errors.ShouldContain("no `etl up` runs on this folder now");
        late.Errors.ShouldContain("etl: run 1 has not ended within 1 s: it is queued");
        (await _etl.RunAsync("runs", "cancel", "1")).Code.ShouldBe(0);
        (await _etl.RunAsync("runs", "watch", "1")).Code.ShouldBe(1);
        (await _etl.RunAsync("runs", "watch", "9")).OneLine(3).ShouldContain("found no run 9");
    }

    [Fact]
    public async Task A_graph_needs_no_data()
    {
        var graph = await JsonAsync("dag", "graph", "main");
        graph.GetProperty("edges").EnumerateArray().ShouldContain(edge => Text(edge, "from") == "historic_main/poll_archive" && Text(edge, "to") == "topic hourlymetrics");
        (await _etl.RunAsync("dag", "graph", "main", "--mermaid")).Output.ShouldStartWith("flowchart LR\n");
        (await _etl.RunAsync("dag", "graph", "main", "--dot")).Output.ShouldStartWith("digraph \"main\" {\n");
        (await _etl.RunAsync("dag", "graph", "trucks")).Output.ShouldContain("truck_hourly build, hour, hourly.sql → dataset");
        (await _etl.RunAsync("dag", "graph", "main", "--dot", "--mermaid")).OneLine(2).ShouldContain("expected one of them");
        Directory.Exists(_etl.Data).ShouldBeFalse();
    }

    private IReadOnlyList<string> Table(string table) => new SqliteTables(Path.Combine(_etl.Data, "results.db")).Read(table);

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var ended = await _etl.RunAsync([.. arguments, "--json"]);
        ended.Code.ShouldBe(0, ended.Errors);
        return JsonDocument.Parse(ended.Output).RootElement;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
