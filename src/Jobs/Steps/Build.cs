using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Lake;

namespace Etl.Jobs.Steps;

/// <summary>Builds one window of a result by SQL over exactly that window of its input, as of the slot's commit.</summary>
public sealed class Build(ParquetLake lake, BuildStep step, string sql) : IJob
{
    public async ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel)
    {
        await using var snapshot = await lake.OpenAsync([LakeInputs.Of(step.From)], context.Window, context.AsOf, cancel);
        using var result = await snapshot.QueryAsync(sql, step.Key, cancel);
        if (result.Checksum == context.Previous?.Checksum) return new JobResult.Unchanged();
        var commit = await lake.WriteResultAsync(step.Dataset, result, context.Token, cancel);
        return new JobResult.Done(commit, new SlotResult(result.Rows.RowCount, result.Checksum));
    }
}
