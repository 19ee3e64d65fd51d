using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Etl.Contracts.Workflow;
using Etl.Sources;
using Etl.Sources.OpenMeteo;
using Etl.Sources.Weather;

namespace Etl.Tests.Unit.Sources.OpenMeteo;

public sealed class OpenMeteoCallTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 13, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(1, 10, 14, 1)]
    [InlineData(1, 15, 14, 1.5)]
    [InlineData(1, 15, 28, 3)]
    [InlineData(5, 8, 31, 8.857)]
    [InlineData(5, 1, 1, 5)]
    [InlineData(5, 10, 365, 130.357)]
    public void A_call_weighs_as_the_service_counts_it(int places, int variables, int days, double weight) => CallWeight.Of(places, variables, days).ShouldBe(weight, 0.001);

    [Fact]
    public void Dates_that_the_archive_has_are_asked_of_it_and_later_ones_of_the_forecast()
    {
        var all = new OpenMeteoCall("", "hourly", WeatherDefaults.Places, "UTC", new(2026, 2, 20), new(2026, 3, 1), WeatherDefaults.Hourly, SourceLane.Live);
        var calls = OpenMeteoCall.Over(all, archived: new(2026, 2, 23), placesPerCall: 3).ToList();
        calls.Select(call => (call.Endpoint, call.Places.Count, call.First.Day, call.Last.Day)).ShouldBe([("archive", 3, 20, 23), ("archive", 2, 20, 23), ("forecast", 3, 24, 1), ("forecast", 2, 24, 1)]);
        OpenMeteoCall.Over(all, new(2026, 3, 1), 10).ShouldHaveSingleItem().Endpoint.ShouldBe("archive");
        OpenMeteoCall.Over(all, new(2026, 2, 19), 10).ShouldHaveSingleItem().Endpoint.ShouldBe("forecast");
    }

    [Fact]
    public void A_heavy_call_is_cut_by_places()
    {
        var all = new OpenMeteoCall("", "hourly", WeatherDefaults.Places, "UTC", new(2023, 1, 1), new(2023, 12, 31), HourlyVariables.All, SourceLane.Backfill);
        var calls = OpenMeteoCall.Over(all, new(2026, 1, 1), 10).ToList();
        calls.Select(call => call.Places.Count).ShouldBe([2, 2, 1]);
        calls.ShouldAllBe(call => call.Weight <= 100);
    }

    [Fact]
    public void The_address_holds_all_that_is_asked()
    {
        var call = new OpenMeteoCall("archive", "daily", [new(52.52, 13.42), new(-33.86, 151.2)], "Europe/Berlin", new(2024, 3, 25), new(2024, 4, 5), WeatherDefaults.Daily, SourceLane.Live);
        call.Url(new() { ApiKey = "a&b" }).AbsoluteUri.ShouldBe(
            "https://archive-api.open-meteo.com/v1/archive?latitude=52.52,-33.86&longitude=13.42,151.2&daily=weather_code&start_date=2024-03-25&end_date=2024-04-05&timezone=Europe%2FBerlin&apikey=a%26b");
        call.ToString().ShouldNotContain("a&b");
    }

    [Theory]
    [InlineData(429, "Minutely API request limit exceeded. Please try again in one minute.", FailureClass.Throttled, 65)]
    [InlineData(429, "Hourly API request limit exceeded. Please try again in the next hour.", FailureClass.Throttled, 31 * 60)]
    [InlineData(429, "Daily API request limit exceeded. Please try again tomorrow.", FailureClass.Throttled, (10 * 60 + 31) * 60)]
    [InlineData(429, "Too many concurrent requests", FailureClass.Throttled, 5)]
    [InlineData(503, "The service is overloaded", FailureClass.Transient, 0)]
    [InlineData(500, "x", FailureClass.Transient, 0)]
    [InlineData(408, "x", FailureClass.Transient, 0)]
    [InlineData(400, "Latitude must be in range of -90 to 90°. Given: 95.0.", FailureClass.Contract, 0)]
    [InlineData(403, "x", FailureClass.Contract, 0)]
    [InlineData(404, "x", FailureClass.Contract, 0)]
    public void A_refusal_has_its_class_and_its_reason_and_says_when_to_come_back(int status, string reason, FailureClass failure, int seconds)
    {
        var trouble = Trouble(status, $$"""{"error":true,"reason":"{{reason}}"}""");
        trouble.Class.ShouldBe(failure);
        trouble.IsTransient.ShouldBe(failure != FailureClass.Contract);
        trouble.RetryAfter.ShouldBe(seconds == 0 ? null : TimeSpan.FromSeconds(seconds));
        trouble.Message.ShouldContain(reason);
        trouble.Message.ShouldStartWith("here: found ");
    }

    [Fact]
    public void A_header_that_says_when_to_come_back_stands_above_words()
    {
        Trouble(429, "Daily API", new(TimeSpan.FromSeconds(7))).RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
        Trouble(503, "", new(Now.AddMinutes(2))).ShouldSatisfyAllConditions(trouble => trouble.RetryAfter.ShouldBe(TimeSpan.FromMinutes(2)), trouble => trouble.Class.ShouldBe(FailureClass.Throttled));
        Trouble(429, "", new(Now.AddMinutes(-2))).RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        Trouble(429, "", new(TimeSpan.FromDays(400))).RetryAfter.ShouldBe(TimeSpan.FromDays(2));
    }

    [Fact]
    public void A_page_instead_of_a_reason_is_told_in_one_short_line()
    {
        string message = Trouble(502, "<html>\n<h1>Bad\tgateway</h1>" + new string('x', 10_000)).Message;
        message.ShouldContain("<html> <h1>Bad gateway</h1>");
        message.Length.ShouldBeLessThan(450);
    }

    [Theory]
    [InlineData("https://{api.open-meteo.com}/v1/dwd-icon", "with braces")]
    [InlineData("api.open-meteo.com/v1", "expected an http or https address")]
    [InlineData("ftp://api.open-meteo.com/v1", "expected an http or https address")]
    [InlineData("https://api.open-meteo.com/v1?x=1", "without a query")]
    public void An_address_that_cannot_be_is_refused_with_the_way_to_mend_it(string url, string said)
    {
        new OpenMeteoOptions { ForecastUrl = url }.Faults().ShouldHaveSingleItem().ShouldContain(said);
        new OpenMeteoOptions { ArchiveUrl = url }.Faults().ShouldHaveSingleItem().ShouldStartWith("archiveUrl: found");
    }

    [Fact]
    public void Options_are_good_as_they_come_and_checked_all_at_once()
    {
        new OpenMeteoOptions().Faults().ShouldBeEmpty();
        new OpenMeteoOptions { ArchiveDelayDays = -1, Timeout = TimeSpan.Zero, AnswerBytesMax = 1, PlacesPerCall = 0, ParallelCallsMax = 9 }.Faults().Count().ShouldBe(5);
    }

    private static SourceException Trouble(int status, string body, RetryConditionHeaderValue? retryAfter = null) =>
        OpenMeteoTrouble.Of("here", (HttpStatusCode)status, retryAfter, Encoding.UTF8.GetBytes(body), Now);
}
