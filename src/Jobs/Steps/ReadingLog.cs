using Etl.Contracts.Workflow;
using Etl.Lake;

namespace Etl.Jobs.Steps;

/// <summary>Says what an attempt reads.</summary>
internal static class ReadingLog
{
    public static void Say(this AttemptLog log, LakeSnapshot snapshot)
    {
        foreach (var read in snapshot.Reads)
            log.Info(read.Version is { } version
                ? $"reads {read.Dataset} of {snapshot.Window} as of commit {snapshot.AsOf}: {read.Rows:N0} rows in {(read.Files == 1 ? "1 file" : $"{read.Files:N0} files, the newest")} of commit {version}"
                : $"reads {read.Dataset} of {snapshot.Window} as of commit {snapshot.AsOf}: no file");
    }
}
