using Etl.Metadata;
using Etl.Metadata.MySql;
using Etl.Metadata.Sqlite;
using MySqlConnector;

namespace Etl.Benchmarks.Slots;

/// <summary>A new, empty store that goes with the bench.</summary>
internal sealed class BenchStore : IAsyncDisposable
{
    private const string Variable = "ETL_TEST_MYSQL";

    private readonly Func<Task> _remove;

    private BenchStore(IMetadata metadata, Func<Task> remove) => (Metadata, _remove) = (metadata, remove);

    public IMetadata Metadata { get; }

    public static async Task<BenchStore> OpenAsync(bool mysql, CancellationToken cancel)
    {
        if (!mysql)
        {
            string folder = Directory.CreateTempSubdirectory("etl-slots-").FullName;
            return new(await SqliteMetadata.OpenAsync(Path.Combine(folder, "metadata.db"), TimeProvider.System, cancel: cancel), () =>
            {
                Directory.Delete(folder, recursive: true);
                return Task.CompletedTask;
            });
        }
        string server = Environment.GetEnvironmentVariable(Variable) ?? throw new BenchUnavailableException($"{Variable} is not set: expected the connection string of a MariaDB or MySQL");
        string database = $"etl_bench_{Guid.NewGuid():N}";
        return new(await MySqlMetadata.OpenAsync(server, database, TimeProvider.System, cancel: cancel), async () =>
        {
            await using var connection = new MySqlConnection(server);
            await connection.OpenAsync(CancellationToken.None);
            await using var drop = new MySqlCommand($"DROP DATABASE IF EXISTS `{database}`", connection);
            await drop.ExecuteNonQueryAsync(CancellationToken.None);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Metadata.DisposeAsync();
        await _remove();
    }
}
