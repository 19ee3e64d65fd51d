using Etl.Contracts.Workflow;
using Etl.Sources;
using Etl.Sources.OpenMeteo;
using Etl.Sources.Weather;

namespace Etl.Tests.Conformance.Sources.OpenMeteo;

/// <summary>What the client makes of a service that fails, over real connections.</summary>
public sealed class OpenMeteoTroubleConformance : IAsyncLifetime
{
    private static readonly DateTimeOffset From = new(2024, 5, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly StubOpenMeteo server = new();
    private readonly HttpClient http = OpenMeteoClient.CreateHttp();
    private readonly SourceBudget budget = new(new() { PerMinute = 30, LiveShare = 0.5 }, TimeProvider.System);
    private OpenMeteoClient client = null!;

    public ValueTask InitializeAsync()
    {
        client = Client(new());
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        http.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task An_answer_is_the_same_compressed_and_plain()
    {
        var compressed = await AskAsync();
        server.Change = answer => answer with { IsCompressed = false };
        (await AskAsync()).ShouldBe(compressed);
    }

    [Fact]
    public async Task Refusals_have_their_class()
    {
        await FailsAsync(answer => answer with { Status = 500, Body = "oops" }, FailureClass.Transient, "500");
        await FailsAsync(answer => answer with { Status = 503, Body = Sample("error-429-minute.json") }, FailureClass.Transient, "503");
        await FailsAsync(answer => answer with { Status = 400, Body = Sample("error-400-variable.json") }, FailureClass.Contract, "tempeture_2m");
        await FailsAsync(answer => answer with { Status = 404, Body = "<html>not here</html>" }, FailureClass.Contract, "check the source's address");
        await FailsAsync(answer => answer with { Body = Sample("error-400-variable.json") }, FailureClass.Contract, "tempeture_2m");
    }

    [Fact]
    public async Task Bodies_that_break_off_are_asked_for_again_later()
    {
        await FailsAsync(answer => answer with { IsCut = true }, FailureClass.Transient, "no whole answer");
        await FailsAsync(answer => answer with { IsCut = true, IsCompressed = false }, FailureClass.Transient, "no whole answer");
        await FailsAsync(answer => answer with { Body = Sample("truncated-200.txt") }, FailureClass.Transient, "no whole JSON");
        await FailsAsync(answer => answer with { Body = "<html><body>sign in</body></html>" }, FailureClass.Transient, "no whole JSON");
        await FailsAsync(answer => answer with { Body = "" }, FailureClass.Transient, "no whole JSON");
    }

    [Fact]
    public async Task Answers_to_another_question_are_against_the_contract()
    {
        await FailsAsync(answer => answer with { Body = Sample("empty-range.json") }, FailureClass.Contract, "found 0 times, expected 24");
        await FailsAsync(answer => answer with { Body = Sample("two-locations.json") }, FailureClass.Contract, "found 2 places, expected 1");
        await FailsAsync(answer => answer with { Body = answer.Body.Replace("\\u00B0C", "\\u00B0F", StringComparison.Ordinal) }, FailureClass.Contract, "expected \"°C\"");
        await FailsAsync(answer => answer with { Body = answer.Body.Replace("T05:00", "T05:30", StringComparison.Ordinal) }, FailureClass.Contract, "found 2024-05-01T05:30");
    }

    [Fact]
    public async Task A_slow_answer_ends_at_the_timeout_and_a_large_one_at_its_bound()
    {
        using var hasty = Client(new() { Timeout = TimeSpan.FromSeconds(1) });
        server.Change = answer => answer with { Pause = TimeSpan.FromSeconds(20) };
        var slow = await Should.ThrowAsync<SourceException>(() => hasty.HourlyAsync(Request(), default));
        slow.Class.ShouldBe(FailureClass.Transient);
        slow.Message.ShouldContain("within 1 s");

        using var small = Client(new() { AnswerBytesMax = 64 << 10 });
        server.Change = answer => answer with { Body = new string(' ', 100 << 20) }; // small on the wire: it is compressed
        var large = await Should.ThrowAsync<SourceException>(() => small.HourlyAsync(Request(), default));
        large.Class.ShouldBe(FailureClass.Contract);
        large.Message.ShouldContain("found more than 65,536 bytes");
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_asked_again_later()
    {
        await server.DisposeAsync();
        (await Should.ThrowAsync<SourceException>(AskAsync)).Class.ShouldBe(FailureClass.Transient);
    }

    [Fact]
    public async Task When_the_service_asks_for_patience_the_next_call_is_not_made()
    {
        await FailsAsync(answer => answer with { Status = 429, Body = Sample("error-429-minute.json") }, FailureClass.Throttled, "Minutely");
        server.Change = answer => answer;
        var second = await Should.ThrowAsync<SourceException>(AskAsync);
        second.Class.ShouldBe(FailureClass.Throttled);
        second.RetryAfter!.Value.ShouldBeInRange(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(65));
        server.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Calls_stop_at_the_budget_and_those_for_backfills_first()
    {
        var history = Request() with { Lane = SourceLane.Backfill };
        for (int call = 0; call < 15; call++) await client.HourlyAsync(history, default);
        (await Should.ThrowAsync<SourceException>(() => client.HourlyAsync(history, default))).Class.ShouldBe(FailureClass.Throttled);
        for (int call = 0; call < 15; call++) await AskAsync();
        var refused = await Should.ThrowAsync<SourceException>(AskAsync);
        refused.RetryAfter!.Value.ShouldBeGreaterThan(TimeSpan.FromSeconds(20));
        refused.Message.ShouldContain("no room in the budget for a Live call of weight 1");
        server.Asked.Count.ShouldBe(30);
    }

    [Fact]
    public async Task When_one_call_of_several_fails_nothing_is_given()
    {
        using var pairs = Client(new() { PlacesPerCall = 2 });
        int calls = 0;
        server.Change = answer => Interlocked.Increment(ref calls) == 3 ? answer with { Status = 500 } : answer;
        await Should.ThrowAsync<SourceException>(() => pairs.HourlyAsync(Request() with { Places = WeatherDefaults.Places }, default));
        server.Asked.Count.ShouldBe(3);
        (await pairs.HourlyAsync(Request() with { Places = WeatherDefaults.Places }, default)).Count.ShouldBe(120);
    }

    [Fact]
    public async Task Recent_days_come_from_the_forecast_and_say_so()
    {
        var today = TimeProvider.System.GetUtcNow();
        var from = new DateTimeOffset(today.Year, today.Month, today.Day, 0, 0, 0, TimeSpan.Zero).AddDays(-7);
        var request = Request() with { From = from, To = from.AddDays(8) };
        var hours = await client.HourlyAsync(request, default);
        hours.Count.ShouldBe(192);
        hours.CountBy(hour => hour.Source).ShouldBe([new("archive", 48), new("forecast", 144)]);
        server.Asked.Select(target => target.Split('?')[0]).ShouldBe(["/v1/archive", "/v1/dwd-icon"]);
        client.CostOf(request).ShouldBe(new(2, 2));
    }

    private async Task FailsAsync(Func<StubAnswer, StubAnswer> change, FailureClass failure, string said)
    {
        server.Change = change;
        var trouble = await Should.ThrowAsync<SourceException>(AskAsync);
        trouble.Message.ShouldContain(said);
        trouble.Class.ShouldBe(failure);
    }

    private Task<IReadOnlyList<Etl.Contracts.Events.HourlyMetrics>> AskAsync() => client.HourlyAsync(Request(), default);

    private static HourlyRequest Request() => new() { Places = [new(52.52, 13.42)], From = From, To = From.AddDays(1) };

    private OpenMeteoClient Client(OpenMeteoOptions options) =>
        new(http, options with { ForecastUrl = server.Address + "/v1/dwd-icon", ArchiveUrl = server.Address + "/v1/archive" }, budget, TimeProvider.System);

    private static string Sample(string name) => File.ReadAllText(SourceTree.PathOf("tests", "Golden", "open-meteo", name));
}
