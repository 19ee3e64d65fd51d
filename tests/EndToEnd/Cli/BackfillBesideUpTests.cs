using System.Text.Json;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Metadata.Sqlite;
using Etl.Tests.Conformance.Sources.OpenMeteo;
using Etl.Tests.EndToEnd.Weather;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>Backfills beside a live `etl up`: the plan is what runs; pause, cancel and kill lose and halve nothing.</summary>
public sealed class BackfillBesideUpTests : IAsyncDisposable
{
    private const int Places = 20, Days = 3;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3), LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>Twenty places, three days: a call, and so a unit, for each place.</summary>
    private static readonly string[] Wide =
    [
        "historic_main", "--from", "source", "--start", "2024-03-01", "--end", "2024-03-03",
        "-p", $"latitudes={string.Join(',', Enumerable.Range(0, Places).Select(place => 40 + place))}", "-p", $"longitudes={string.Join(',', Enumerable.Repeat(10, Places))}",
    ];

    private static readonly string[] TwoPlaces = ["-p", "latitudes=52,48", "-p", "longitudes=13,11"], Narrow = ["historic_main", "--from", "source", "--start", "2024-03-01", "--end", "2024-03-03", .. TwoPlaces];

    private readonly EtlProcess _etl = new();
    private readonly StubOpenMeteo _slow = new() { Change = answer => answer with { Pause = TimeSpan.FromMilliseconds(300) } };

    public async ValueTask DisposeAsync()
    {
        await _slow.DisposeAsync();
        _etl.Dispose();
    }

    [Fact]
    public async Task Pause_and_cancel_come_at_the_edge_of_a_unit_beside_live_work_and_a_later_one_does_just_the_rest()
    {
        AskSlowly();
        using var up = _etl.Start("up", "--every", "0.2");
        var lines = new LineWaiter(up);
        try
        {
            await lines.ForAsync("Ctrl-C stops", Longest);
            await using var store = await OpenAsync();
            var plan = await JsonAsync(["backfill", "plan", .. Wide]);
            (Number(plan, "windows"), Number(plan, "units")).ShouldBe((Places * Days, Places));
            await JsonAsync(["backfill", "start", .. Wide, "--parallelism", "1", "--plan", plan.GetProperty("plan").GetString()!]);
            await UntilAsync(store, backfill => backfill.DoneWindows >= Days);
            var shown = await JsonAsync("backfill", "show", "1");
            shown.GetProperty("windows_per_second").GetDouble().ShouldBeGreaterThan(0);
            if (shown.GetProperty("state").GetString() == "running" && Number(shown, "left") > 0) shown.GetProperty("seconds_left").GetDouble().ShouldBeGreaterThan(0);

            (await JsonAsync("backfill", "pause", "1")).GetProperty("state").GetString().ShouldBe("paused");
            var paused = await UntilAsync(store, backfill => backfill.UnderWay == 0);
            await WholeAsync(store, paused);
            var live = await _etl.RunAsync(["trigger", "main", "-p", "start_date=2024-05-01", "-p", "end_date=2024-05-01", .. TwoPlaces, "--wait"]);
            live.Code.ShouldBe(0, live.Errors);
            Rows("hourlydata", "2024-05").Count.ShouldBe(2 * 22, "24 local hours of each, two of them on the evening before in UTC");
            (await FindAsync(store)).DoneWindows.ShouldBe(paused.DoneWindows, "nothing is begun while it is paused");

            await JsonAsync("backfill", "resume", "1");
            await UntilAsync(store, backfill => backfill.DoneWindows > paused.DoneWindows);
            (await JsonAsync("backfill", "cancel", "1")).GetProperty("state").GetString().ShouldBe("cancelled");
            var cancelled = await UntilAsync(store, backfill => backfill.UnderWay == 0);
            await WholeAsync(store, cancelled);
            cancelled.DoneWindows.ShouldBeInRange(2 * Days, (Places - 1) * Days, "so that there is a rest to be done");

            var rest = await JsonAsync(["backfill", "plan", .. Wide]);
            (Number(rest, "windows"), Number(rest, "left")).ShouldBe((Places * Days - cancelled.DoneWindows, cancelled.DoneWindows));
            var done = await JsonAsync(["backfill", "start", .. Wide, "--wait"]);
            (done.GetProperty("state").GetString(), Number(done, "done")).ShouldBe(("done", Places * Days - cancelled.DoneWindows));
            await EqualsAsync(store, plan);
            (HoursOfMarch, Rows("dailydata", "2024-03").Count).ShouldBe((Places * Days * 24, Places * Days));
        }
        finally { up.Kill(); }
        await up.WaitForExitAsync();
    }

    [Fact]
    public async Task A_killed_up_goes_on_where_it_stood_and_no_window_is_fetched_twice()
    {
        AskSlowly();
        JsonElement plan;
        long before;
        using (var killed = _etl.Start("up", "--every", "0.2"))
        {
            await new LineWaiter(killed).ForAsync("Ctrl-C stops", Longest);
            plan = await JsonAsync(["backfill", "plan", .. Wide]);
            await JsonAsync(["backfill", "start", .. Wide, "--parallelism", "1"]);
            await using var store = await OpenAsync();
            before = (await UntilAsync(store, backfill => backfill.DoneWindows >= 2 * Days)).DoneWindows;
            killed.Kill();
            await killed.WaitForExitAsync();
        }
        before.ShouldBeLessThan(Places * Days);
        using var next = _etl.Start("up", "--every", "0.2");
        var lines = new LineWaiter(next);
        try
        {
            (await lines.ForAsync("backfill 1 done", Longest)).ShouldContain($"{Places * Days} windows");
            await using var store = await OpenAsync();
            await EqualsAsync(store, plan);
            (Rows("hourlydata", "place").Count, Rows("dailydata", "place").Count).ShouldBe((Places * Days * 24, Places * Days));
        }
        finally { next.Kill(); }
        await next.WaitForExitAsync();
    }

    [Fact]
    public async Task From_the_topic_lands_and_builds_what_was_sent_and_asks_the_source_for_nothing()
    {
        using (var sends = _etl.Start("up", "--roles", "scheduler,worker")) // nobody lands
        {
            await new LineWaiter(sends).ForAsync("Ctrl-C stops", Longest);
            await JsonAsync(["backfill", "start", .. Narrow]);
            await using var polled = await OpenAsync();
            await UntilAsync(polled, backfill => backfill.DoneWindows == 2 * Days);
            sends.Kill();
            await sends.WaitForExitAsync();
        }
        string[] topic = ["main", "--from", "topic", "--start", "2024-03-01", "--end", "2024-03-03"];
        Rows("hourlydata", "place").ShouldBeEmpty();
        (await _etl.RunAsync(["backfill", "plan", .. topic])).Output.ShouldContain("nothing known yet");
        var first = await JsonAsync(["backfill", "start", .. topic, "--wait"]);
        first.GetProperty("state").GetString().ShouldBe("done");
        (Rows("hourlydata", "place").Count, Rows("dailydata", "place").Count).ShouldBe((2 * Days * 24, 2 * Days));

        var hours = Rows("hourlydata", "place");
        string[] all = [.. topic, "--policy", "all"];
        var plan = await JsonAsync(["backfill", "plan", .. all]);
        Number(plan, "windows").ShouldBe(Days * (24 + 2));
        var again = await JsonAsync(["backfill", "start", .. all, "--wait"]);
        (again.GetProperty("state").GetString(), Number(again, "done")).ShouldBe(("done", Days * (24 + 2)));
        Rows("hourlydata", "place").ShouldBe(hours);
        await using var store = await OpenAsync();
        foreach (var poll in await store.Ledger.ListAsync(new() { Steps = ["historic_main/poll_archive"] }, default)) (await store.Ledger.AttemptsAsync(poll.Id, default)).Count.ShouldBe(1);
        foreach (var slot in await SlotsAsync(store, plan)) (slot.State, slot.Round, slot.Lane).ShouldBe((SlotState.Done, 2, Lane.Backfill), $"{slot.Id.Step} {slot.Id.Window}");
    }

    [Fact]
    public async Task Each_policy_takes_its_own_windows()
    {
        string recent = $"{DateTime.UtcNow.AddDays(-3):yyyy-MM-dd}";
        _etl.UseFolder();
        await JsonAsync(["backfill", "start", .. Narrow, "--wait"]);
        (await WindowsAsync("missing", "2024-03-03"), await WindowsAsync("all", "2024-03-03"), await WindowsAsync("missing", "2024-03-04")).ShouldBe((0, 2 * Days, 2));
        (await WindowsAsync("stale", "2024-03-03"), await WindowsAsync("failed", "2024-03-03")).ShouldBe((0, 0));
        await using (var store = await OpenAsync())
        {
            var slot = (await store.Ledger.ListAsync(new() { Steps = ["historic_main/poll_archive"] }, default))[0];
            await store.Ledger.MoveAsync([new(slot, SlotState.Queued, "by the test")], default);
            await store.Ledger.MoveAsync([new((await store.Ledger.FindAsync(slot.Id, default))!, SlotState.Cancelled, "by the test")], default);
        }
        (await WindowsAsync("failed", "2024-03-03"), await WindowsAsync("missing,failed", "2024-03-04")).ShouldBe((1, 3));
        var failed = await JsonAsync(["backfill", "start", .. Narrow, "--policy", "failed", "--wait"]);
        (failed.GetProperty("state").GetString(), Number(failed, "done")).ShouldBe(("done", 1));

        string[] unsettled = ["historic_main", "--from", "source", "--start", recent, "--end", recent, .. TwoPlaces];
        await JsonAsync(["backfill", "start", .. unsettled, "--wait"]);
        Number(await JsonAsync(["backfill", "plan", .. unsettled, "--policy", "missing,failed"]), "windows").ShouldBe(0);
        Number(await JsonAsync(["backfill", "plan", .. unsettled, "--policy", "stale"]), "windows").ShouldBe(2, "the source mends days for some time");
    }

    [Fact]
    public async Task Of_two_that_meet_the_second_is_refused_with_the_reason_or_waits_for_the_first()
    {
        _etl.UseFolder();
        await JsonAsync(["backfill", "start", .. Narrow]);
        string[] second = ["historic_main", "--from", "source", "--start", "2024-03-03", "--end", "2024-03-05", .. TwoPlaces];
        (await _etl.RunAsync(["backfill", "start", .. second])).OneLine(4).ShouldContain("backfill 1 is running for 2024-03-01 to 2024-03-03, which meets this range; wait for it, or give --queue");
        (await JsonAsync(["backfill", "start", .. second, "--queue"])).GetProperty("state").GetString().ShouldBe("queued");
        using var up = _etl.Start("up", "--every", "0.2");
        var lines = new LineWaiter(up);
        try
        {
            await lines.ForAsync("backfill 2 done", Longest);
            lines.All.IndexOf("backfill 1 done", StringComparison.Ordinal).ShouldBeInRange(0, lines.All.IndexOf("backfill 2 done", StringComparison.Ordinal) - 1);
            Rows("dailydata", "place").Count.ShouldBe(2 * 5);
        }
        finally { up.Kill(); }
        await up.WaitForExitAsync();
    }

    /// <summary>A service that takes its time, so that there is a middle to pause and to kill in.</summary>
    private void AskSlowly()
    {
        foreach (var (name, value) in new Dictionary<string, string> { ["Source"] = "open-meteo", ["ArchiveUrl"] = $"{_slow.Address}/v1/archive", ["ForecastUrl"] = $"{_slow.Address}/v1/dwd-icon" })
            _etl.Environment[$"Etl__Weather__{name}"] = value;
    }

    /// <summary>At rest, each unit is done or not begun, and what was fetched is in the tables whole.</summary>
    private async Task WholeAsync(IMetadata store, Backfill backfill)
    {
        foreach (var unit in (await store.Backfills.WindowsAsync(backfill.Id, null, 1_000, default)).GroupBy(window => window.Unit)) unit.Select(window => window.State).Distinct().Count().ShouldBe(1, $"unit {unit.Key}");
        (backfill.DoneWindows % Days, backfill.FailedWindows).ShouldBe((0L, 0L));
        using var late = new CancellationTokenSource(Longest);
        while (HoursOfMarch < backfill.DoneWindows * 24 || Rows("dailydata", "2024-03").Count < backfill.DoneWindows) await Task.Delay(LookEvery, late.Token);
        (HoursOfMarch, Rows("dailydata", "2024-03").Count).ShouldBe(((int)backfill.DoneWindows * 24, (int)backfill.DoneWindows));
    }

    /// <summary>The plan's windows, and no others, have been fetched, each once.</summary>
    private static async Task EqualsAsync(IMetadata store, JsonElement plan)
    {
        var planned = plan.GetProperty("slots").EnumerateArray().Select(slot => (slot.GetProperty("step").GetString()!, slot.GetProperty("window").GetString()!, slot.GetProperty("key").GetString()!)).Order().ToList();
        var slots = await store.Ledger.ListAsync(new() { Steps = ["historic_main/poll_archive"], Max = 10_000 }, default);
        slots.Select(slot => (slot.Id.Step, slot.Id.Window.ToString(), slot.Id.Key)).Order().ShouldBe(planned);
        slots.ShouldAllBe(slot => slot.State == SlotState.Done && slot.Round == 1 && slot.Lane == Lane.Backfill);
    }

    private static async Task<IReadOnlyList<Slot>> SlotsAsync(IMetadata store, JsonElement plan)
    {
        var planned = plan.GetProperty("slots").EnumerateArray().Select(slot => (slot.GetProperty("step").GetString()!, slot.GetProperty("window").GetString()!)).ToHashSet();
        var slots = (await store.Ledger.ListAsync(new() { Max = 10_000 }, default)).Where(slot => planned.Contains((slot.Id.Step, slot.Id.Window.ToString()))).ToList();
        slots.Count.ShouldBe(planned.Count);
        return slots;
    }

    private async Task<int> WindowsAsync(string policy, string end) =>
        (int)Number(await JsonAsync(["backfill", "plan", "historic_main", "--from", "source", "--start", "2024-03-01", "--end", end, .. TwoPlaces, "--policy", policy]), "windows");

    private Task<IMetadata> OpenAsync() => SqliteMetadata.OpenAsync(Path.Combine(_etl.Data, "metadata.db"), TimeProvider.System);

    private static async Task<Backfill> FindAsync(IMetadata store) => (await store.Backfills.FindAsync(1, default))!;

    private static async Task<Backfill> UntilAsync(IMetadata store, Func<Backfill, bool> isSo)
    {
        using var late = new CancellationTokenSource(Longest);
        while (true)
        {
            var backfill = await FindAsync(store);
            if (isSo(backfill)) return backfill;
            await Task.Delay(LookEvery, late.Token);
        }
    }

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var ended = await _etl.RunAsync([.. arguments, "--json"]);
        ended.Code.ShouldBe(0, ended.Errors);
        return JsonDocument.Parse(ended.Output).RootElement;
    }

    private IReadOnlyList<string> Rows(string table, string text)
    {
        try { return [.. new SqliteTables(Path.Combine(_etl.Data, "results.db")).Read(table).Where(row => row.Contains(text, StringComparison.Ordinal))]; }
        catch (Microsoft.Data.Sqlite.SqliteException) { return []; } // the table is not there yet
    }

    private int HoursOfMarch => Rows("hourlydata", "hour=2024-02-29").Count + Rows("hourlydata", "hour=2024-03").Count;

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();
}
