using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Lake;

namespace Etl.Jobs.Steps;

/// <summary>Runs a query that must return no row over one window of a result, and of those beside it. A row is a broken rule: the slot fails, and what it gates waits.</summary>
public sealed class Check(ParquetLake lake, CheckStep step, string sql) : IJob
{
    /// <summary>Broken rows that the reason tells, and that the log does.</summary>
    private const int RowsShown = 3, RowsLogged = 20;

    public async ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel)
    {
        await using var snapshot = await lake.OpenAsync([.. step.Inputs.OfType<DatasetStep>().Select(LakeInputs.Of)], context.Window, context.AsOf, cancel, LakeInputs.MemoryOf(step));
        context.Log.Say(snapshot);
        using var rows = await snapshot.RowsAsync(sql, RowsLogged + 1, cancel);
        if (rows.RowCount == 0) context.Log.Info($"{step.SqlName} returned no row, as expected");
        if (rows.RowCount == 0) return new JobResult.Done(new PendingCommit { Kind = CommitKind.Check, Token = context.Token }, new SlotResult(0, "", context.AsOf));
        var broken = Enumerable.Range(0, Math.Min(rows.RowCount, RowsLogged)).Select(row => string.Join(", ", rows.Fields.Select((field, column) => $"{field.Name}={rows.GetValue(column, row) ?? "null"}"))).ToList();
        foreach (string row in broken) context.Log.Warning($"{step.SqlName}: {row}");
        return new JobResult.Failed(FailureClass.Data, $"{step.SqlName} returned {(rows.RowCount > RowsLogged ? $"more than {RowsLogged}" : $"{rows.RowCount}")} rows, expected none: {string.Join("; ", broken.Take(RowsShown))}{(rows.RowCount > RowsShown ? "; …" : "")}");
    }
}
