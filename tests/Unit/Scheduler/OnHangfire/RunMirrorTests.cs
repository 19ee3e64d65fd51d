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
        failed.ExceptionMessage.ShouldBe("the source answered 503");
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
    public async Task After_a_restart_recent_ends_are_shown_again()
    {
        await TriggerAsync();
        var taken = (await _store.Runs.ClaimAsync(["main"], 1, 1, Minute, default))[0];
        await _store.Runs.EndAsync(taken, new(RunState.Failed, 0, 0, "no"), default);
        await _mirror.ShowRecentAsync(default);
        (await _mirror.SyncAsync(default)).ShouldBe(0);
        Jobs().ShouldHaveSingleItem().Value.ShouldBe(FailedState.StateName);
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
