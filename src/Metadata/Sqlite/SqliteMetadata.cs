using Etl.Contracts;
using Etl.Metadata.Relational;
using Microsoft.Data.Sqlite;

namespace Etl.Metadata.Sqlite;

/// <summary>The store in one SQLite file: the embedded default. Several processes of one machine may use it; never put it on a shared folder.</summary>
public static class SqliteMetadata
{
    /// <summary>Opens the file, made if absent, and brings its tables up to date.</summary>
    /// <param name="path">Of the file; its folder must exist.</param>
    /// <param name="clock">The node's clock; also the database's, unless the options name another.</param>
    /// <exception cref="StoreException">The folder is missing or cannot be written to, the disk is full, the file is no SQLite database, is locked, or is newer than this program.</exception>
    public static async Task<IMetadata> OpenAsync(string path, TimeProvider clock, MetadataOptions? options = null, CancellationToken cancel = default)
    {
        var full = Path.GetFullPath(path);
        RefuseUnwritable(full);
        var database = new SqliteDatabase(full, clock, (options ?? new()).Checked());
        try
        {
            await MigrateAsync(database, full, cancel);
            return await RelationalMetadata.OpenAsync(database, clock, cancel);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    private static void RefuseUnwritable(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder)) throw new StoreException($"metadata {path}: its folder does not exist; create {folder}, or choose another with --data", isTransient: false);
        var probe = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}.probe");
        try
        {
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new StoreException($"metadata {path}: cannot write to the folder ({exception.Message}); expected a folder on a local disk that this user may write to: mend its rights, or choose another with --data", isTransient: false, exception);
        }
    }

    private static async Task MigrateAsync(SqliteDatabase database, string path, CancellationToken cancel)
    {
        var known = Migrations.Of("Sqlite");
        await database.WriteAsync(async session =>
        {
            await session.ExecuteTextAsync(Migrations.Table, cancel);
            foreach (var migration in Migrations.Pending(known, await Migrations.DoneAsync(session, cancel), $"metadata {path}"))
                await Migrations.RunAsync(session, migration, database.Clock, cancel);
            return 0;
        }, cancel);
    }
}
