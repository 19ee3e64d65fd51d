using MySqlConnector;

namespace Etl.Tests.Conformance.Metadata;

/// <summary>A database of its own on the test server, dropped at the end.</summary>
public sealed class MySqlTestDatabase : IAsyncDisposable
{
    public static string? Server { get; } = Environment.GetEnvironmentVariable("ETL_TEST_MYSQL");

    public string Name { get; } = $"etl_metadata_{Guid.NewGuid():N}";

    /// <summary>Takes out all rows but the record of the migrations this program knows.</summary>
    public async ValueTask EmptyAsync()
    {
        List<string> tables = [];
        await using var connection = await OpenAsync();
        await using (var list = new MySqlCommand($"select table_name from information_schema.tables where table_schema = '{Name}' and table_name not in ('etl_head', 'etl_migration')", connection))
        await using (var reader = await list.ExecuteReaderAsync())
            while (await reader.ReadAsync()) tables.Add(reader.GetString(0));
        var statements = tables.Select(static table => $"delete from {table}").Append("update etl_head set head = 0").Append("delete from etl_migration where number > 90");
        await using var empty = new MySqlCommand(string.Join("; ", statements), connection);
        await empty.ExecuteNonQueryAsync();
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Server is null) return;
        await using var connection = new MySqlConnection(Server);
        await connection.OpenAsync();
        await using var drop = new MySqlCommand($"drop database if exists {Name}", connection);
        await drop.ExecuteNonQueryAsync();
    }

    private async Task<MySqlConnection> OpenAsync()
    {
        var connection = new MySqlConnection($"{Server};Database={Name}");
        await connection.OpenAsync();
        return connection;
    }
}
