using System.Diagnostics;
using System.Text.Json;
using Etl.Tests.Conformance.Sources.OpenMeteo;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>`etl runs logs` while attempts run: a source that does not answer, in an `etl up` that others look at.</summary>
public sealed class LiveLogTests : IAsyncDisposable
{
    private const string Day = "2024-03-01", Asks = "asks for the day";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly StubOpenMeteo _source = new();
    private readonly ManualResetEventSlim _answers = new();
    private readonly EtlProcess _etl = new();
    private Process? _up;

    public LiveLogTests()
    {
        _source.Change = answer =>
        {
            _answers.Wait(Longest);
            return answer;
        };
        _etl.Environment["Etl__Weather__Source"] = "open-meteo";
        _etl.Environment["BASE_URL"] = $"{_source.Address}/v1/dwd-icon";
        _etl.Environment["Etl__Weather__ArchiveUrl"] = $"{_source.Address}/v1/archive";
    }

    public async ValueTask DisposeAsync()
    {
        _answers.Set();
        await KillAsync();
        await _source.DisposeAsync();
        _answers.Dispose();
        _etl.Dispose();
    }

    [Fact]
    public async Task A_running_attempt_is_shown_and_followed_to_its_end()
    {
        await BeginAsync();
        var shown = await UntilShownAsync();
        (shown.GetProperty("state").GetString(), shown.GetProperty("ended").ValueKind).ShouldBe(("running", JsonValueKind.Null));
        (await _etl.RunAsync("runs", "logs", "poll_archive", Day)).Output.ShouldContain("as it comes with --follow");
        (await _etl.RunAsync("runs", "logs", "1")).Output.ShouldContain(Asks, Case.Sensitive, "of the run, too");
        var (ofSlot, ofRun) = (_etl.RunAsync("runs", "logs", "poll_archive", Day, "--follow", "--json"), _etl.RunAsync("runs", "logs", "1", "-f"));
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken); // both have shown what there is
        _answers.Set();
        var lines = (await ofSlot).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        (await ofSlot).Code.ShouldBe(0, (await ofSlot).Errors);
        lines[0].GetProperty("text").GetString()!.ShouldStartAs(Asks);
        lines.Count(line => line.TryGetProperty("text", out var text) && text.GetString()!.StartsWith(Asks, StringComparison.Ordinal)).ShouldBe(1, "each line once");
        lines[^2].GetProperty("text").GetString().ShouldBe("sent, and acknowledged by the broker");
        lines[^1].GetProperty("ended").GetString().ShouldBe("done");
        string run = (await ofRun).Output;
        (await ofRun).Code.ShouldBe(0, (await ofRun).Errors);
        run.ShouldContain(Asks);
        run.ShouldContain("historic_main/poll_archive 2024-03-01");
        run.ShouldContain("main/publish_dailydata_sqlite 2024-03-01");
        (await _etl.RunAsync("runs", "logs", "poll_archive", Day, "--follow", "--attempt", "1")).OneLine(2).ShouldContain("expected one of them");
    }

    [Fact]
    public async Task Of_a_killed_worker_stays_what_it_said()
    {
        await BeginAsync();
        await UntilShownAsync();
        await KillAsync();
        _answers.Set();
        await StartAsync(); // the next process goes on at once
        var stories = await UntilAsync(found => found.Count == 2 && found[1].GetProperty("state").GetString() == "done");
        string[] said = [.. stories[0].GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("text").GetString()!)];
        said[0].ShouldStartWith(Asks);
        said[^1].ShouldStartWith("lease over: its worker (token ");
    }

    private async Task BeginAsync()
    {
        await StartAsync();
        (await _etl.RunAsync("trigger", "historic_main", "-p", $"start_date={Day}", "-p", $"end_date={Day}", "-p", "latitudes=52.5244", "-p", "longitudes=13.4105")).Code.ShouldBe(0);
    }

    private async Task StartAsync()
    {
        _up = _etl.Start("up", "--every", "0.5");
        await new LineWaiter(_up).ForAsync("Ctrl-C stops", Longest);
    }

    private async Task KillAsync()
    {
        if (_up is null) return;
        _up.Kill();
        await _up.WaitForExitAsync(CancellationToken.None);
        _up.Dispose();
        _up = null;
    }

    private async Task<JsonElement> UntilShownAsync() => (await UntilAsync(stories => stories is [var story] && story.GetProperty("lines").GetArrayLength() > 0))[0];

    private async Task<List<JsonElement>> UntilAsync(Func<List<JsonElement>, bool> isSo)
    {
        for (long began = Stopwatch.GetTimestamp(); ; await Task.Delay(200, TestContext.Current.CancellationToken))
        {
            var ended = await _etl.RunAsync("runs", "logs", "poll_archive", Day, "--json");
            if (ended.Code == 0 && JsonDocument.Parse(ended.Output).RootElement.EnumerateArray().ToList() is var stories && isSo(stories)) return stories;
            Stopwatch.GetElapsedTime(began).ShouldBeLessThan(Longest, ended.Output + ended.Errors);
        }
    }
}
