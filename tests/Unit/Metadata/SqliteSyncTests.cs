using Etl.Metadata;
using Etl.Metadata.Sqlite;

namespace Etl.Tests.Unit.Metadata;

/// <summary>Which transactions wait for the disk.</summary>
public sealed class SqliteSyncTests
{
    private const long Normal = 1, Full = 2;

    [Fact]
    public async Task A_transaction_waits_for_the_disk_unless_it_says_that_it_may_be_lost()
    {
        string folder = Directory.CreateTempSubdirectory("etl-sync-").FullName;
        try
        {
            await using var database = new SqliteDatabase(Path.Combine(folder, "store.db"), TimeProvider.System, new MetadataOptions());
            Task<long?> SyncOf(bool mayBeLost) => database.WriteAsync(session => session.NumberAsync($"pragma synchronous", default), default, mayBeLost: mayBeLost);
            (await SyncOf(mayBeLost: false)).ShouldBe(Full);
            (await SyncOf(mayBeLost: true)).ShouldBe(Normal);
            (await SyncOf(mayBeLost: false)).ShouldBe(Full);
            (await database.WriteAsync(session => session.NumberAsync($"pragma synchronous", default), default, commits: true)).ShouldBe(Full);
        }
        finally { Directory.Delete(folder, recursive: true); }
    }
}
