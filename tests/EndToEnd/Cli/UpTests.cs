using System.Diagnostics;
using System.Globalization;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>`etl up` as a service runs it: DAGs by themselves, ended by SIGTERM.</summary>
public sealed class UpTests : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);
    private readonly EtlProcess _etl = new();

    public void Dispose() => _etl.Dispose();

    [Fact]
    public async Task A_trigger_from_another_process_is_carried_out_and_a_stop_leaves_nothing_to_recover()
    {
        using var up = _etl.Start("up", "--every", "0.5");
        var lines = new LineWaiter(up);
        await lines.ForAsync("Ctrl-C stops", Longest);
        (await _etl.RunAsync("trigger", "main")).Code.ShouldBe(0);
        string done = await lines.ForAsync("main: run 1 done", Longest);
        done.ShouldContain("windows");
        var clock = Stopwatch.StartNew();
        await SignalAsync(up, "TERM");
        await up.WaitForExitAsync(new CancellationTokenSource(Longest).Token);
        (up.ExitCode, clock.Elapsed < TimeSpan.FromSeconds(10)).ShouldBe((0, true), lines.All);
        lines.All.ShouldContain("nothing is lost");
    }

    [Fact]
    public async Task A_killed_process_s_run_is_gone_on_with_by_the_next_one_at_once()
    {
        using (var killed = _etl.Start("up", "--every", "0.5"))
        {
            var lines = new LineWaiter(killed);
            await lines.ForAsync("Ctrl-C stops", Longest);
            (await _etl.RunAsync("trigger", "historic_main", "-p", "start_date=2024-01-01", "-p", "end_date=2024-01-10")).Code.ShouldBe(0);
            await lines.ForAsync(" fetched", Longest); // one line or several: what has come is told at most once a second
            killed.Kill();
            await killed.WaitForExitAsync();
        }
        using var next = _etl.Start("up", "--every", "0.5");
        var more = new LineWaiter(next);
        try { (await more.ForAsync("historic_main: run 1 done", Longest)).ShouldContain("windows"); }
        finally { next.Kill(); }
        await next.WaitForExitAsync();
    }

    [Fact]
    public async Task A_second_process_works_beside_the_one_that_serves_and_a_caller_waits_for_it()
    {
        using var serves = _etl.Start("up", "--roles", "scheduler,feeds", "--every", "0.5");
        var lines = new LineWaiter(serves);
        await lines.ForAsync("Ctrl-C stops", Longest);
        using var works = _etl.Start("up", "--roles", "worker");
        var more = new LineWaiter(works);
        try
        {
            await more.ForAsync("Ctrl-C stops", Longest);
            var waited = await _etl.RunAsync("trigger", "main", "--wait");
            waited.Code.ShouldBe(0, waited.Errors);
            waited.Output.ShouldContain("main: run 1 done by `etl up`");
            more.All.ShouldContain("main: run 1 done");
            lines.All.ShouldNotContain("run 1 done");
        }
        finally
        {
            works.Kill();
            serves.Kill();
        }
        await works.WaitForExitAsync();
        await serves.WaitForExitAsync();
    }

    [Fact]
    public async Task A_role_that_is_none_is_refused_with_those_there_are() =>
        (await _etl.RunAsync("up", "--roles", "worker,cook")).OneLine(2).ShouldContain("found \"cook\", expected some of: scheduler, worker, feeds");

    private static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
