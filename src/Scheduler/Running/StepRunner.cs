using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;

namespace Etl.Scheduler.Running;

/// <summary>Runs one claimed slot's job and says how the attempt ends. The one place where exceptions become results.</summary>
public sealed class StepRunner(RetryPolicy retry, TimeProvider clock, Random random)
{
    private const int ReasonMax = 500;

    private readonly RetryPolicy _retry = retry.Checked();

    internal TimeProvider Clock => clock;

    public async ValueTask<JobResult> RunAsync(IJob job, JobContext context, CancellationToken cancel) =>
        (await CaughtAsync(async () => [await job.RunAsync(context, cancel)], 1, cancel))[0];

    /// <summary>As for one window; what is thrown is the end of all of them.</summary>
    public ValueTask<IReadOnlyList<JobResult>> RunAsync(IGroupJob job, IReadOnlyList<JobContext> contexts, CancellationToken cancel) =>
        CaughtAsync(() => job.RunAsync(contexts, cancel), contexts.Count, cancel);

    private static async ValueTask<IReadOnlyList<JobResult>> CaughtAsync(Func<ValueTask<IReadOnlyList<JobResult>>> run, int count, CancellationToken cancel)
    {
        JobResult Failed(FailureClass failure, string reason) => new JobResult.Failed(failure, reason);
        try { return await run(); }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { throw; }
        catch (StoreException error) when (error.IsTransient) { return All(Failed(FailureClass.Transient, error.Message)); }
        catch (StoreException error) { return All(Failed(FailureClass.Contract, error.Message)); }
        catch (WorkException error) { return All(Failed(error.Class, error.Message)); }
        catch (IOException error) { return All(Failed(FailureClass.Transient, error.Message)); }
        catch (Exception error) when (error is not OutOfMemoryException) { return All(Failed(FailureClass.Bug, $"{error.GetType().Name}: {error.Message}")); }

        IReadOnlyList<JobResult> All(JobResult result) => [.. Enumerable.Repeat(result, count)];
    }

    public RetryMoment NewMoment() => new(clock.GetUtcNow(), random.NextDouble());

    /// <summary>What is to be committed for the attempt's end.</summary>
    /// <param name="putOff">Attempts of this round that were put off: they cost none.</param>
    /// <param name="moment">One for slots that ended in one call, so that they are tried again in one; null for its own.</param>
    public PendingCommit EndOf(Slot slot, JobResult result, string digest, IReadOnlyList<SlotInput> inputs, int putOff = 0, RetryMoment? moment = null)
    {
        var (now, chance) = moment ?? NewMoment();
        int tried = slot.Attempt - putOff;
        SlotEnd End(SlotState state, string reason = "") => new(slot.Id, slot.Round, slot.Attempt, state, slot.AsOf, digest, Cut(reason)) { Inputs = inputs };
        PendingCommit Only(SlotEnd end) => new() { Kind = CommitKind.Slot, Token = slot.Token, Slot = end };
        return result switch
        {
            JobResult.Done done => done.Commit with { Token = slot.Token, Slot = End(SlotState.Done) with { Result = done.Result } },
            JobResult.Unchanged => Only(End(SlotState.Done)),
            JobResult.Skipped skipped => Only(End(SlotState.Skipped, skipped.Reason)),
            JobResult.RetryIn later => Only(End(SlotState.Queued, later.Reason) with { NotBefore = now + later.Delay }),
            JobResult.Failed { Class: FailureClass.Transient or FailureClass.Throttled } failed when tried < _retry.AttemptsMax =>
                Only(End(SlotState.Retrying, failed.Reason) with { NotBefore = now + _retry.DelayAfter(tried, chance) }),
            JobResult.Failed { Class: FailureClass.Transient or FailureClass.Throttled } failed => Only(End(SlotState.Failed, $"gave up after {tried} attempts: {failed.Reason}")),
            JobResult.Failed failed => Only(End(SlotState.Failed, $"{failed.Class.ToString().ToLowerInvariant()}: {failed.Reason}")),
            _ => throw new InvalidOperationException($"no end for {result}"),
        };
    }

    private static string Cut(string reason) => reason.Length <= ReasonMax ? reason : reason[..(ReasonMax - 1)] + "…";
}

/// <summary>From when on, and with which random part, the delay before another attempt is counted.</summary>
/// <param name="Chance">0 to below 1.</param>
public readonly record struct RetryMoment(DateTimeOffset Now, double Chance);
