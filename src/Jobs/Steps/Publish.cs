using Etl.Contracts.Commits;
using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Lake;
using Etl.Sinks;

namespace Etl.Jobs.Steps;

/// <summary>Replaces one window of a table in one sink by the result as of the slot's commit. Safe to repeat: one version has one content.</summary>
public sealed class Publish(ParquetLake lake, IPublishLog log, ISink sink, PublishStep step) : IJob
{
    public async ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel)
    {
        var of = step.Of;
        if (await lake.VersionAsync(of.Dataset, context.Window, context.AsOf, cancel) is not { } version) return new JobResult.Skipped($"{of.Dataset} has no result for {context.Window}");
        using var rows = await lake.ReadResultAsync(of.Dataset, context.Window, of.Key, version, cancel);
        var table = ResultTables.Of(step.Table, of.Grain, of.Key, rows.Fields);
        context.Log.Info($"{of.Dataset} of {context.Window}, version {version}: {rows.RowCount:N0} rows for {sink.Name} table {step.Table}");
        if (await sink.PrepareAsync(table, cancel) is { } refusal) return new JobResult.Failed(FailureClass.Contract, refusal);

        var earlier = await log.IntendAsync(sink.Name.Name, step.Table, context.Window, version, cancel);
        CrashPoints.Reached(CrashPoint.PublishIntended);
        using var vanished = earlier.Count == 0 ? null : await lake.VanishedAsync(of.Dataset, context.Window, of.Key, earlier, version, cancel);
        if (earlier.Count > 0) context.Log.Info($"versions {string.Join(", ", earlier.TakeLast(5))}{(earlier.Count > 5 ? $" and {earlier.Count - 5} before" : "")} may be in the table: {vanished?.RowCount ?? 0:N0} of their keys vanish");
        var outcome = await sink.ReplaceAsync(table, context.Window, version, rows, vanished, cancel);
        if (outcome != ReplaceOutcome.Superseded) context.Log.Info($"the window's rows in {sink.Name} {step.Table} are version {version} now");
        return outcome == ReplaceOutcome.Superseded
            ? new JobResult.Skipped($"{sink.Name} holds a newer version of {context.Window} already")
            : new JobResult.Done(
                new PendingCommit { Kind = CommitKind.Publish, Token = context.Token, Confirmed = new(sink.Name.Name, step.Table, context.Window, version) },
                new SlotResult(rows.RowCount, "", version));
    }
}
