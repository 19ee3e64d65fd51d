using Etl.Contracts;
using Etl.Metadata;

namespace Etl.Lake;

/// <summary>Deletes files that were retired long ago. The store keeps back those that a running slot or an unconfirmed publish still needs.</summary>
public sealed class Vacuum(IMetadata store, LakeFiles files, LakeOptions options)
{
    private const int PathsAtOnce = 1_000;

    /// <returns>Files and bytes freed.</returns>
    public async Task<(int Files, long Bytes)> RunAsync(CancellationToken cancel)
    {
        var old = await store.Catalog.VacuumableAsync(await store.NowAsync(cancel) - options.RetiredFor, cancel);
        foreach (var chunk in old.Chunk(PathsAtOnce))
        {
            cancel.ThrowIfCancellationRequested();
            // Deleted first, then forgotten: after a crash between the two the next vacuum finds them listed still, and deleting what is gone is no fault.
            foreach (var file in chunk)
            {
                files.Delete(file.Path);
                CrashPoints.Reached(CrashPoint.FileDeleted);
            }
            await store.Catalog.ForgetAsync([.. chunk.Select(file => file.Path)], cancel);
        }
        return (old.Count, old.Sum(file => file.Bytes));
    }
}
