using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>`etl slot` and `etl runs logs`: a day of made-up weather whose daily table cannot be published.</summary>
public sealed class SlotAndLogTests : IDisposable
{
    private const string Publish = "main/publish_dailydata_sqlite", Day = "2024-01-01", Hour = "2024-01-01T06:00Z";

    private readonly EtlProcess _etl = new();

    public void Dispose() => _etl.Dispose();

    [Fact]
    public async Task What_failed_says_why_and_a_retry_heals_it()
    {
        Directory.CreateDirectory(_etl.Data);
        Execute("create table dailydata (day text, place text, words blob, primary key (place))"); // another key than the result's
        (await _etl.RunAsync("trigger", "historic_main", "--param", "start_date=2024-01-01", "--param", "end_date=2024-01-01", "--wait")).Code.ShouldBe(5);

        var built = (await JsonAsync("runs", "logs", "main/hourlydata", Hour)).EnumerateArray().ShouldHaveSingleItem();
        (Text(built, "state"), built.GetProperty("rows").GetInt64()).ShouldBe(("done", 5));
        var lines = Lines(built);
        lines[0].ShouldStartWith("reads hourlymetrics of 2024-01-01T06:00Z as of commit ");
        lines[0].ShouldContain(" 5 rows in 1 file of commit ");
        lines.ShouldContain(line => line.StartsWith("hourlydata.sql made 5 rows, checksum "));
        lines.ShouldContain("the window's first result");
        lines.ShouldContain(line => line.StartsWith("wrote hourlydata/2024-01/"));

        var failed = await JsonAsync("slot", "show", Publish, Day);
        (Text(failed, "state"), Text(failed, "next").StartsWith("stays so until somebody acts")).ShouldBe(("failed", true));
        var log = (await JsonAsync("runs", "logs", "main", "publish_dailydata_sqlite", Day)).EnumerateArray().ShouldHaveSingleItem();
        log.GetProperty("lines").EnumerateArray().ShouldContain(line => Text(line, "severity") == "error" && Text(line, "text").StartsWith("contract failure: "));

        string id = (await JsonAsync("runs", "list"))[0].GetProperty("id").GetRawText();
        var ofRun = (await JsonAsync("runs", "logs", id, "--max", "1000")).EnumerateArray().ToList();
        ofRun.Count.ShouldBe(5 + 24 * 2 + 4, "each attempt of the run said something");
        (await JsonAsync("runs", "logs", id, "--failed")).EnumerateArray().Select(each => Text(each, "step")).ShouldBe([Publish]);
        Text(ofRun[0], "step").ShouldBe("historic_main/poll_archive");
        Lines(ofRun[0]).ShouldContain("sent, and acknowledged by the broker");

        string people = (await _etl.RunAsync("runs", "logs", Publish, Day)).Output;
        people.ShouldContain("attempt 1.1 failed in ");
        people.ShouldNotContain("[red]");
        (await _etl.RunAsync("slot", "show", Publish, Day)).Output.ShouldContain("etl runs logs main/publish_dailydata_sqlite 2024-01-01");

        Execute("drop table dailydata");
        Text(await JsonAsync("slot", "retry", Publish, Day), "state").ShouldBe("queued");
        (await _etl.RunAsync("slot", "show", Publish, Day)).Output.ShouldContain("due: the next free worker takes it");
        (await _etl.RunAsync("run", "main")).Code.ShouldBe(0);
        (await JsonAsync("runs", "logs", Publish, Day)).EnumerateArray().Select(each => $"{each.GetProperty("round")}.{each.GetProperty("attempt")} {Text(each, "state")}").ShouldBe(["1.1 failed", "2.1 done"]);
        Text((await JsonAsync("runs", "logs", Publish, Day, "--attempt", "1.1")).EnumerateArray().ShouldHaveSingleItem(), "state").ShouldBe("failed");
        (await _etl.RunAsync("slot", "retry", Publish, Day)).OneLine(4).ShouldContain("`etl rebuild`");
        (await _etl.RunAsync("runs", "logs", Publish, Day, "--attempt", "7")).OneLine(3).ShouldContain("expected one of: 1.1, 2.1");
    }

    [Fact]
    public async Task A_slot_that_waits_says_for_what_and_can_be_cancelled()
    {
        (await _etl.RunAsync("trigger", "historic_main", "--param", "start_date=2024-01-01", "--param", "end_date=2024-01-02")).Code.ShouldBe(0);
        var polls = (await JsonAsync("slot", "list", "historic_main", "--state", "queued")).EnumerateArray().ToList();
        polls.Count.ShouldBe(10);
        (await _etl.RunAsync("slot", "show", "poll_archive", Day)).OneLine(2).ShouldContain("has 5 slots, expected one: name it with --key");
        string key = Text(polls[0], "key");
        Text(await JsonAsync("slot", "show", "poll_archive", Day, "--key", key), "next").ShouldBe("due: the next free worker takes it");
        (await _etl.RunAsync("slot", "retry", "poll_archive", Day, "--key", key)).OneLine(4).ShouldContain("is queued; retry takes one that is failed");
        Text(await JsonAsync("slot", "cancel", "poll_archive", Day, "--key", key), "state").ShouldBe("cancelled");
        (await _etl.RunAsync("slot", "cancel", "poll_archive", Day, "--key", key)).OneLine(4).ShouldContain("is cancelled");
        (await _etl.RunAsync("slot", "show", "poll_archive", Day, "--key", "nobody")).OneLine(3).ShouldContain("expected one of: ");
        (await _etl.RunAsync("slot", "show", "hourlydata", Hour)).OneLine(3).ShouldContain("found no slot main/hourlydata");
        (await _etl.RunAsync("runs", "logs", "poll_archive", Day, "--key", key)).Errors.ShouldContain("no attempt yet");
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_etl.Data, "results.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var ended = await _etl.RunAsync([.. arguments, "--json"]);
        ended.Code.ShouldBe(0, ended.Errors);
        return JsonDocument.Parse(ended.Output).RootElement;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static IReadOnlyList<string> Lines(JsonElement story) => [.. story.GetProperty("lines").EnumerateArray().Select(line => Text(line, "text"))];
}
