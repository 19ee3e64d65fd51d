using System.Net;
using System.Text.RegularExpressions;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>Hangfire's page as `etl up` serves it, driven as a browser would.</summary>
public sealed partial class HangfirePageTests : IAsyncLifetime
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);
    private readonly EtlProcess _etl = new();
    private readonly HttpClient _http = new(new HttpClientHandler { CookieContainer = new() }) { Timeout = TimeSpan.FromSeconds(30) };
    private System.Diagnostics.Process _up = null!;
    private LineWaiter _lines = null!;
    private string _page = "";

    public async ValueTask InitializeAsync()
    {
        _up = _etl.Start("up", "--every", "0.5");
        _lines = new(_up);
        _page = (await _lines.ForAsync("/hangfire", Longest)).Split(' ')[^1];
    }

    public ValueTask DisposeAsync()
    {
        _up.Kill();
        _up.WaitForExit();
        _up.Dispose();
        _http.Dispose();
        _etl.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Trigger_now_runs_a_dag_once_and_the_job_ends_as_the_run_does()
    {
        string recurring = await TextAsync("/recurring");
        recurring.ShouldContain("main 0 6 * * * Europe/Berlin");
        recurring.ShouldContain("trucks");
        recurring.ShouldContain("historic_main");
        await PostAsync("/recurring/trigger", "main", HttpStatusCode.NoContent);
        await _lines.ForAsync("main: run 1 done", Longest);
        string id = await JobAsync("/jobs/succeeded");
        string job = await TextAsync($"/jobs/details/{id}");
        job.ShouldContain("windows,");
        job.ShouldContain("triggered on Hangfire's page");
        (await _etl.RunAsync("run", "main")).Errors.ShouldNotContain("failed");
    }

    [Fact]
    public async Task A_run_that_fails_shows_its_reason_and_requeue_is_a_retry_of_the_same_run()
    {
        await PostAsync("/recurring/trigger", "historic_main", HttpStatusCode.NoContent); // it cannot run without dates
        await _lines.ForAsync("historic_main: run 1 failed", Longest);
        string id = await JobAsync("/jobs/failed");
        (await TextAsync($"/jobs/details/{id}")).ShouldContain("start_date, end_date: are missing");
        await PostAsync("/jobs/failed/requeue", id, HttpStatusCode.NoContent);
        await _lines.ForTimesAsync("historic_main: run 1 failed", 2, Longest);
        await JobAsync("/jobs/failed");
        (await TextAsync($"/jobs/details/{id}")).ShouldContain("round 2");
    }

    [Fact]
    public async Task Neither_another_site_nor_a_hand_removes_or_triggers_a_dag()
    {
        using var plain = new HttpClient();
        (await plain.PostAsync($"{_page}/recurring/trigger", Form("main"))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        await PostAsync("/recurring/remove", "main", HttpStatusCode.Unauthorized);
        using var elsewhere = new HttpRequestMessage(HttpMethod.Get, _page) { Headers = { Host = "etl.example" } };
        (await plain.SendAsync(elsewhere)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await TextAsync("/recurring")).ShouldContain("main 0 6 * * *");
    }

    private async Task PostAsync(string path, string job, HttpStatusCode expected)
    {
        string page = await _http.GetStringAsync($"{_page}/recurring");
        using var request = new HttpRequestMessage(HttpMethod.Post, _page + path) { Content = Form(job) };
        request.Headers.Add(Csrf("header", page), Csrf("token", page));
        (await _http.SendAsync(request)).StatusCode.ShouldBe(expected, path);
    }

    /// <summary>The first job of a list; it comes a moment after the run's end.</summary>
    private async Task<string> JobAsync(string list)
    {
        using var late = new CancellationTokenSource(Longest);
        while (true)
        {
            if (Job().Match(await _http.GetStringAsync(_page + list, late.Token)) is { Success: true } found) return found.Groups[1].Value;
            await Task.Delay(100, late.Token);
        }
    }

    private async Task<string> TextAsync(string path) => WebUtility.HtmlDecode(Spaces().Replace(Tags().Replace(await _http.GetStringAsync(_page + path), " "), " "));

    private static FormUrlEncodedContent Form(string job) => new([new("jobs[]", job)]);

    private static string Csrf(string part, string page) => Regex.Match(page, $"csrf-{part}\" content=\"([^\"]+)\"").Groups[1].Value;

    [GeneratedRegex("<[^>]+>")] private static partial Regex Tags();

    [GeneratedRegex(@"\s+")] private static partial Regex Spaces();

    [GeneratedRegex("jobs/details/([^\"]+)\"")] private static partial Regex Job();
}
