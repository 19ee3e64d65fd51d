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

    /// <summary>What holds where a step says nothing. Default: one hour.</summary>
    public StepLimits Defaults { get; init; } = new() { Time = TimeSpan.FromHours(1) };

    /// <exception cref="OperationCanceledException">The caller's own; an attempt that is stopped by its time limit is a result.</exception>
    public async ValueTask<JobResult> RunAsync(IJob job, JobContext context, CancellationToken cancel) =>
        (await GuardedAsync(context, 1, async stop => [await job.RunAsync(context, stop)], cancel))[0];

    /// <summary>As for one window; what is thrown is the end of all of them, and the time limit is that of the whole call.</summary>
    public async ValueTask<IReadOnlyList<JobResult>> RunAsync(IGroupJob job, IReadOnlyList<JobContext> contexts, CancellationToken cancel)
    {
        var results = await GuardedAsync(contexts[0], contexts.Count, stop => job.RunAsync(contexts, stop), cancel);
        if (contexts.Count == 1 || !job.IsSplitOnFailure || !results.All(result => result is JobResult.Failed { Class: FailureClass.Contract or FailureClass.Data or FailureClass.Bug })) return results;
        var alone = new List<JobResult>(contexts.Count);
        foreach (var context in contexts)
        {
            context.Log.Warning($"{contexts.Count:N0} windows failed together ({((JobResult.Failed)results[0]).Reason}); this one is tried alone");
            alone.AddRange(await GuardedAsync(context, 1, stop => job.RunAsync([context], stop), cancel));
        }
        return alone;
    }

    /// <summary>Of the sources and sinks that this process calls; null: all are called whatever happens.</summary>
    public Breakers? Breakers { get; init; }

    private async ValueTask<IReadOnlyList<JobResult>> GuardedAsync(JobContext context, int count, Func<CancellationToken, ValueTask<IReadOnlyList<JobResult>>> run, CancellationToken cancel)
    {
        if (Breakers is null) return await LimitedAsync(context, count, run, cancel);
        if (Breakers.PutOff(context.Step) is { } later) return [.. Enumerable.Repeat(later, count)];
        IReadOnlyList<JobResult> results = [];
        try { results = await LimitedAsync(context, count, run, cancel); }
        finally { Breakers.Note(context.Step, results); } // also what was cancelled: a probe that nobody ends would be the last
        return [.. results.Select(result => result is JobResult.Failed { Class: FailureClass.Transient } && Breakers.Left(context.Step) is { } left ? left : result)];
    }

    /// <summary>Tells the job to stop when its time is over. One that ends well all the same has done its work; one that fails then has failed of that.</summary>
    private async ValueTask<IReadOnlyList<JobResult>> LimitedAsync(JobContext context, int count, Func<CancellationToken, ValueTask<IReadOnlyList<JobResult>>> run, CancellationToken cancel)
    {
        if ((context.Step?.Limits.Time ?? Defaults.Time) is not { } limit) return await CaughtAsync(() => run(cancel), count, cancel);
        using var late = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        var results = await CaughtAsync(() => run(either.Token), count, cancel);
        return late.IsCancellationRequested ? [.. results.Select(result => result is JobResult.Failed failed ? Overran(context.Step, limit, failed) : result)] : results;
    }

    private static JobResult.Failed Overran(Step? step, TimeSpan limit, JobResult.Failed stopped)
    {
        string mend = step is null ? "Steps:TimeLimitSeconds" : $"Within(new() {{ Time = … }}) of {step}, or Steps:TimeLimitSeconds";
        string reason = $"stopped: found it running still after {StepLimits.Text(limit)}, its time limit; let it do less at a time, or raise {mend}";
        return new(FailureClass.Transient, reason) { Detail = $"{reason}\nit ended with: {stopped.Reason}" };
    }

    private static async ValueTask<IReadOnlyList<JobResult>> CaughtAsync(Func<ValueTask<IReadOnlyList<JobResult>>> run, int count, CancellationToken cancel)
    {
        static JobResult Failed(FailureClass failure, Exception error) => new JobResult.Failed(failure, error.Message) { Detail = error.InnerException is { } inner ? $"{error.Message}\nbecause of {inner.GetType().Name}: {inner.Message}" : "" };
        try { return await run(); }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested) { throw; }
        catch (StoreException error) when (error.IsTransient) { return All(Failed(FailureClass.Transient, error)); }
        catch (StoreException error) { return All(Failed(FailureClass.Contract, error)); }
        catch (WorkException error) { return All(Failed(error.Class, error)); }
        catch (IOException error) { return All(Failed(FailureClass.Transient, error)); }
        catch (Exception error) when (error is not OutOfMemoryException) { return All(new JobResult.Failed(FailureClass.Bug, $"{error.GetType().Name}: {error.Message}") { Detail = error.ToString() }); } // where it was thrown, too: nobody foresaw it

        IReadOnlyList<JobResult> All(JobResult result) => [.. Enumerable.Repeat(result, count)];
    }

    public RetryMoment NewMoment() => new(clock.GetUtcNow(), random.NextDouble());

    /// <summary>What is to be committed for the attempt's end.</summary>
    /// <param name="putOff">Attempts of this round that were put off: they cost none.</param>
    /// <param name="moment">One for slots that ended in one call, so that they are tried again in one; null for its own.</param>
    /// <param name="log">What the attempt said so far; how it failed and when it is tried again is added.</param>
    /// <param name="step">Whose own retries hold; null: the runner's.</param>
    public PendingCommit EndOf(Slot slot, JobResult result, string digest, IReadOnlyList<SlotInput> inputs, int putOff = 0, RetryMoment? moment = null, AttemptLog? log = null, Step? step = null)
    {
        var policy = step?.Limits.Retry ?? _retry;
        var (now, chance) = moment ?? NewMoment();
        int tried = slot.Attempt - putOff;
        SlotEnd End(SlotState state, string reason = "") => new(slot.Id, slot.Round, slot.Attempt, state, slot.AsOf, digest, Cut(reason)) { Inputs = inputs };
        var end = result switch
        {
            JobResult.Done done => End(SlotState.Done) with { Result = done.Result },
            JobResult.Unchanged => End(SlotState.Done),
            JobResult.Skipped skipped => End(SlotState.Skipped, skipped.Reason),
            JobResult.RetryIn later => End(SlotState.Queued, later.Reason) with { NotBefore = now + later.Delay },
            JobResult.Failed { Class: FailureClass.Transient or FailureClass.Throttled } failed when tried < policy.AttemptsMax =>
                End(SlotState.Retrying, failed.Reason) with { NotBefore = now + policy.DelayAfter(tried, chance) },
            JobResult.Failed { Class: FailureClass.Transient or FailureClass.Throttled } failed => End(SlotState.Failed, $"gave up after {tried} attempts: {failed.Reason}"),
            JobResult.Failed failed => End(SlotState.Failed, $"{failed.Class.ToString().ToLowerInvariant()}: {failed.Reason}"),
            _ => throw new InvalidOperationException($"no end for {result}"),
        };
        if (log is not null)
        {
            Tell(log, result, end, tried, policy.AttemptsMax);
            end = end with { Log = log.Lines };
        }
        return result is JobResult.Done { Commit: var commit } ? commit with { Token = slot.Token, Slot = end } : new() { Kind = CommitKind.Slot, Token = slot.Token, Slot = end };
    }

    private static void Tell(AttemptLog log, JobResult result, SlotEnd end, int tried, int attemptsMax)
    {
        string again = end.NotBefore is { } at ? $"tried again at {at.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}Z" : "";
        switch (result)
        {
            case JobResult.Skipped skipped: log.Info($"skipped: {skipped.Reason}"); break;
            case JobResult.RetryIn later: log.Warning($"put off: {later.Reason}; {again}, no attempt is spent"); break;
            case JobResult.Failed failed:
                log.Error($"{failed.Class.ToString().ToLowerInvariant()} failure: {(failed.Detail.Length > 0 ? failed.Detail : failed.Reason)}");
                if (end.State == SlotState.Retrying) log.Warning($"attempt {tried} of {attemptsMax}; {again}");
                else log.Warning(failed.Class is FailureClass.Transient or FailureClass.Throttled ? $"gave up after {tried} attempts" : "not tried again by itself: the same comes of the same");
                break;
        }
    }

    private static string Cut(string reason) => reason.Length <= ReasonMax ? reason : reason[..(ReasonMax - 1)] + "…";
}

/// <summary>From when on, and with which random part, the delay before another attempt is counted.</summary>
/// <param name="Chance">0 to below 1.</param>
public readonly record struct RetryMoment(DateTimeOffset Now, double Chance);
