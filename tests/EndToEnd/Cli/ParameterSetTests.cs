using System.Text.Json;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>`etl params`, and calls with a saved set.</summary>
public sealed class ParameterSetTests : IDisposable
{
    private readonly EtlProcess _etl = new();

    public void Dispose() => _etl.Dispose();

    [Fact]
    public async Task A_set_is_saved_called_with_and_recorded_on_the_run()
    {
        (await _etl.RunAsync("params", "save", "trucks", "alps", "--param", "a=b")).OneLine(2).ShouldContain("trucks takes no parameters, found a");
        (await _etl.RunAsync("params", "save", "historic_main", "alps", "--param", "latitudes=46.56", "--param", "longitudes=208.56")).OneLine(2).ShouldContain("longitudes: found \"208.56\"");
        (await _etl.RunAsync("trigger", "historic_main", "--set", "alps")).OneLine(3).ShouldContain("no data at");
        Directory.Exists(_etl.Data).ShouldBeFalse();

        var saved = await JsonAsync("params", "save", "historic_main", "alps", "--param", "latitudes=46.56,47.42", "--param", "longitudes=8.56,10.98");
        saved.GetProperty("replaced").ValueKind.ShouldBe(JsonValueKind.Null);
        var listed = (await JsonAsync("params", "list", "historic_main")).EnumerateArray().ShouldHaveSingleItem();
        (listed.GetProperty("set").GetString(), listed.GetProperty("parameters").GetProperty("longitudes").GetString()).ShouldBe(("alps", "8.56,10.98"));
        listed.GetProperty("faults").GetArrayLength().ShouldBe(0);
        listed.GetProperty("wants").EnumerateArray().ShouldHaveSingleItem().GetString()!.ShouldContain("start_date, end_date: are missing");
        (await _etl.RunAsync("params", "show", "historic_main", "alpen")).OneLine(3).ShouldBe("etl: found no set \"alpen\" of historic_main, expected one of: alps");

        (await _etl.RunAsync("trigger", "historic_main", "--set", "alps")).OneLine(2).ShouldContain("start_date, end_date: are missing");
        (await _etl.RunAsync("trigger", "historic_main", "--set", "alps", "--param", "latitudes=1")).OneLine(2).ShouldContain("historic_main with set alps: latitudes, longitudes: found 1 and 2 numbers");
        (await _etl.RunAsync("trigger", "historic_main", "--set", "alps", "--param", "start_date=2024-01-01", "--param", "end_date=2024-01-02", "--param", "hourly=rain")).Code.ShouldBe(0);
        var run = (await JsonAsync("runs", "list")).EnumerateArray().ShouldHaveSingleItem();
        run.GetProperty("parameter_set").GetString().ShouldBe("alps");
        var ran = JsonDocument.Parse(run.GetProperty("parameters").GetString()!).RootElement;
        (ran.GetProperty("latitudes").GetString(), ran.GetProperty("hourly").GetString(), ran.GetProperty("start_date").GetString()).ShouldBe(("46.56,47.42", "rain", "2024-01-01"));

        var plan = await JsonAsync("backfill", "plan", "historic_main", "--from", "source", "--set", "alps", "--start", "2024-02-01", "--end", "2024-02-03");
        plan.GetProperty("windows").GetInt64().ShouldBe(6, "3 days of two places");
        (await JsonAsync("params", "delete", "historic_main", "alps")).GetProperty("deleted").GetBoolean().ShouldBeTrue();
        (await _etl.RunAsync("params", "delete", "historic_main", "alps")).OneLine(3).ShouldContain("it has none yet");
    }

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var ended = await _etl.RunAsync([.. arguments, "--json"]);
        ended.Code.ShouldBe(0, ended.Errors);
        return JsonDocument.Parse(ended.Output).RootElement;
    }
}
