using Etl.Tests.Conformance.Sources.OpenMeteo;

namespace Etl.Tests.Browser;

/// <summary>What a person sees on Hangfire's page while a source of `main` is in trouble, and how Requeue heals it.</summary>
public sealed class TroubleTests(Chromium chromium) : IAsyncDisposable
{
    private readonly StubOpenMeteo _source = new();

    private Dictionary<string, string> Settings => new()
    {
        ["Etl__Weather__Source"] = "open-meteo", ["BASE_URL"] = $"{_source.Address}/v1/dwd-icon", ["Etl__Weather__ArchiveUrl"] = $"{_source.Address}/v1/archive",
        ["Etl__Steps__Retry__AttemptsMax"] = "5", // 15 s at most; by default 8 last two minutes
    };

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Fact]
    public async Task A_failing_step_shows_its_reason_and_Requeue_heals_it_when_the_cause_is_gone()
    {
        _source.Change = answer => answer with { Body = answer.Body.Replace("\\u00B0C", "\\u00B0F", StringComparison.Ordinal) };
        await using var up = await DagsOnPage.OpenAsync(chromium, Settings);
        (await up.EtlAsync("trigger", "historic_main", "-p", "start_date=2024-03-01", "-p", "end_date=2024-03-01", "-p", "latitudes=52.5244", "-p", "longitudes=13.4105")).Code.ShouldBe(0); // runs made elsewhere are shown too
        await up.EndAsync("historic_main", "failed", "Failed");
        await up.ShootAsync("dags-failed");
        (await DagsOnPage.Row(up.Page, "historic_main").InnerTextAsync()).ShouldContain("°F");
        await up.GoAsync("/jobs/failed");
        await up.ShootAsync("failed");
        string failed = await up.TextAsync();
        failed.ShouldContain("°F");
        failed.ShouldContain("Run 1 of historic_main failed");
        failed.ShouldContain("for 7 days");
        failed.ShouldNotContain("expire");
        (await up.Page.Locator(".alert-warning").CountAsync()).ShouldBe(0);
        await up.OpenLastAsync("historic_main");
        await up.ShootAsync("job-failed");
        string job = await up.TextAsync();
        job.ShouldContain("historic_main/poll_archive 2024-03-01: contract: ");
        job.ShouldContain("found the unit \"°F\", expected \"°C\"");
        job.ShouldContain("`etl runs show 1` lists all that failed");
        (up.Rows("hourlydata"), up.Rows("dailydata")).ShouldBe((0, 0));

        _source.Change = answer => answer;
        await up.GoAsync("/jobs/failed");
        await up.Page.Locator("tbody input[type=checkbox]").CheckAsync();
        await up.ShootAsync("failed-selected");
        await up.PressAsync("Requeue");
        await up.GoAsync("/jobs/failed");
        await up.ShootAsync("failed-none");
        await up.EndAsync("historic_main", "done", "Succeeded");
        await up.OpenLastAsync("historic_main");
        await up.ShootAsync("job-requeued");
        (await up.TextAsync()).ShouldContain("round 2");
        (up.Rows("hourlydata"), up.Rows("dailydata")).ShouldBe((24, 1));
    }

    [Fact]
    public async Task A_run_that_goes_on_holds_no_worker_what_is_tried_again_is_no_success_and_what_is_given_up_says_so()
    {
        using var answers = new ManualResetEventSlim();
        _source.Change = answer =>
        {
            answers.Wait(TimeSpan.FromSeconds(60));
            return answer with { Status = 500, Body = "<html><h1>Internal error</h1></html>", IsCompressed = false };
        };
        await using var up = await DagsOnPage.OpenAsync(chromium, Settings);
        await up.TriggerAsync("main");
        await up.LastRunAsync("main", "Running");
        await up.GoAsync("/jobs/processing");
        (await up.Page.Locator("tbody tr").CountAsync()).ShouldBe(0, "a run that goes on holds no worker thread");
        await up.GoAsync("/jobs/in-ledger");
        await up.ShootAsync("in-ledger");
        (await up.Page.Locator("tbody tr").CountAsync()).ShouldBe(1);
        await up.TriggerAsync("trucks"); // Hangfire has one worker: it is free
        await up.LastRunAsync("trucks", "Succeeded");
        await up.LastRunAsync("main", "Running");

        answers.Set();
        await up.UntilAsync("/retries", page => page.Locator("tbody tr").Filter(new() { HasText = "main/poll_weather" }));
        await up.ShootAsync("retries");
        (await up.TextAsync()).ShouldContain("found 500");
        await up.LastRunAsync("main", "Tries again");
        await up.ShootAsync("dags-tried-again");
        await up.OpenLastAsync("main");
        await up.ShootAsync("job-tried-again");
        string during = await up.TextAsync();
        during.ShouldContain("run 1 of main tries again");
        during.ShouldContain("main/poll_weather");
        (await up.Page.Locator(".state-card-title").AllInnerTextsAsync()).ShouldNotContain(title => title.Contains("Succeeded"));

        await up.EndAsync("main", "failed", "Failed");
        await up.OpenLastAsync("main");
        await up.ShootAsync("job-given-up");
        string job = await up.TextAsync();
        job.ShouldContain("main/poll_weather");
        job.ShouldContain("and 7 more windows: gave up after 5 attempts"); // the same reason once
        job.ShouldContain("Requeue tries what failed once more");
    }
}
