using Etl.Sinks.Cassandra.Cql;
using Etl.Tests.EndToEnd.Cli;

namespace Etl.Tests.EndToEnd.Security;

/// <summary>What doctor tells of a Cassandra that asks for a login and checks permissions; its remedies are carried out.</summary>
public sealed class CassandraDoctorTests(CassandraWithLogins cassandra) : IClassFixture<CassandraWithLogins>, IDisposable
{
    private readonly EtlProcess _etl = new();

    [Fact]
    public async Task No_login_and_a_refused_one_are_told_by_their_settings()
    {
        Use(null, "");
        (await DoctorReport.OfAsync(_etl, 1)).ShouldTell("cassandra", "fail", $"{cassandra.Address} wants a login", "a login that it takes", "Etl__Cassandra__User and Etl__Cassandra__Password");
        Use("cassandra", "falsch-7");
        var report = await DoctorReport.OfAsync(_etl, 1);
        report.ShouldTell("cassandra", "fail", $"{cassandra.Address} refused the user or the password", "a login that it takes", "Etl__Cassandra__Password");
        report.Text.ShouldNotContain("falsch-7");
        Use("cassandra", "cassandra");
        (await DoctorReport.OfAsync(_etl, 0)).ShouldTell("cassandra permissions", "ok", "cassandra is a superuser");
    }

    [Fact]
    public async Task Permissions_that_are_missing_are_named_and_the_remedy_is_one()
    {
        await cassandra.ExecuteAsync("CREATE ROLE writer WITH PASSWORD = 'richtig-7' AND LOGIN = true; CREATE ROLE staff; GRANT staff TO writer");
        Use("writer", "richtig-7");
        _etl.Environment["Etl__Cassandra__Keyspace"] = "made_later";
        var report = await DoctorReport.OfAsync(_etl, 1);
        report.ShouldTell("cassandra keyspace", "warn", "made_later is not there yet");
        report.ShouldTell("cassandra permissions", "fail", "made_later is not there, and the user writer may not make it", "CREATE", "GRANT CREATE ON ALL KEYSPACES TO 'writer';");
        await cassandra.ExecuteAsync(RemedyOf(report));
        (await DoctorReport.OfAsync(_etl, 0)).ShouldTell("cassandra permissions", "ok", "writer may make made_later");

        // One has SELECT by a role, MODIFY on one table alone, which covers no other, and the rest not at all.
        await cassandra.ExecuteAsync("REVOKE CREATE ON ALL KEYSPACES FROM writer; CREATE KEYSPACE there WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}; CREATE TABLE there.t (k int PRIMARY KEY)");
        await cassandra.ExecuteAsync("GRANT SELECT ON KEYSPACE there TO staff; GRANT MODIFY ON TABLE there.t TO writer");
        _etl.Environment["Etl__Cassandra__Keyspace"] = "there";
        report = await DoctorReport.OfAsync(_etl, 1);
        report.ShouldTell("cassandra permissions", "fail", "on there the user writer lacks MODIFY, CREATE, ALTER", "SELECT, MODIFY, CREATE, ALTER", "GRANT MODIFY ON KEYSPACE there TO 'writer'; GRANT CREATE ON");
        report.ShouldTell("cassandra", "ok", "Cassandra 5");
        await cassandra.ExecuteAsync(RemedyOf(report));
        (await DoctorReport.OfAsync(_etl, 0)).ShouldTell("cassandra permissions", "ok", "writer has SELECT, MODIFY, CREATE, ALTER on there");
    }

    public void Dispose() => _etl.Dispose();

    private static string RemedyOf(DoctorReport report) => report.Of("cassandra permissions").GetProperty("remedy").GetString()!;

    private void Use(string? user, string password)
    {
        _etl.UseFolder();
        _etl.Environment["Etl__Cassandra__ContactPoints"] = cassandra.Address;
        if (user is not null) (_etl.Environment["Etl__Cassandra__User"], _etl.Environment["Etl__Cassandra__Password"]) = (user, password);
    }
}

/// <summary>A Cassandra with logins and permissions, for the tests of one class.</summary>
public sealed class CassandraWithLogins : IAsyncLifetime
{
    private OwnServer? _server;

    public string Address => OwnServer.Demand(_server).Addresses[0];

    public async ValueTask InitializeAsync()
    {
        if (OwnServer.CanStart) _server = await OwnServer.CassandraAsync("--auth");
    }

    /// <param name="statements">Separated by ;</param>
    public async Task ExecuteAsync(string statements)
    {
        await using var cluster = Cluster.Builder(TimeProvider.System, new Random(1)).AddContactPoint(Address).WithCredentials("cassandra", "cassandra").Build();
        await using var session = await cluster.ConnectAsync(TestContext.Current.CancellationToken);
        foreach (string statement in statements.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) await session.ExecuteAsync(new SimpleStatement(statement), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }
}
