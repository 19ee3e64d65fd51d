using Etl.Contracts;
using Etl.Metadata.Relational;
using MySqlConnector;

namespace Etl.Metadata.MySql;

/// <summary>The store in a database of MySQL (8.0 on) or MariaDB (10.6 on): for several nodes.</summary>
public static class MySqlMetadata
{
    /// <summary>Wait for another node that brings the tables up to date.</summary>
    private const int MigrationWaitSeconds = 120;

    /// <summary>Opens the database, made if absent, and brings its tables up to date.</summary>
    /// <param name="connectionString">Of the server; a database named in it is not used.</param>
    /// <param name="database">1 to 64 letters, digits and _.</param>
    /// <param name="clock">The node's: commits stop where the server's is too far off it.</param>
    /// <exception cref="StoreException">The server is away, the password is wrong, the user may not create tables, or the tables are newer than this program.</exception>
    public static async Task<IMetadata> OpenAsync(string connectionString, string database, TimeProvider clock, MetadataOptions? options = null, CancellationToken cancel = default)
    {
        if (database.Length is < 1 or > 64 || !database.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '_'))
            throw new ArgumentException($"metadata database: found \"{database}\", expected 1 to 64 letters, digits and _");
        var server = await MySqlServer.OpenAsync(connectionString, database, (options ?? new()).Checked(), cancel);
        var store = new MySqlDatabase(server);
        try
        {
            await MigrateAsync(store, server, cancel);
            return await RelationalMetadata.OpenAsync(store, clock, cancel);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <remarks>One node at a time, by a lock of the server that ends with its connection.</remarks>
    private static async Task MigrateAsync(MySqlDatabase database, MySqlServer server, CancellationToken cancel)
    {
        var known = Migrations.Of("MySql").Select(migration => migration with { Statements = [.. migration.Statements.Select(server.WithCollation)] }).ToList();
        var name = $"etl_migrate_{server.Database}"[..Math.Min(64, 12 + server.Database.Length)];
        await database.ReadAsync(async session =>
        {
            if (await session.NumberAsync($"select get_lock({name}, {MigrationWaitSeconds})", cancel) != 1)
                throw new StoreException($"{server}: another node has been changing the tables for {MigrationWaitSeconds} s; wait for it, then start again", isTransient: true);
            try
            {
                await session.ExecuteTextAsync(server.WithCollation(Migrations.Table), cancel);
                foreach (var migration in Migrations.Pending(known, await Migrations.DoneAsync(session, cancel), server.ToString()))
                    await Migrations.RunAsync(session, migration, database.Clock, cancel);
            }
            finally
            {
                if (session.IsOpen) await session.NumberAsync($"select release_lock({name})", CancellationToken.None);
            }
            return 0;
        }, cancel);
    }
}
