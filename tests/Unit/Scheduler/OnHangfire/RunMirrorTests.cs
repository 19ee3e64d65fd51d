using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Metadata.Sqlite;
using Etl.Scheduler.OnHangfire;
using Hangfire;
using Hangfire.Common;
using Hangfire.InMemory;
using Hangfire.States;

namespace Etl.Tests.Unit.Scheduler.OnHangfire;

/// <summary>The ledger's runs as Hangfire jobs, in memory: no server, no page.</summary>
public sealed class RunMirrorTests : IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("etl-mirror-").FullName;
    private readonly InMemoryStorage _storage = new();
    private IMetadata _store = null!;
    private BackgroundJobClient _client = null!;
    private RunMirror _mirror = null!;

    public async ValueTask InitializeAsync()
    {
        HangfirePages.AddOnce();
        _store = await SqliteMetadata.OpenAsync(Path.Combine(_folder, "store.db"), TimeProvider.System);
        _client = new(_storage, new JobFilterCollection { new LedgerFilter(_store.Runs) });
        _mirror = new(_client, _store.Runs, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _mirror.Dispose();
        _storage.Dispose();
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_job_is_in_the_ledger_until_its_run_ends_and_then_ends_as_the_run_did()
    {
        await TriggerAsync();
        await TriggerAsync();
        (await _mirror.SyncAsync(default)).ShouldBe(2);
        (await _mirror.SyncAsync(default)).ShouldBe(2, "each run is shown once");
        Jobs().Values.ShouldAllBe(state => state == InLedgerState.StateName);
        var taken = await _store.Runs.ClaimAsync(["main"], 2, 1, Minute, default);
        await _store.Runs.EndAsync(taken[0], new(RunState.Done, 3, 40, ""), default);
        await _store.Runs.EndAsync(taken[1], new(RunState.Failed, 0, 0, "the source answered 503"), default);
        (await _mirror.SyncAsync(default)).ShouldBe(0);
        Jobs().Values.Order().ShouldBe([FailedState.StateName, SucceededState.StateName]);
        var failed = Monitor.FailedJobs(0, 10).ShouldHaveSingleItem().Value;
        (failed.ExceptionType, failed.ExceptionMessage).ShouldBe(("Run 2 of main failed", "the source answered 503"));
        failed.ExceptionDetails.ShouldContain("Requeue tries what failed once more, as `etl runs retry 2` does");
        Monitor.SucceededJobs(0, 10).ShouldHaveSingleItem().Value.Result.ShouldBe("\"run 1: 3 windows, 40 rows\"");
    }

    [Fact]
    public async Task A_run_that_is_queued_again_elsewhere_is_shown_by_the_job_that_showed_it_before()
    {
        await TriggerAsync();
        await _mirror.SyncAsync(default);
        var taken = (await _store.Runs.ClaimAsync(["main"], 1, 1, Minute, default))[0];
        await _store.Runs.EndAsync(taken, new(RunState.Failed, 0, 0, "no"), default);
        await _mirror.SyncAsync(default);
        await _store.Runs.MoveAsync((await _store.Runs.FindAsync(taken.Id, default))!, RunState.Queued, "again", default);
        await _mirror.SyncAsync(default);
        Jobs().ShouldHaveSingleItem().Value.ShouldBe(InLedgerState.StateName);
    }

    [Fact]
    public async Task A_job_that_is_deleted_on_the_page_cancels_its_run()
    {
        var run = await TriggerAsync();
        await _mirror.SyncAsync(default);
        _client.Delete(Jobs().Keys.Single()).ShouldBeTrue();
        for (int looks = 0; looks < 10_000 && !(await _store.Runs.FindAsync(run.Id, default))!.IsEnded; looks++) await Task.Yield();
        (await _store.Runs.FindAsync(run.Id, default))!.State.ShouldBe(RunState.Cancelled);
    }

    [Fact]
    public async Task What_a_run_tries_again_is_shown_until_it_goes_on()
    {
        var dag = new Dag("main");
        var hourly = dag.Build("hourly", Grain.Hour, "hourly.sql", dag.Land("Events", "at"), ["key"]);
        using var mirror = new RunMirror(_client, _store.Runs, TimeProvider.System, new(_store.Ledger, [dag], TimeProvider.System));
        var run = await TriggerAsync();
        await _store.Runs.ClaimAsync(["main"], 1, 1, Minute, default);
        await _store.Ledger.PlanAsync([new(new(hourly.FullName, dag.Calendar.HoursOf(dag.Calendar.Day(new(2026, 3, 1))).First()), Lane.Live, SlotState.Queued, "")], default);
        long token = await _store.Commits.OpenWriterAsync("test", Minute, default);
        var slot = (await _store.Ledger.ClaimAsync(new([hourly.FullName], 1, token, Minute), default)).ShouldHaveSingleItem();
        await new Committer(_store.Commits).CommitAsync(new() { Kind = CommitKind.Slot, Token = token, Slot = new(slot.Id, slot.Round, slot.Attempt, SlotState.Retrying, 0, "", "the source answered 503") { NotBefore = DateTimeOffset.UtcNow + Minute } }, default);
        await mirror.SyncAsync(default);
        using var connection = _storage.GetConnection();
        string job = connection.GetAllItemsFromSet(InLedgerState.RetryingSet).ShouldHaveSingleItem();
        connection.GetStateData(job).Data[InLedgerState.Because].ShouldContain("after attempt 1: the source answered 503");
        mirror.JobOf(run.Id).ShouldBe(job);
        await _store.Ledger.MoveAsync([new((await _store.Ledger.FindAsync([slot.Id], default))[0], SlotState.Cancelled, "enough")], default);
        await mirror.SyncAsync(default);
        connection.GetAllItemsFromSet(InLedgerState.RetryingSet).ShouldBeEmpty();
        connection.GetStateData(job).Reason.ShouldBe($"run {run.Id} of main goes on");
    }

    [Fact]
    public async Task After_a_restart_recent_ends_are_shown_again()
    {
        await TriggerAsync();
        var taken = (await _store.Runs.ClaimAsync(["main"], 1, 1, Minute, default))[0];
        await _store.Runs.EndAsync(taken, new(RunState.Failed, 0, 0, "no"), default);
        await _mirror.ShowRecentAsync(default);
        (await _mirror.SyncAsync(default)).ShouldBe(0);
        Jobs().ShouldHaveSingleItem().Value.ShouldBe(FailedState.StateName);
    }

    [Fact]
    public async Task A_run_that_ended_between_two_looks_is_shown_once()
    {
        await _mirror.SyncAsync(default);
        await TriggerAsync();
        await _store.Runs.EndAsync((await _store.Runs.ClaimAsync(["main"], 1, 1, Minute, default))[0], new(RunState.Done, 1, 1, ""), default);
        await _mirror.SyncAsync(default);
        await _mirror.SyncAsync(default);
        Jobs().ShouldHaveSingleItem().Value.ShouldBe(SucceededState.StateName);
    }

    private Hangfire.Storage.IMonitoringApi Monitor => _storage.GetMonitoringApi();

    private Task<Run> TriggerAsync() => _store.Runs.TriggerAsync("main", new(RunKind.Manual, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, Lane.Live, "{}", "triggered", "1.0"), default);

    /// <summary>State by job.</summary>
    private Dictionary<string, string> Jobs()
    {
        using var connection = _storage.GetConnection();
        var ids = Enumerable.Concat(connection.GetAllItemsFromSet(InLedgerState.Set), Monitor.FailedJobs(0, 100).Select(job => job.Key)).Concat(Monitor.SucceededJobs(0, 100).Select(job => job.Key));
        return ids.Distinct().ToDictionary(id => id, id => connection.GetStateData(id).Name);
    }
}
