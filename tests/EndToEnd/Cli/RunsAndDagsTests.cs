using System.Text.Json;
using System.Text.Json.Nodes;
using Etl.Cli.Dags;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>`etl dag` and `etl runs` on a folder where nothing runs.</summary>
public sealed class RunsAndDagsTests : IDisposable
{
    private readonly EtlProcess _etl = new();

    public void Dispose() => _etl.Dispose();

    [Fact]
    public async Task A_run_is_made_shown_cancelled_and_tried_again()
    {
        (await _etl.RunAsync("trigger", "historic_main", "--param", "start_date=2024-01-01", "--param", "end_date=2024-01-31")).Code.ShouldBe(0);
        var run = (await JsonAsync("runs", "list")).EnumerateArray().ShouldHaveSingleItem();
        (run.GetProperty("dag").GetString(), run.GetProperty("state").GetString(), run.GetProperty("kind").GetString(), run.GetProperty("lane").GetString()).ShouldBe(("historic_main", "queued", "manual", "backfill"));
        run.GetProperty("parameters").GetString()!.ShouldContain("2024-01-31");
        string id = run.GetProperty("id").GetRawText();
        (await JsonAsync("runs", "show", id)).GetProperty("polls").GetProperty("queued").GetInt32().ShouldBe(155); // 31 days of 5 places
        (await _etl.RunAsync("runs", "retry", id)).OneLine(4).ShouldContain("only one that has ended");
        (await JsonAsync("runs", "cancel", id)).GetProperty("state").GetString().ShouldBe("cancelled");
        (await _etl.RunAsync("runs", "cancel", id)).OneLine(4).ShouldContain("is cancelled already");
        (await JsonAsync("runs", "retry", id, "--preview")).GetProperty("preview").GetBoolean().ShouldBeTrue();
        (await JsonAsync("runs", "list", "--state", "cancelled")).GetArrayLength().ShouldBe(1, "a preview changes nothing");
        await JsonAsync("runs", "retry", id);
        var again = (await JsonAsync("runs", "list", "--dag", "historic_main")).EnumerateArray().ShouldHaveSingleItem();
        (again.GetProperty("state").GetString(), again.GetProperty("round").GetInt32()).ShouldBe(("queued", 2));
        (await _etl.RunAsync("runs", "show", "99")).OneLine(3).ShouldContain("found no run 99");
    }

    [Fact]
    public async Task A_call_that_is_waited_for_is_a_run_of_the_ledger_too()
    {
        var called = await JsonAsync("trigger", "historic_main", "--param", "start_date=2024-01-01", "--param", "end_date=2024-01-01", "--wait");
        called.GetProperty("run").GetProperty("state").GetString().ShouldBe("done");
        var run = (await JsonAsync("runs", "show", called.GetProperty("run").GetProperty("id").GetRawText())).GetProperty("run");
        (run.GetProperty("state").GetString(), run.GetProperty("kind").GetString(), run.GetProperty("reason").GetString()).ShouldBe(("done", "manual", "triggered"));
        run.GetProperty("windows").GetInt64().ShouldBe(5 + 24 * 2 + 4, "5 places polled; 24 hours built and published; the day, its own sum, its check, and its table");
        (await JsonAsync("runs", "list")).GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_dag_is_listed_shown_paused_and_resumed()
    {
        _etl.UseFolder();
        (await JsonAsync("dag", "list")).EnumerateArray().Select(dag => dag.GetProperty("dag").GetString()).ShouldBe(["trucks", "orientation", "main", "historic_main"]);
        var main = await JsonAsync("dag", "show", "main");
        main.GetProperty("schedule").GetString().ShouldBe("daily at 06:00 (Europe/Berlin)");
        var next = main.GetProperty("next").EnumerateArray().ToList();
        next.Count.ShouldBe(5);
        next.ShouldAllBe(fire => fire.GetProperty("local").GetString()!.Contains(" 06:00 "));
        (await JsonAsync("dag", "pause", "main", "--note", "the source moves")).GetProperty("paused").GetBoolean().ShouldBeTrue();
        string shown = (await _etl.RunAsync("dag", "show", "main")).Output;
        shown.ShouldContain("paused (the source moves)");
        shown.ShouldContain("poll_weather");
        shown.ShouldNotContain("[", Case.Sensitive, "no markup and no colour in a pipe");
        (await JsonAsync("dag", "resume", "main")).GetProperty("paused").GetBoolean().ShouldBeFalse();
        (await _etl.RunAsync("dag", "show", "nobody")).OneLine(3).ShouldContain("found no DAG \"nobody\"");
    }

    [Fact]
    public async Task A_feed_is_listed_paused_and_resumed()
    {
        const string feed = "trucks/land_truck_telemetry";
        _etl.UseFolder();
        (await JsonAsync("feeds", "pause", feed)).GetProperty("paused").GetBoolean().ShouldBeTrue();
        (await JsonAsync("feeds", "list")).EnumerateArray().Single(each => each.GetProperty("feed").GetString() == feed).GetProperty("state").GetString().ShouldBe("paused");
        (await JsonAsync("feeds", "resume", feed)).GetProperty("paused").GetBoolean().ShouldBeFalse();
        (await _etl.RunAsync("feeds", "pause", "trucks/nobody")).OneLine(3).ShouldContain(feed);
    }

    [Fact]
    public async Task A_DAG_that_up_refuses_for_its_SQL_is_refused_to_every_caller_in_the_same_words()
    {
        _etl.UseFolder();
        (await _etl.RunAsync("doctor")).Code.ShouldBe(0); // judges the SQL of the DAGs, and keeps what came of it
        string kept = Path.Combine(_etl.Data, DagTrial.File);
        var outcome = JsonNode.Parse(File.ReadAllText(kept))!;
        outcome["Refused"] = new JsonArray(new JsonObject { ["Dag"] = "trucks", ["Place"] = "src/Jobs/Trucks/hourly.sql:3", ["Reason"] = "step truck_hourly: found no column sped" });
        File.WriteAllText(kept, outcome.ToJsonString());
        const string words = "trucks is refused: src/Jobs/Trucks/hourly.sql:3: step truck_hourly: found no column sped";
        string[][] calls = [["trigger", "trucks"], ["trigger", "trucks", "--wait"], ["run", "trucks"], ["demo"], ["backfill", "start", "trucks", "--from", "lake", "--start", "2026-03-01", "--end", "2026-03-02"]];
        foreach (string[] call in calls) (await _etl.RunAsync(call)).OneLine(2).ShouldBe($"etl: {words}");
        (await JsonAsync("runs", "list")).GetArrayLength().ShouldBe(0);
        (await JsonAsync("topic", "list")).GetArrayLength().ShouldBe(0, "no topic was made for it");
        using var up = _etl.Start("up");
        try
        {
            (await new LineWaiter(up).ForAsync(words, TimeSpan.FromMinutes(1))).ShouldEndWith("; the others run");
            (await _etl.RunAsync("trigger", "trucks", "--wait")).OneLine(2).ShouldBe($"etl: {words}");
        }
        finally { up.Kill(); }
        await up.WaitForExitAsync();
    }

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var ended = await _etl.RunAsync([.. arguments, "--json"]);
        ended.Code.ShouldBe(0, ended.Errors);
        return JsonDocument.Parse(ended.Output).RootElement;
    }
}
