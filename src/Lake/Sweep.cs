using Etl.Contracts;
using Etl.Metadata;

namespace Etl.Lake;

/// <summary>Deletes files that no commit lists and none ever will: their writer's token is revoked first, so a writer that was only paused cannot commit a swept file.</summary>
/// <remarks>Tokens of a new store begin at 1 again. A whole file that names another store, or none, is left alone: it is what <c>etl lake adopt</c> takes where a store was lost.</remarks>
public sealed class Sweep(ParquetLake lake)
{
    private const int PathsAtOnce = 1_000;

    /// <summary>How long a writer is swept again after its lease: it may have been paused, and write one more file that it cannot commit.</summary>
    private static readonly TimeSpan PauseMax = TimeSpan.FromDays(1);

    /// <param name="evenLive">Revokes writers whose lease still holds too: for a process that knows to be alone, at its start.</param>
    /// <returns>The lake paths that were deleted.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(bool evenLive, CancellationToken cancel)
    {
        var (store, files) = (lake.Store, lake.Files);
        var dead = (await store.Commits.RevokeExpiredAsync(evenLive, cancel)).ToHashSet();
        var swept = new List<string>();
        foreach (string[] paths in files.All().Where(path => dead.Contains(LakeFiles.TokenOf(path)!.Value)).Chunk(PathsAtOnce))
        {
            var listed = await store.Catalog.ListedAsync(paths, cancel);
            foreach (string path in paths.Where(path => !listed.Contains(path) && !IsAnothers(path, cancel)))
            {
                cancel.ThrowIfCancellationRequested();
                files.Delete(path);
                CrashPoints.Reached(CrashPoint.FileDeleted);
                swept.Add(path);
            }
        }
        var endedBefore = evenLive ? DateTimeOffset.MaxValue : await store.NowAsync(cancel) - PauseMax;
        await store.Commits.MarkSweptAsync(dead, endedBefore, cancel);
        return swept;
    }

    private bool IsAnothers(string path, CancellationToken cancel)
    {
        try
        {
            using var connection = lake.Database.Connect();
            return FooterReader.Read(connection, lake.Files.FullPath(path), cancel).Footer is { } footer && footer.Store != lake.Store.StoreId;
        }
        catch (StoreException) { return false; } // cut, or gone meanwhile
    }
}
