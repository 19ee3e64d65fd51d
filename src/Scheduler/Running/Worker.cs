using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;

namespace Etl.Scheduler.Running;

/// <summary>Claims due slots in groups and runs them, several at a time. Safety rests on tokens and versions, not on the lease.</summary>
public sealed class Worker(Planner planner, IMetadata metadata, Committer committer, IJobCatalog jobs, StepRunner runner, WorkerOptions options)
{
    /// <summary>Claims up to one group of due slots, runs them and commits their ends.</summary>
    /// <returns>What each of them came to; empty when none was due.</returns>
    public async Task<IReadOnlyList<SlotOutcome>> RunGroupAsync(IReadOnlyCollection<Step> steps, long token, CancellationToken cancel)
    {
        var claimed = await metadata.Ledger.ClaimAsync(new([.. steps.Select(step => step.FullName)], options.SlotsPerClaim, token, options.Lease), cancel);
        if (claimed.Count == 0) return [];
        CrashPoints.Reached(CrashPoint.SlotClaimed);
        var checkedAsOf = await CheckedAsOfAsync(claimed, cancel);
        var outcomes = new SlotOutcome[claimed.Count];
        await Parallel.ForAsync(0, claimed.Count, new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancel },
            async (index, stop) => outcomes[index] = await RunOneAsync(checkedAsOf.TryGetValue(claimed[index].Id, out long asOf) ? claimed[index] with { AsOf = asOf } : claimed[index], stop));
        return outcomes;
    }

    private async Task<SlotOutcome> RunOneAsync(Slot slot, CancellationToken cancel)
    {
        var step = planner.Find(slot.Id.Step)!;
        string digest = await jobs.DigestAsync(step, slot.Id.Window, cancel);
        var context = new JobContext
        {
            Window = slot.Id.Window, Key = slot.Id.Key, AsOf = slot.AsOf, Token = slot.Token,
            Previous = slot.Version > 0 ? new(slot.Version, slot.Checksum, slot.Rows, slot.Digest) : null,
        };
        var result = jobs.JobOf(step) is { } job
            ? await runner.RunAsync(job, context, cancel)
            : new JobResult.Skipped($"{step.Name} cannot run here: its sink is not configured");
        var outcome = await committer.CommitAsync(runner.EndOf(slot, result, digest, planner.InputsOf(slot.Id)), cancel);
        return new(slot, step, result, outcome);
    }

    /// <summary>A publish reads the result as of its checks: what goes out is what was checked, even if the result is newer by now.</summary>
    private async Task<Dictionary<SlotId, long>> CheckedAsOfAsync(IReadOnlyList<Slot> claimed, CancellationToken cancel)
    {
        var checks = claimed.Where(slot => planner.Find(slot.Id.Step) is PublishStep)
            .SelectMany(slot => planner.WaitsFor(slot.Id).OfType<CheckStep>().Select(check => (Publish: slot, Check: new SlotId(check.FullName, slot.Id.Window, slot.Id.Key)))).ToList();
        var asOf = new Dictionary<SlotId, long>();
        if (checks.Count == 0) return asOf;
        var found = (await metadata.Ledger.FindAsync([.. checks.Select(pair => pair.Check).Distinct()], cancel)).ToDictionary(slot => slot.Id);
        foreach (var (publish, check) in checks)
            asOf[publish.Id] = Math.Min(asOf.GetValueOrDefault(publish.Id, publish.AsOf), found.TryGetValue(check, out var slot) ? slot.AsOf : publish.AsOf);
        return asOf;
    }
}

/// <summary>How a worker works.</summary>
public sealed record WorkerOptions
{
    /// <summary>Slots taken in one claim, 1 to 1,000.</summary>
    public int SlotsPerClaim { get; init; } = 64;

    /// <summary>Slots that run at the same time, 1 to 256.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>How long a claimed slot is the worker's without renewal.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>What one attempt came to.</summary>
public sealed record SlotOutcome(Slot Slot, Step Step, JobResult Result, CommitOutcome Commit);
