using System.Text.Json;
using Etl.Tests.Conformance.Sources.OpenMeteo;
using Etl.Tests.EndToEnd.Cli;

namespace Etl.Tests.EndToEnd.Weather;

/// <summary>The weather DAGs through the program, with the offline climate.</summary>
public sealed class WeatherHistoryTests : IDisposable
{
    private readonly EtlProcess _etl = new();

    public void Dispose() => _etl.Dispose();

    [Fact]
    public async Task History_is_fetched_once_only_what_is_missing_is_added_and_it_equals_the_same_days_run_live()
    {
        var first = await HistoryAsync("2024-03-25", "2024-04-05");
        (Number(first, "poll", "calls"), Number(first, "poll", "fetched"), Number(first, "failed"), Number(first, "waiting")).ShouldBe((10, 60, 0, 0));
        first.GetProperty("poll").GetProperty("made_up").GetBoolean().ShouldBeTrue();
        var (hours, days) = (Table("hourlydata"), Table("dailydata"));
        (hours.Count, days.Count).ShouldBe((1_435, 60), "287 local hours and 12 days at five places");

        var second = await HistoryAsync("2024-03-25", "2024-04-05");
        (Number(second, "poll", "calls"), Number(second, "read"), Number(second, "built"), Number(second, "published")).ShouldBe((0, 0, 0, 0));
        Table("hourlydata").ShouldBe(hours);
        Table("dailydata").ShouldBe(days);

        var wider = await HistoryAsync("2024-03-24", "2024-04-05");
        (Number(wider, "poll", "fetched"), Number(wider, "poll", "asked", "done"), Number(wider, "built")).ShouldBe((5, 60, 24 + 2));
        Table("hourlydata").Count.ShouldBe(1_435 + 24 * 5);
        hours.Except(Table("hourlydata")).ShouldBeEmpty();

        using var live = new EtlProcess();
        (await live.RunAsync("trigger", "main", "--param", "start_date=2024-03-25", "--param", "end_date=2024-04-05", "--wait")).Code.ShouldBe(0);
        var lived = new SqliteTables(Path.Combine(live.Data, "results.db"));
        lived.Read("hourlydata").ShouldBe(hours);
        lived.Read("dailydata").ShouldBe(days);
    }

    [Fact]
    public async Task Main_fetches_today_and_a_week_and_run_again_finds_them_as_they_were()
    {
        var run = await _etl.RunAsync("run", "main", "--json");
        run.Code.ShouldBe(0, run.Errors);
        var first = JsonDocument.Parse(run.Output).RootElement;
        (Number(first, "poll", "fetched"), Number(first, "failed"), Number(first, "waiting")).ShouldBe((8, 0, 0));
        Table("dailydata").Count.ShouldBe(8 * 5);
        var again = await _etl.RunAsync("run", "main");
        again.Code.ShouldBe(0, again.Errors);
        again.Output.ShouldContain("as they were");
        again.Output.ShouldContain("climate: made-up weather, no network is used");
        again.Output.ShouldContain("main: nothing to do, everything is up to date");
    }

    [Fact]
    public async Task The_names_that_the_replaced_pipeline_was_set_by_are_honoured()
    {
        await using var server = new StubOpenMeteo();
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["Etl__Weather__Source"] = "open-meteo", ["Etl__Weather__ArchiveUrl"] = "http://127.0.0.1:1/archive", ["BASE_URL"] = $"{server.Address}/v1/dwd-icon", ["Etl__Weather__ApiKey"] = "geheim",
            ["HOURLY_DATA_TOPIC"] = "stunden", ["DAILY_DATA_TOPIC"] = "tage", ["HOURLY_SINK_TABLE"] = "Stunden", ["DAILY_SINK_TABLE"] = "Tage",
        }) _etl.Environment[name] = value;
        string today = $"{TimeZoneInfo.ConvertTimeBySystemTimeZoneId(DateTimeOffset.UtcNow, "Europe/Berlin"):yyyy-MM-dd}";
        var run = await _etl.RunAsync("trigger", "main", "--param", $"start_date={today}", "--param", $"end_date={today}", "--wait");
        run.Code.ShouldBe(0, run.Errors);
        run.Output.ShouldContain("fetched 1 days in 2 calls (open-meteo)");
        server.Asked.ShouldAllBe(url => url.StartsWith("/v1/dwd-icon?", StringComparison.Ordinal));
        Table("Tage").Count.ShouldBe(5);
        Table("Stunden").Count.ShouldBeInRange(23 * 5, 25 * 5);
        var topics = await _etl.RunAsync("topic", "list");
        topics.Output.ShouldContain("stunden");
        topics.Output.ShouldNotContain("\n│ hourlymetrics"); // what it lands in is called that still
        (await _etl.RunAsync("config", "show")).Output.ShouldNotContain("geheim");

        _etl.Environment["BASE_URL"] = "https://{api.open-meteo.com}/v1/dwd-icon"; // as the replaced pipeline's example has it
        (await _etl.RunAsync("run", "main")).OneLine(2).ShouldContain("weather.forecastUrl: found \"https://{api.open-meteo.com}/v1/dwd-icon\" with braces");
    }

    [Fact]
    public async Task Parameters_that_are_not_good_are_told_before_anything_is_begun()
    {
        (await _etl.RunAsync("trigger", "historic_main")).OneLine(2).ShouldContain("start_date, end_date: are missing");
        (await _etl.RunAsync("trigger", "historic_main", "--param", "start_date=2024-01-01", "--param", "end_date=2023-01-01")).OneLine(2).ShouldContain("is before start_date");
        (await _etl.RunAsync("trigger", "historic_main", "--param", "start_date")).OneLine(2).ShouldContain("expected NAME=VALUE");
        (await _etl.RunAsync("trigger", "trucks", "--param", "a=b")).OneLine(2).ShouldContain("trucks takes no parameters");
        (await _etl.RunAsync("trigger", "truck")).OneLine(3).ShouldContain("expected one of: trucks");
        Directory.Exists(_etl.Data).ShouldBeFalse();
    }

    private async Task<JsonElement> HistoryAsync(string start, string end)
    {
        var ended = await _etl.RunAsync("trigger", "historic_main", "--param", $"start_date={start}", "--param", $"end_date={end}", "--wait", "--json");
        ended.Code.ShouldBe(0, ended.Errors);
        return JsonDocument.Parse(ended.Output).RootElement;
    }

    private IReadOnlyList<string> Table(string table) => new SqliteTables(Path.Combine(_etl.Data, "results.db")).Read(table);

    private static long Number(JsonElement element, params string[] path) => path.Aggregate(element, (at, name) => at.GetProperty(name)).GetInt64();
}
