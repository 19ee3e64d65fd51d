using System.Collections.Concurrent;
using System.Globalization;
using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Service;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;

namespace Etl.Scheduler.OnHangfire;

/// <summary>Shows the ledger's runs as Hangfire jobs: each open run has one in <see cref="InLedgerState"/>, which ends as the run ends. Rebuilt from the ledger at start: Hangfire keeps no truth.</summary>
/// <param name="retries">Asked what of an open run is tried again; null: nobody is.</param>
public sealed class RunMirror(IBackgroundJobClientV2 client, IRunLedger runs, TimeProvider clock, RetryWatch? retries = null) : IDisposable
{
    /// <summary>The job's parameter that names its run.</summary>
    public const string RunParameter = "Run";

    private const int OpenMax = 1_000, WatchedMax = 64, RecentMax = 100, KnownMax = 10_000;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30), OpenLookEvery = TimeSpan.FromSeconds(1), RecentWithin = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _one = new(1);
    private readonly Dictionary<long, string> _shown = [];
    private readonly Dictionary<long, Retrying> _retrying = [];
    private readonly ConcurrentDictionary<long, string> _known = new();
    private readonly ConcurrentQueue<long> _knownInOrder = new();

    public Wake Wake { get; } = new(clock);

    /// <summary>Follows the ledger until it is stopped.</summary>
    public async Task RunAsync(Action<string> say, CancellationToken stop)
    {
        string said = "";
        for (bool isFirst = true; ;)
        {
            try
            {
                if (isFirst) await ShowRecentAsync(stop);
                isFirst = false;
                int open = await SyncAsync(stop);
                said = "";
                await Wake.SleepAsync(open > 0 ? OpenLookEvery : LookEvery, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { return; }
            catch (Exception error) when (error is not OutOfMemoryException) // the face may be blind for a while; the work goes on
            {
                if (said != error.Message) say($"Hangfire's page waits, {said = error.Message}");
                try { await Task.Delay(LookEvery, clock, stop); }
                catch (OperationCanceledException) { return; }
            }
        }
    }

    /// <summary>Puts in a run by a Hangfire job, and shows it in that job.</summary>
    /// <param name="make">Makes the run; null where there is none to make.</param>
    /// <returns>null where there was none to make, or another job shows it.</returns>
    public async Task<Run?> AdoptAsync(string job, Func<Task<Run?>> make)
    {
        await _one.WaitAsync();
        try
        {
            if (await make() is not { } run || (_shown.TryGetValue(run.Id, out string? other) && other != job)) return null;
            Remember(run.Id, job);
            return run;
        }
        finally { _one.Release(); }
    }

    internal Task ShowRecentAsync(CancellationToken cancel) => ShowEndedAsync(RecentMax, cancel);

    /// <summary>Runs that ended before a look saw them open: a run of two steps takes some milliseconds.</summary>
    private async Task ShowEndedAsync(int max, CancellationToken cancel)
    {
        var since = clock.GetUtcNow() - RecentWithin;
        foreach (var run in (await runs.ListAsync(new() { States = [RunState.Done, RunState.Failed], Max = max }, cancel)).Where(run => run.Ended > since && !_known.ContainsKey(run.Id)).Reverse())
        {
            string job = Create(run);
            Tell(run, job);
            Know(run.Id, job);
        }
    }

    /// <returns>How many runs are open.</returns>
    internal async Task<int> SyncAsync(CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            var open = (await runs.ListAsync(new() { States = [RunState.Queued, RunState.Running], Max = OpenMax }, cancel)).ToDictionary(run => run.Id);
            foreach (var run in open.Values.Where(run => !_shown.ContainsKey(run.Id)).OrderBy(run => run.Id))
            {
                // Queued again elsewhere: the job that showed it before shows it again.
                if (_known.TryGetValue(run.Id, out string? job) && client.ChangeState(job, new InLedgerState(run), null)) Remember(run.Id, job);
                else Remember(run.Id, Create(run));
            }
            foreach (var run in open.Values.Where(run => run.State == RunState.Running).Take(WatchedMax)) await WatchAsync(run, cancel);
            foreach (var (id, job) in _shown.Where(pair => !open.ContainsKey(pair.Key)).ToList())
                if (await runs.FindAsync(id, cancel) is not { } run || (run.IsEnded && Tell(run, job))) Forget(id);
            await ShowEndedAsync(WatchedMax, cancel);
            return _shown.Count;
        }
        finally { _one.Release(); }
    }

    /// <summary>Shows what is tried again, before it is given up.</summary>
    private async Task WatchAsync(Run run, CancellationToken cancel)
    {
        if (retries is null || !_shown.TryGetValue(run.Id, out string? job)) return;
        var (now, before) = (await retries.OfAsync(run, cancel), _retrying.GetValueOrDefault(run.Id));
        if (now == before || !client.ChangeState(job, new InLedgerState(run, now, goesOn: true), InLedgerState.StateName)) return;
        if (now is null) _retrying.Remove(run.Id);
        else _retrying[run.Id] = now;
    }

    private void Forget(long run)
    {
        _shown.Remove(run);
        _retrying.Remove(run);
    }

    /// <summary>The job that shows a run; null where none does any more.</summary>
    public string? JobOf(long run) => _known.GetValueOrDefault(run);

    private string Create(Run run) => client.Create(Job.FromExpression<DagRinger>(ringer => ringer.RingAsync(run.Dag, null!)), new InLedgerState(run),
        new Dictionary<string, object> { [RunParameter] = run.Id.ToString(CultureInfo.InvariantCulture) });

    /// <returns>false while the job is not in the ledger's state yet: a very fast run.</returns>
    private bool Tell(Run run, string job) => client.ChangeState(job, run.State switch
    {
        RunState.Done => new SucceededState($"run {run.Id}: {run.Windows:N0} windows, {run.Rows:N0} rows", (long)((run.Started ?? run.Created) - run.Created).TotalMilliseconds, (long)((run.Ended ?? run.Created) - (run.Started ?? run.Created)).TotalMilliseconds),
        RunState.Failed => new RunFailedState(run),
        _ => new DeletedState { Reason = run.Reason },
    }, InLedgerState.StateName);

    private void Remember(long run, string job)
    {
        _shown[run] = job;
        Know(run, job);
    }

    private void Know(long run, string job)
    {
        if (_known.TryAdd(run, job)) _knownInOrder.Enqueue(run);
        else _known[run] = job;
        while (_known.Count > KnownMax && _knownInOrder.TryDequeue(out long oldest)) _known.TryRemove(oldest, out _);
    }

    public void Dispose() => _one.Dispose();
}
