using System.Collections.Concurrent;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Sources;
using Etl.Sources.OpenMeteo;
using Etl.Tests.Conformance.Sources.OpenMeteo;

namespace Etl.Tests.EndToEnd.Weather;

/// <summary>historic_main against a service that answers as Open-Meteo does, and fails as it does: the right class, nothing half published, its limits kept.</summary>
public sealed class WeatherTroubleTests : IAsyncDisposable
{
    private readonly StubOpenMeteo _server = new();
    private int _answers;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private WeatherSettings Settings => new() { Source = WeatherSettings.OpenMeteo, ForecastUrl = $"{_server.Address}/v1/dwd-icon", ArchiveUrl = $"{_server.Address}/v1/archive" };

    [Fact]
    public async Task History_is_asked_of_the_archive_a_month_in_one_call_of_hours_and_one_of_days()
    {
        await using var world = await WeatherWorld.OpenAsync(Settings);
        var (polls, main) = await world.CallAsync("2024-03-30", "2024-04-01");
        (polls.Polled, polls.Open.Count, main.Open.Count).ShouldBe((3, 0, 0));
        _server.Asked.Count.ShouldBe(2);
        _server.Asked.ShouldAllBe(url => url.StartsWith("/v1/archive?", StringComparison.Ordinal));
        world.Tables.Read("hourlydata").Count.ShouldBe(71, "the 31st has 23 hours");
        world.Tables.Read("hourlydata").ShouldAllBe(row => row.Contains("source=archive") && !row.Contains("weather_code=null"));
        world.Tables.Read("dailydata").Count.ShouldBe(3);

        (polls, main) = await world.CallAsync("2024-03-29", "2024-04-01");
        polls.Polled.ShouldBe(1, "the others were fetched before");
        _server.Asked.Count.ShouldBe(4);
        main.BuiltByStep["dailydata"].ShouldBe(1);
    }

    [Fact]
    public async Task A_forecast_does_not_pass_for_history_once_the_archive_has_the_day()
    {
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        string day = $"{today.AddDays(-2):yyyy-MM-dd}", old = $"{today.AddDays(-20):yyyy-MM-dd}";
        await using var world = await WeatherWorld.OpenAsync(Settings);
        await world.PollAsync(day, day);
        _server.Asked.ShouldAllBe(url => url.StartsWith("/v1/dwd-icon?", StringComparison.Ordinal));
        await world.PollAsync(old, old);
        int asked = _server.Asked.Count;
        (await world.PollAsync(day, day)).PolledUnchanged.ShouldBe(1, "it may have been mended since");
        _server.Asked.Count.ShouldBe(asked + 2);
        (await world.PollAsync(old, old)).PolledUnchanged.ShouldBe(0);
        _server.Asked.Count.ShouldBe(asked + 2, "the archive's are final");
    }

    [Theory]
    [InlineData("asks for patience", SlotState.Queued)]
    [InlineData("is busy", SlotState.Retrying)]
    [InlineData("breaks off", SlotState.Retrying)]
    [InlineData("is another's page", SlotState.Retrying)]
    public async Task What_passes_is_waited_for(string trouble, SlotState between)
    {
        _server.Change = answer => ++_answers > 2 ? answer : trouble switch
        {
            "asks for patience" => answer with { Status = 429, Header = "Retry-After: 1\r\n", Body = """{"error":true,"reason":"Minutely API request limit exceeded. Please try again in one minute."}""" },
            "is busy" => answer with { Status = 500, Body = "<html><h1>Internal error</h1></html>", IsCompressed = false },
            "breaks off" => answer with { Body = answer.Body[..(answer.Body.Length / 2)] + "Unexpected error while streaming data: timeout" },
            _ => answer with { Body = "<html><body>sign in to the hotel's network</body></html>" },
        };
        await using var world = await WeatherWorld.OpenAsync(Settings);
        var (polls, main) = await world.CallAsync("2024-03-30", "2024-03-30");
        (polls.Polled, polls.Retried, polls.Open.Count, main.Open.Count).ShouldBe((1, 2, 0, 0));
        (await world.Ledger.AttemptsAsync((await world.PollsAsync()).ShouldHaveSingleItem().Id, default)).Select(attempt => attempt.State).ShouldBe([between, between, SlotState.Done]);
        world.Tables.Read("hourlydata").Count.ShouldBe(24);
    }

    [Theory]
    [InlineData("knows no such page", "404")]
    [InlineData("refuses the variable", "tempeture_2m")]
    [InlineData("tells other units", "°F")]
    [InlineData("leaves a place out", "expected")]
    public async Task What_does_not_pass_fails_at_once_and_publishes_nothing_of_the_day(string trouble, string told)
    {
        await using var world = await WeatherWorld.OpenAsync(Settings);
        await world.CallAsync("2024-03-28", "2024-03-28");
        var before = (Hours: world.Tables.Read("hourlydata"), Days: world.Tables.Read("dailydata"));
        _server.Change = answer => trouble switch
        {
            "knows no such page" => answer with { Status = 404, Body = "<html>no such page</html>" },
            "refuses the variable" => answer with { Status = 400, Body = """{"error":true,"reason":"Cannot initialize WeatherVariable from invalid String value tempeture_2m for key hourly"}""" },
            "tells other units" => answer with { Body = answer.Body.Replace("\\u00B0C", "\\u00B0F", StringComparison.Ordinal) },
            _ => answer with { Body = "[]" },
        };
        int asked = _server.Asked.Count;
        var (polls, main) = await world.CallAsync("2024-03-28", "2024-03-29");
        var failed = polls.Failed.ShouldHaveSingleItem();
        (failed.State, failed.Id.Window.ToString(), failed.Attempt).ShouldBe((SlotState.Failed, "2024-03-29", 1));
        failed.Reason.ShouldStartWith("contract: open-meteo archive, hourly 2024-03-28 to 2024-03-29, 52.5244,13.4105: ", customMessage: "the UTC dates of the local date's hours");
        failed.Reason.ShouldContain(told);
        (main.Landed, main.Built, _server.Asked.Count - asked).ShouldBe((0, 0, 1), "neither days nor hours of it were taken");
        world.Tables.Read("hourlydata").ShouldBe(before.Hours);
        world.Tables.Read("dailydata").ShouldBe(before.Days);

        _server.Change = answer => answer; // mended: the same call again fetches what failed, and that alone
        (polls, main) = await world.CallAsync("2024-03-28", "2024-03-29");
        (polls.Polled, polls.Failed.Count(), main.BuiltByStep["dailydata"], world.Tables.Read("hourlydata").Count).ShouldBe((1, 0, 1, 48));
    }

    [Fact]
    public async Task When_only_the_days_fail_the_hours_are_not_sent_either()
    {
        _server.Change = answer => _server.Asked.Last().Contains("daily=", StringComparison.Ordinal) ? answer with { Status = 400, Body = "{}" } : answer;
        await using var world = await WeatherWorld.OpenAsync(Settings);
        var (polls, main) = await world.CallAsync("2024-03-28", "2024-03-28");
        (polls.Failed.Count(), main.Read, main.Built).ShouldBe((1, 0, 0));
    }

    [Fact]
    public async Task Months_of_history_keep_to_the_budget_and_are_there_in_the_end()
    {
        var clock = new LeapingClock();
        var limits = new SourceLimits { PerMinute = 10, LiveShare = 0.2 };
        var calls = new ConcurrentQueue<(DateTimeOffset At, double Weight)>();
        _server.Change = answer =>
        {
            string url = _server.Asked.Last();
            int days = DateOnly.Parse(Value(url, "end_date")).DayNumber - DateOnly.Parse(Value(url, "start_date")).DayNumber + 1;
            calls.Enqueue((clock.GetUtcNow(), CallWeight.Of(1, Value(url, url.Contains("hourly=", StringComparison.Ordinal) ? "hourly" : "daily").Split(',').Length, days)));
            return answer;
        };
        await using var world = await WeatherWorld.OpenAsync(Settings, clock, limits);
        var polls = await world.PollAsync("2023-01-01", "2023-07-31");
        (polls.Polled, polls.Open.Count).ShouldBe((212, 0));
        calls.Count.ShouldBe(14, "seven calls of up to 31 days, of hours and of days each; none is made twice");
        foreach (var (at, _) in calls)
            calls.Where(call => call.At > at.AddMinutes(-1) && call.At <= at).Sum(call => call.Weight).ShouldBeLessThanOrEqualTo(8.0 + 1e-9, "a fifth of the limit stays with live work");
        (await world.PollsAsync()).ShouldAllBe(slot => slot.State == SlotState.Done);
    }

    [Fact]
    public async Task Live_days_wait_for_no_history_in_a_small_budget_and_both_keep_to_it()
    {
        var clock = new LeapingClock();
        var limits = new SourceLimits { PerMinute = 10, LiveShare = 0.2 };
        var calls = new ConcurrentQueue<(DateTimeOffset At, double Weight, bool IsLive)>();
        var exhausted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server.Change = answer =>
        {
            string url = answer.Target;
            int days = DateOnly.Parse(Value(url, "end_date")).DayNumber - DateOnly.Parse(Value(url, "start_date")).DayNumber + 1;
            bool isLive = url.StartsWith("/v1/dwd-icon?", StringComparison.Ordinal);
            calls.Enqueue((clock.GetUtcNow(), CallWeight.Of(1, Value(url, url.Contains("hourly=", StringComparison.Ordinal) ? "hourly" : "daily").Split(',').Length, days), isLive));
            if (calls.Where(call => !call.IsLive).Sum(call => call.Weight) > 5) exhausted.TrySetResult(); // the next of history's calls has to wait
            return answer;
        };
        await using var world = await WeatherWorld.OpenAsync(Settings, clock, limits);
        clock.Hold(); // who has to wait for the budget waits
        var history = world.PollAsync("2023-01-01", "2023-07-31");
        await exhausted.Task.WaitAsync(TimeSpan.FromMinutes(2));
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        (await world.LiveAsync($"{today.AddDays(-1):yyyy-MM-dd}").WaitAsync(TimeSpan.FromMinutes(1))).Polled.ShouldBe(1, "with no wait, though history has used up all that it may have");
        history.IsCompleted.ShouldBeFalse();
        calls.Count(call => call.IsLive).ShouldBe(2, "its hours and its days");
        (await world.Ledger.AttemptsAsync((await world.LivePollsAsync()).ShouldHaveSingleItem().Id, default)).ShouldHaveSingleItem();
        clock.Release();
        for (int back = 2; back <= 4; back++) (await world.LiveAsync($"{today.AddDays(-back):yyyy-MM-dd}")).Polled.ShouldBe(1);
        (await world.LivePollsAsync()).ShouldAllBe(slot => slot.State == SlotState.Done && slot.Lane == Lane.Live);
        (await history).Polled.ShouldBe(212);
        (await world.PollsAsync()).ShouldAllBe(slot => slot.State == SlotState.Done);
        calls.Count(call => !call.IsLive).ShouldBe(14);
        foreach (var (at, _, _) in calls)
        {
            var minute = calls.Where(call => call.At > at.AddMinutes(-1) && call.At <= at).ToList();
            minute.Sum(call => call.Weight).ShouldBeLessThanOrEqualTo(10 + 1e-9);
            minute.Where(call => !call.IsLive).Sum(call => call.Weight).ShouldBeLessThanOrEqualTo(8 + 1e-9, "a fifth of the limit stays with live work");
        }
    }

    private static string Value(string url, string name) => Uri.UnescapeDataString(url.Split('?')[1].Split('&').Single(part => part.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..]);
}
