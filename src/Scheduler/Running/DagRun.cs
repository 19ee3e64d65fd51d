using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;

namespace Etl.Scheduler.Running;

/// <summary>Does all that is due of one DAG and ends: runs its polls, drains its feeds, plans, runs slots until none is left.</summary>
public sealed class DagRun(IMetadata metadata, Committer committer, IJobCatalog jobs, StepRunner runner, WorkerOptions options, TimeProvider clock)
{
    /// <summary>Longest that one run waits for slots that are to be tried again, in all.</summary>
    public static readonly TimeSpan RetryWaitMax = TimeSpan.FromMinutes(2);

    /// <summary>Waits for a source, one after the other, after none of which it gave anything.</summary>
    private const int FruitlessWaitsMax = 10;

    /// <summary>Calls of a source whose days are claimed together.</summary>
    private const int CallsPerClaim = 10;

    private static readonly TimeSpan WriterLease = TimeSpan.FromMinutes(10);

    /// <summary>Keeps what attempts say while they run; null: when they end, and not before.</summary>
    public LiveLogs? Live { get; init; }

    /// <param name="onProgress">Called after each batch and each group of slots.</param>
    public async Task<RunReport> RunAsync(Dag dag, IReadOnlyList<IFeed> feeds, Action<RunReport>? onProgress, CancellationToken cancel)
    {
        var report = new RunReport { Dag = dag.Name };
        var planner = new Planner(dag, step => jobs.JobOf(step) is not null);
        long token = await metadata.Commits.OpenWriterAsync($"run {dag.Name}", WriterLease, cancel);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var renewing = RenewAsync(token, ended);
        using var logged = new CancellationTokenSource();
        var logs = Live?.RunAsync(_ => { }, logged.Token) ?? Task.CompletedTask; // a store that is away is told by the work itself
        try
        {
            await RunPollsAsync(planner, token, report, onProgress, ended.Token);
            foreach (var feed in feeds)
                await DrainAsync(feed, token, report, onProgress, ended.Token);
            await RunSlotsAsync(planner, token, report, onProgress, ended.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new StoreException($"run {dag.Name}: its lease could not be renewed or was revoked; another process took over, nothing is lost", isTransient: true);
        }
        finally
        {
            await ended.CancelAsync();
            await renewing;
            await logged.CancelAsync();
            await logs;
            await metadata.Commits.CloseWriterAsync(token, CancellationToken.None);
        }
        return report;
    }

    /// <summary>Fetches what is due of sources, before the feeds land it. Many days are claimed at once, so that a call gets as many as it can take.</summary>
    private async Task RunPollsAsync(Planner planner, long token, RunReport report, Action<RunReport>? onProgress, CancellationToken cancel)
    {
        var polls = planner.WindowSteps.OfType<PollStep>().ToList<Step>();
        if (polls.Count == 0) return;
        int days = polls.Max(poll => jobs.JobOf(poll) is IGroupJob group ? group.GroupMax : 1);
        var worker = new Worker(planner, metadata, committer, jobs, runner, options with { SlotsPerClaim = Math.Clamp(days * CallsPerClaim, options.SlotsPerClaim, 1_000) }) { Live = Live };
        for (int fruitless = 0; fruitless <= FruitlessWaitsMax; fruitless++)
        {
            var outcomes = await worker.RunGroupAsync(polls, token, cancel);
            foreach (var outcome in outcomes) report.Add(outcome);
            onProgress?.Invoke(report);
            var asked = outcomes.Select(outcome => (outcome.Result as JobResult.RetryIn)?.Delay).ToList();
            if (asked.Count > 0 && asked.Contains(null))
            {
                fruitless = -1; // some came: it goes on
                continue;
            }
            // A source that asked all for patience is left alone by those too that have not asked yet.
            if ((asked.Count > 0 ? asked.Min() : await NextRetryAsync(worker, polls, cancel)) is not { } wait || wait > RetryWaitMax) return;
            await Task.Delay(wait, clock, cancel);
        }
    }

    private async Task DrainAsync(IFeed feed, long token, RunReport report, Action<RunReport>? onProgress, CancellationToken cancel)
    {
        var attempt = Live?.Of(feed.Name, token);
        try
        {
            var totals = await new FeedRunner(metadata, committer).RunAsync(feed, token, running =>
            {
                report.Follow(running);
                onProgress?.Invoke(report);
            }, attempt?.Log ?? AttemptLog.None, cancel);
            foreach (var halted in totals.Halts) attempt?.Log.Warning(halted.ToString());
            report.Follow(totals);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            attempt?.Log.Error(error is StoreException ? error.Message : error.ToString());
            throw;
        }
        finally { attempt?.End(); }
    }

    private async Task RunSlotsAsync(Planner planner, long token, RunReport report, Action<RunReport>? onProgress, CancellationToken cancel)
    {
        var pass = new PlanPass(planner, metadata);
        var worker = new Worker(planner, metadata, committer, jobs, runner, options) { Live = Live };
        var steps = planner.WindowSteps.Where(step => step is not PollStep).ToList();
        for (var waited = TimeSpan.Zero; ;)
        {
            int queued = (await pass.RunAsync(cancel)).Queued;
            var outcomes = await worker.RunGroupAsync(steps, token, cancel);
            foreach (var outcome in outcomes) report.Add(outcome);
            onProgress?.Invoke(report);
            if (outcomes.Count > 0 || queued > 0) continue;
            if (await NextRetryAsync(worker, steps, cancel) is not { } wait || waited + wait > RetryWaitMax) break;
            await Task.Delay(wait, clock, cancel);
            waited += wait;
        }
        await ListOpenAsync([.. planner.WindowSteps], report, cancel);
    }

    private async Task<TimeSpan?> NextRetryAsync(Worker worker, IReadOnlyList<Step> steps, CancellationToken cancel)
    {
        var retrying = await metadata.Ledger.ListAsync(new() { Steps = [.. steps.Select(step => step.FullName)], States = [SlotState.Retrying, SlotState.Queued] }, cancel);
        if (retrying.Count == 0) return null;
        var now = await metadata.NowAsync(cancel);
        var wait = retrying.Min(slot => slot.NotBefore ?? now) - now;
        if (worker.HeldBack.Count > 0 && wait < Pools.LookEvery) return Pools.LookEvery; // another process has the pool's places
        return TimeSpan.FromMilliseconds(Math.Max(20, Math.Ceiling(wait.TotalMilliseconds))); // a timer cuts what is below a millisecond, and would ring too early
    }

    private async Task ListOpenAsync(IReadOnlyList<Step> steps, RunReport report, CancellationToken cancel)
    {
        var open = await metadata.Ledger.ListAsync(new()
        {
            Steps = [.. steps.Select(step => step.FullName)], States = [SlotState.Failed, SlotState.Retrying, SlotState.Waiting, SlotState.Queued, SlotState.Running],
        }, cancel);
        report.Open.AddRange(open);
    }

    private async Task RenewAsync(long token, CancellationTokenSource ended)
    {
        try
        {
            while (true)
            {
                await Task.Delay(WriterLease / 3, clock, ended.Token);
                if (!await metadata.Commits.RenewWriterAsync(token, WriterLease, ended.Token)) await ended.CancelAsync();
            }
        }
        catch (OperationCanceledException) { } // the run has ended
        catch (StoreException) { await ended.CancelAsync(); }
    }
}
