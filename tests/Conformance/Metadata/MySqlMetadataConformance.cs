using Etl.Contracts;
using Etl.Metadata;
using Etl.Metadata.MySql;
using MySqlConnector;

namespace Etl.Tests.Conformance.Metadata;

public sealed class MySqlMetadataConformance : MetadataConformance
{
    private static readonly string? Server = Environment.GetEnvironmentVariable("ETL_TEST_MYSQL");
    private readonly string _database = $"etl_metadata_{Guid.NewGuid():N}";

    protected override string? Missing => Server is null ? "ETL_TEST_MYSQL names no server" : null;

    protected override Task<IMetadata> OpenAsync(MetadataOptions? options = null, TimeProvider? node = null) => MySqlMetadata.OpenAsync(Server!, _database, node ?? TimeProvider.System, options);

    protected override async ValueTask DropAsync() => await ExecuteAsync($"drop database if exists {_database}");

    protected override async Task ExecuteAsync(string sql)
    {
        await using var connection = new MySqlConnection($"{Server};Database={_database}");
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task A_wrong_password_is_said_plainly_and_not_repeated()
    {
        var fault = await Should.ThrowAsync<StoreException>(() => MySqlMetadata.OpenAsync($"{Server};User ID=nobody_here;Password=s3cret", _database, TimeProvider.System));
        fault.IsTransient.ShouldBeFalse();
        fault.Message.ShouldContain("password");
        fault.ToString().ShouldNotContain("s3cret");
    }

    [Fact]
    public async Task A_server_that_is_away_is_transient()
    {
        var fault = await Should.ThrowAsync<StoreException>(() => MySqlMetadata.OpenAsync("Server=127.0.0.1;Port=1;User ID=root;Password=s3cret", _database, TimeProvider.System));
        fault.IsTransient.ShouldBeTrue();
        fault.Message.ShouldContain("127.0.0.1:1");
    }

    [Fact]
    public async Task Killed_connections_are_replaced_without_the_callers_notice()
    {
        var token = await Store.Commits.OpenWriterAsync("test", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        await using (var connection = new MySqlConnection(Server))
        {
            await connection.OpenAsync();
            List<long> ids = [];
            await using (var list = new MySqlCommand($"select id from information_schema.processlist where db = '{_database}'", connection))
            await using (var reader = await list.ExecuteReaderAsync())
                while (await reader.ReadAsync()) ids.Add(reader.GetInt64(0));
            ids.ShouldNotBeEmpty();
            foreach (var id in ids) await new MySqlCommand($"kill {id}", connection).ExecuteNonQueryAsync();
        }
        (await Store.Commits.RenewWriterAsync(token, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)).ShouldBeTrue();
    }
}
