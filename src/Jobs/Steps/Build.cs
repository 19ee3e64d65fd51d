using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Lake;

namespace Etl.Jobs.Steps;

/// <summary>Builds one window of a result by SQL over exactly that window of its input, as of the slot's commit.</summary>
public sealed class Build(ParquetLake lake, BuildStep step, string sql) : IJob
{
    public async ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel)
    {
        await using var snapshot = await lake.OpenAsync([LakeInputs.Of(step.From)], context.Window, context.AsOf, cancel, LakeInputs.MemoryOf(step));
        context.Log.Say(snapshot);
        using var result = await snapshot.QueryAsync(sql, step.Key, cancel);
        context.Log.Info($"{step.SqlName} made {result.Rows.RowCount:N0} rows, checksum {Short(result.Checksum)}, digest {Short(result.Digest)}");
        var before = context.Previous;
        if (result.Checksum == before?.Checksum)
        {
            context.Log.Info($"the same rows as version {before.Version}: nothing is committed");
            return new JobResult.Unchanged();
        }
        var commit = await lake.WriteResultAsync(step.Dataset, result, context.Token, cancel);
        context.Log.Info(before is null ? "the window's first result" : $"takes the place of version {before.Version}, {before.Rows:N0} rows, checksum {Short(before.Checksum)}{(before.Digest == result.Digest ? "" : "; the SQL or its columns have changed since")}");
        foreach (var file in commit.Added) context.Log.Info($"wrote {file.Path}, {file.Bytes:N0} bytes");
        foreach (var schema in commit.Schemas) context.Log.Info($"columns have changed: {step.Dataset} has schema version {schema.Version} from here on");
        return new JobResult.Done(commit, new SlotResult(result.Rows.RowCount, result.Checksum));
    }

    private static string Short(string hash) => hash.Length <= 12 ? hash : hash[..12];
}
