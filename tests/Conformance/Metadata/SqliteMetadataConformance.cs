using Etl.Metadata;
using Etl.Metadata.Sqlite;
using Microsoft.Data.Sqlite;

namespace Etl.Tests.Conformance.Metadata;

public sealed class SqliteMetadataConformance : MetadataConformance
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-metadata-").FullName;

    private string File => Path.Combine(_folder, "metadata.db");

    protected override Task<IMetadata> OpenAsync(MetadataOptions? options = null, TimeProvider? node = null) => SqliteMetadata.OpenAsync(File, node ?? TimeProvider.System, options);

    protected override ValueTask DropAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    protected override async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
