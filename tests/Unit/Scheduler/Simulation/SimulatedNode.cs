using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;

namespace Etl.Tests.Unit.Scheduler.Simulation;

/// <summary>One process with a worker of its own: it may be killed at any crash point and begins anew under the next token.</summary>
internal sealed class SimulatedNode(IMetadata metadata, Planner planner, IJobCatalog jobs, TimeProvider clock, int seed)
{
    private static readonly TimeSpan WriterLease = TimeSpan.FromDays(365);

    private long _token;
    private Committer _committer = new(metadata.Commits);
    private Worker? _worker;

    /// <summary>Claims and runs one group.</summary>
    /// <param name="killAt">The crash point that ends it, if it gets there.</param>
    /// <returns>How many slots ran; -1 when it was killed.</returns>
    public async Task<int> WorkAsync(CrashPoint? killAt)
    {
        if (_token == 0) _token = await metadata.Commits.OpenWriterAsync("node", WriterLease, default);
        _worker ??= new(planner, metadata, _committer, jobs, new StepRunner(new RetryPolicy(), clock, new Random(seed)), new WorkerOptions { Parallelism = 1, SlotsPerClaim = 16 });
        using var dying = CrashPoints.Listen(point =>
        {
            if (point == killAt) throw new KilledException();
        });
        try { return (await _worker.RunGroupAsync([.. planner.WindowSteps], _token, default)).Count; }
        catch (KilledException)
        {
            (_token, _worker, _committer) = (0, null, new(metadata.Commits)); // what it had claimed stays running until its lease is over
            return -1;
        }
    }

    /// <summary>Until all ends that were handed in are committed: what happens next has one place in the order, whatever threads do.</summary>
    public Task DrainAsync() => _committer.CommitAsync(new() { Kind = CommitKind.Slot, Token = _token, Changed = [new("none", DateTimeOffset.UnixEpoch)] });

    public Task PlanAsync() => new PlanPass(planner, metadata).RunAsync(default);
}

/// <summary>Ends a simulated process as kill -9 would.</summary>
internal sealed class KilledException : Exception;
