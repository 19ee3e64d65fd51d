using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Metadata;
using Etl.Metadata.MySql;
using MySqlConnector;

namespace Etl.Tests.Conformance.Metadata;

/// <summary>One database for the class, emptied for each test: making 20 tables takes a server longer than most tests.</summary>
public sealed class MySqlMetadataConformance(MySqlTestDatabase database) : MetadataConformance, IClassFixture<MySqlTestDatabase>
{
    private static string? Server => MySqlTestDatabase.Server;

    private string Database => database.Name;

    protected override string? Missing => Server is null ? "ETL_TEST_MYSQL names no server" : null;

    protected override Task<IMetadata> OpenAsync(MetadataOptions? options = null, TimeProvider? node = null) => MySqlMetadata.OpenAsync(Server!, database.Name, node ?? TimeProvider.System, options);

    protected override ValueTask DropAsync() => database.EmptyAsync();

    protected override Task ExecuteAsync(string sql) => database.ExecuteAsync(sql);

    [Fact]
    public async Task A_wrong_password_is_said_plainly_and_not_repeated()
    {
        var fault = await Should.ThrowAsync<StoreException>(() => MySqlMetadata.OpenAsync($"{Server};User ID=nobody_here;Password=s3cret", Database, TimeProvider.System));
        fault.IsTransient.ShouldBeFalse();
        fault.Message.ShouldContain("password");
        fault.ToString().ShouldNotContain("s3cret");
    }

    [Fact]
    public async Task A_server_that_is_away_is_transient()
    {
        var fault = await Should.ThrowAsync<StoreException>(() => MySqlMetadata.OpenAsync("Server=127.0.0.1;Port=1;User ID=root;Password=s3cret", Database, TimeProvider.System));
        fault.IsTransient.ShouldBeTrue();
        fault.Message.ShouldContain("127.0.0.1:1");
    }

    [Fact]
    public async Task Killed_connections_are_replaced_without_the_callers_notice()
    {
        var token = await Store.Commits.OpenWriterAsync("test", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        KillConnections().ShouldBeGreaterThan(0);
        (await Store.Commits.RenewWriterAsync(token, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_connection_lost_at_COMMIT_runs_the_commit_anew_once()
    {
        var token = await Store.Commits.OpenWriterAsync("test", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        var killed = 0;
        using (CrashPoints.Listen(point => killed += point == CrashPoint.CommitPrepared && killed == 0 ? KillConnections() : 0))
            (await Store.Commits.CommitAsync([new() { Kind = CommitKind.Adopt, Token = token, Added = [new("d", "a", 0, 1, 1, [], [])] }], TestContext.Current.CancellationToken))
                .ShouldHaveSingleItem().ShouldBeOfType<CommitOutcome.Committed>();
        killed.ShouldBeGreaterThan(0);
        (await Store.Commits.AfterAsync(0, 10, TestContext.Current.CancellationToken)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_migration_that_was_killed_half_way_goes_on()
    {
        await ExecuteAsync("drop table etl_intent");
        await ExecuteAsync("delete from etl_migration");
        await using var again = await OpenAsync();
        var window = Contracts.Time.WindowCalendar.Of("UTC").HourOf(Noon);
        (await again.Publishes.IntendAsync("mysql", "t", window, 1, TestContext.Current.CancellationToken)).ShouldBeEmpty();
        await ExecuteAsync("insert ignore into etl_migration (number, name, at) values (1, 'first', 0)");
    }

    private int KillConnections()
    {
        using var connection = new MySqlConnection(Server);
        connection.Open();
        List<long> ids = [];
        using (var list = new MySqlCommand($"select id from information_schema.processlist where db = '{Database}'", connection))
        using (var reader = list.ExecuteReader())
            while (reader.Read()) ids.Add(reader.GetInt64(0));
        foreach (var id in ids) new MySqlCommand($"kill {id}", connection).ExecuteNonQuery();
        return ids.Count;
    }
}
