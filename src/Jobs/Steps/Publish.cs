using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps.Publishing;
using Etl.Lake;
using Etl.Sinks;

namespace Etl.Jobs.Steps;

/// <summary>
/// Replaces windows of a table in one sink by the result as of each slot's commit: one by one, or adjacent ones together where the sink gains by it. Safe to
/// repeat: one version has one content.
/// </summary>
public sealed class Publish(ParquetLake lake, IPublishLog log, ISink sink, PublishStep step) : IGroupJob
{
    /// <summary>Rows that are held at once, but for a window that has more by itself.</summary>
    public long RowsMax { get; init; } = 200_000;

    public int GroupMax => sink is IGroupSink group ? group.WindowsMax : 1;

    public bool IsSplitOnFailure => true;

    public async ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel) => (await RunAsync([context], cancel))[0];

    public async ValueTask<IReadOnlyList<JobResult>> RunAsync(IReadOnlyList<JobContext> contexts, CancellationToken cancel)
    {
        var ends = new Dictionary<JobContext, JobResult>(ReferenceEqualityComparer.Instance);
        var open = new List<OpenWindow>();
        try
        {
            foreach (var context in contexts)
            {
                if (await OpenAsync(context, cancel) is not { } window)
                {
                    ends[context] = new JobResult.Skipped($"{step.Of.Dataset} has no result for {context.Window}");
                    continue;
                }
                bool fits = open.Count == 0 || (open.Sum(other => (long)other.Rows.RowCount) + window.Rows.RowCount <= RowsMax && window.IsOfSameTable(open[0]));
                open.Add(window);
                if (fits) continue;
                await WriteAsync(open[..^1], ends, cancel);
                open[..^1].ForEach(written => written.Dispose());
                open.RemoveRange(0, open.Count - 1);
            }
            if (open.Count > 0) await WriteAsync(open, ends, cancel);
        }
        finally { open.ForEach(window => window.Dispose()); }
        return [.. contexts.Select(context => ends[context])];
    }

    /// <returns>null where the window has no result as of the slot's commit.</returns>
    private async Task<OpenWindow?> OpenAsync(JobContext context, CancellationToken cancel)
    {
        var of = step.Of;
        if (await lake.VersionAsync(of.Dataset, context.Window, context.AsOf, cancel) is not { } version) return null;
        var rows = await lake.ReadResultAsync(of.Dataset, context.Window, of.Key, version, cancel);
        context.Log.Info($"{of.Dataset} of {context.Window}, version {version}: {rows.RowCount:N0} rows for {sink.Name} table {step.Table}");
        return new(context, ResultTables.Of(step.Table, of.Grain, of.Key, rows.Fields), version, rows);
    }

    /// <param name="windows">Of one table, 1 or more.</param>
    private async Task WriteAsync(List<OpenWindow> windows, Dictionary<JobContext, JobResult> ends, CancellationToken cancel)
    {
        var table = windows[0].Table;
        if (await sink.PrepareAsync(table, cancel) is { } refusal)
        {
            foreach (var window in windows) ends[window.Context] = new JobResult.Failed(FailureClass.Contract, refusal);
            return;
        }
        var earlier = await log.IntendAsync(sink.Name.Name, step.Table, [.. windows.Select(window => (window.Context.Window, window.Version))], cancel);
        CrashPoints.Reached(CrashPoint.PublishIntended);
        List<OpenWindow> due = [];
        for (int i = 0; i < windows.Count; i++)
        {
            // Nothing but the order of the intents parts two writers there: who comes second to a higher one would leave keys that it does not know of.
            if (sink.Traits.NoTransactions is not null && earlier[i].Any(other => other > windows[i].Version))
            {
                ends[windows[i].Context] = new JobResult.Skipped($"{sink.Name} is to hold a newer version of {windows[i].Context.Window}: {earlier[i].Max()}");
                continue;
            }
            if (earlier[i].Count > 0) await FindVanishedAsync(windows[i], earlier[i], cancel);
            due.Add(windows[i]);
        }
        var outcomes = await ReplaceAsync(due, cancel);
        for (int i = 0; i < due.Count; i++) ends[due[i].Context] = due[i].EndOf(outcomes[i], step);
    }

    private async Task FindVanishedAsync(OpenWindow window, IReadOnlyList<long> earlier, CancellationToken cancel)
    {
        window.Vanished = await lake.VanishedAsync(step.Of.Dataset, window.Context.Window, step.Of.Key, earlier, window.Version, cancel);
        window.Context.Log.Info($"versions {string.Join(", ", earlier.TakeLast(5))}{(earlier.Count > 5 ? $" and {earlier.Count - 5} before" : "")} may be in the table: {window.Vanished?.RowCount ?? 0:N0} of their keys vanish");
    }

    private async Task<IReadOnlyList<ReplaceOutcome>> ReplaceAsync(List<OpenWindow> due, CancellationToken cancel) => due switch
    {
        [] => [],
        [var window] => [await sink.ReplaceAsync(window.Table, window.Context.Window, window.Version, window.Rows, window.Vanished, cancel)],
        _ => await ((IGroupSink)sink).ReplaceAsync(due[0].Table, [.. due.Select(window => window.ToWrite)], cancel),
    };
}
