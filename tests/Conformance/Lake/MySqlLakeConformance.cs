using Etl.Metadata;
using Etl.Metadata.MySql;
using MySqlConnector;

namespace Etl.Tests.Conformance.Lake;

public sealed class MySqlLakeConformance : LakeConformance, IAsyncLifetime
{
    private static readonly string? Server = Environment.GetEnvironmentVariable("ETL_TEST_MYSQL");
    private readonly List<string> _databases = [];

    protected override string? Missing => Server is null ? "ETL_TEST_MYSQL names no server" : null;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_databases.Count == 0) return;
        await using var connection = new MySqlConnection(Server);
        await connection.OpenAsync();
        foreach (string database in _databases) await new MySqlCommand($"drop database if exists {database}", connection).ExecuteNonQueryAsync();
    }

    protected override Task<IMetadata> OpenEmptyAsync()
    {
        _databases.Add($"etl_lake_{Guid.NewGuid():N}");
        return MySqlMetadata.OpenAsync(Server!, _databases[^1], TimeProvider.System);
    }
}
