using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Sinks;
using Etl.Sinks.Sqlite;
using Microsoft.Data.Sqlite;

namespace Etl.Tests.Conformance.Sinks;

public sealed class SqliteSinkConformance : SinkConformance
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"etl-sinks-{Guid.NewGuid():N}");

    private string File => Path.Combine(_folder, "results.db");

    protected override Task CreateAsync() => Task.CompletedTask;

    protected override Task DropAsync()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    protected override ISink Open() => new SqliteSink(new SinkName("sqlite"), new SqliteSinkOptions { Path = File });

    protected override async Task ExecuteAsync(string sql)
    {
        Directory.CreateDirectory(_folder);
        await using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
