using System.Net;
using Etl.Cli.Doctor;
using Etl.Cli.Settings;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Tests.Unit.Cli.Doctor;

public sealed class DatabaseRulesTests
{
    [Theory]
    [InlineData("GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION", "")]
    [InlineData("GRANT ALL PRIVILEGES ON `KAFKA_DB`.* TO `etl`@`%`", "")]
    [InlineData("GRANT ALL PRIVILEGES ON `KAFKA\\_DB`.* TO `etl`@`%`", "")]
    [InlineData("GRANT ALL PRIVILEGES ON `KAFKA\\_%`.* TO `etl`@`%`", "")]
    [InlineData("GRANT ALL PRIVILEGES ON `KAFKA_D_`.* TO `etl`@`%`", "")]
    [InlineData("GRANT ALL PRIVILEGES ON `KAFKA`.* TO `etl`@`%`", "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX")]
    [InlineData("GRANT ALL PRIVILEGES ON `other`.* TO `etl`@`%`", "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX")]
    [InlineData("GRANT ALL PRIVILEGES ON `KAFKA\\%`.* TO `etl`@`%`", "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX")]
    [InlineData("GRANT SELECT, INSERT, UPDATE, DELETE ON `KAFKA_DB`.* TO `etl`@`%`", "CREATE, ALTER, INDEX")]
    [InlineData("GRANT SELECT ON `KAFKA_DB`.`one_table` TO `etl`@`%`", "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX")]
    public void Privileges_that_are_missing_on_a_database_are_named(string grant, string missing) =>
        string.Join(", ", MySqlGrants.Missing(["GRANT USAGE ON *.* TO `etl`@`%` IDENTIFIED BY PASSWORD '*00'", grant], "KAFKA_DB")).ShouldBe(missing);

    [Theory]
    [InlineData("10.11.6-MariaDB-0+deb12u1", Health.Ok)]
    [InlineData("5.5.5-10.5.9-MariaDB", Health.Fail)]
    [InlineData("5.5.5-10.11.6-MariaDB", Health.Ok)] // so it says to old clients
    [InlineData("8.0.36", Health.Ok)]
    [InlineData("5.7.44-log", Health.Fail)]
    public void A_server_that_is_too_old_is_told(string version, object health) => MySqlCheck.Version(version, "etl@host:3306").Health.ShouldBe((Health)health);

    [Theory]
    [InlineData("0", true)]
    [InlineData("OFF", true)]
    [InlineData("1", false)]
    [InlineData("ON", false)]
    [InlineData("NO_LOCK", false)]
    public void A_MySQL_that_may_not_be_written_to_is_told(string value, bool mayWrite)
    {
        var finding = MySqlCheck.ReadOnly(value, "etl@host:3306");
        if (mayWrite) finding.ShouldBeNull();
        else finding.ShouldNotBeNull().ShouldTell(Health.Fail, "etl@host:3306 is read-only", "may be written to", "read_only = off");
    }

    [Fact]
    public void A_node_that_is_too_old_or_disagrees_on_the_schema_is_told()
    {
        var nodes = Nodes(2, 2).Select(each => each.Node).ToList();
        CassandraCheck.Versions("here", nodes, "CQL V5").ShouldBe(Finding.Ok("cassandra", "here, Cassandra 5.0.9, CQL V5"));
        CassandraCheck.Versions("here", [nodes[0], nodes[1] with { CassandraVersion = "3.11.4" }], "CQL V4").ShouldTell(Health.Fail, "here, Cassandra 5.0.9 and 3.11.4, CQL V4", "4.0 or later", "upgrade");
        CassandraCheck.Versions("here", [nodes[0] with { CassandraVersion = "4.0-rc1" }], "CQL V5").Health.ShouldBe(Health.Ok);
        CassandraCheck.Schemas(nodes).ShouldBe(Finding.Ok("cassandra schema", "2 nodes have one version"));
        CassandraCheck.Schemas([nodes[0], nodes[1] with { SchemaVersion = Guid.NewGuid() }]).ShouldTell(Health.Warn, "2 nodes have 2 versions of the schema", "one", "nodetool describecluster");
    }

    [Theory]
    [InlineData("SimpleStrategy", "replication_factor", "1", Health.Warn, "copies may all lie in another data centre")]
    [InlineData("SimpleStrategy", "replication_factor", "7", Health.Fail, "a majority of 7 needs 4")]
    [InlineData("NetworkTopologyStrategy", "dc1", "3/1", Health.Ok, "3 copies in dc1, 3 of 3 nodes there up")] // of which one is transient
    [InlineData("NetworkTopologyStrategy", "dc1", "5", Health.Warn, "5 copies in dc1, 3 of 3 nodes there up")] // those of the other data centre count not
    public void Copies_are_those_of_the_local_data_centre(string strategy, string key, string copies, object health, string found)
    {
        var other = Nodes(3, 3).Select(each => (each.Node with { Datacenter = "dc2" }, true));
        var finding = CassandraCopies.Judge(new CassandraSettings(), "dc1", [.. Nodes(3, 3), .. other], new Dictionary<string, string> { ["class"] = strategy, [key] = copies });
        finding.Health.ShouldBe((Health)health, finding.Text);
        finding.Found.ShouldContain(found);
    }

    [Fact]
    public void A_mode_that_cuts_values_is_told()
    {
        MySqlCheck.SqlMode("STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION").Health.ShouldBe(Health.Ok);
        MySqlCheck.SqlMode("NO_ENGINE_SUBSTITUTION").ShouldTell(Health.Warn, "cut to fit", "STRICT_TRANS_TABLES", "set global sql_mode");
    }

    [Theory]
    [InlineData(3, 3, 3, Health.Ok, "3 copies in dc1, 3 of 3 nodes there up", "")]
    [InlineData(3, 3, 1, Health.Fail, "a majority of 3 needs 2", "start the others")]
    [InlineData(3, 1, 1, Health.Fail, "a majority of 3 needs 2 nodes", "'dc1': 1}")]
    [InlineData(2, 2, 1, Health.Fail, "a majority of 2 needs 2", "start the others")]
    [InlineData(1, 3, 3, Health.Warn, "with a node its rows are away", "'dc1': 3}")]
    [InlineData(3, 2, 2, Health.Warn, "3 copies in dc1", "'dc1': 2}")]
    public void Copies_that_cannot_be_written_or_are_too_few_are_told(int copies, int nodes, int up, object health, string found, string remedy)
    {
        var finding = CassandraCopies.Judge(new CassandraSettings(), "dc1", Nodes(nodes, up), new Dictionary<string, string> { ["class"] = "org.apache.cassandra.locator.NetworkTopologyStrategy", ["dc1"] = $"{copies}" });
        finding.Health.ShouldBe((Health)health, finding.Text);
        finding.Found.ShouldContain(found);
        (finding.Remedy ?? "").ShouldContain(remedy);
    }

    [Fact]
    public void A_keyspace_without_copies_in_the_data_centre_fails() =>
        CassandraCopies.Judge(new CassandraSettings(), "dc1", Nodes(3, 3), new Dictionary<string, string> { ["class"] = "NetworkTopologyStrategy", ["dc2"] = "3" }).ShouldTell(Health.Fail, "0 copies in dc1", "1 copy or more in dc1", "ALTER KEYSPACE");

    [Fact]
    public void A_node_that_is_down_is_named() => CassandraCopies.Nodes(Nodes(3, 2)).ShouldTell(Health.Warn, "2 of 3 up; from here 127.0.0.3:9042", "all", "nodetool status");

    [Fact]
    public void A_login_that_Cassandra_refuses_is_told_by_its_settings()
    {
        var at = new IPEndPoint(IPAddress.Loopback, 9042);
        var error = new NoHostAvailableException("none took it", new Dictionary<IPEndPoint, Exception> { [at] = new AuthenticationException("Provided username etl and/or password are incorrect", at) });
        var found = Check(new() { ContactPoints = "127.0.0.1:9042", User = "etl", Password = "geheim" }).Explain(error);
        found.ShouldTell(Health.Fail, "127.0.0.1:9042 refused the user or the password", "a login that it takes", "Etl__Cassandra__Password");
        found.Text.ShouldNotContain("geheim");
        Check(new() { ContactPoints = "127.0.0.1:9042" }).Explain(error).Found.ShouldBe("127.0.0.1:9042 wants a login");
    }

    [Theory]
    [InlineData("<all keyspaces>", true, "")]
    [InlineData("<keyspace analytics>", true, "")]
    [InlineData("<all tables in analytics>", true, "")]
    [InlineData("<keyspace analytics2>", true, "on analytics the user o'neil lacks SELECT, MODIFY, CREATE, ALTER")]
    [InlineData("<table analytics.t>", true, "on analytics the user o'neil lacks SELECT, MODIFY, CREATE, ALTER")]
    [InlineData("<all keyspaces>", false, "")]
    [InlineData("<keyspace analytics>", false, "analytics is not there, and the user o'neil may not make it")]
    public void Permissions_of_Cassandra_count_where_they_cover_the_keyspace(string resource, bool isThere, string told)
    {
        var finding = CassandraGrants.Judge("analytics", isThere, "o'neil", [.. new[] { "ALTER", "CREATE", "MODIFY", "SELECT", "DROP" }.Select(permission => (resource, permission))]);
        if (told.Length == 0) finding.Health.ShouldBe(Health.Ok, finding.Text);
        else finding.ShouldTell(Health.Fail, told, "CREATE", isThere ? "GRANT SELECT ON KEYSPACE analytics TO 'o''neil'; GRANT MODIFY" : "GRANT CREATE ON ALL KEYSPACES TO 'o''neil';");
    }

    [Fact]
    public void Who_may_make_the_keyspace_needs_no_more() => CassandraGrants.Judge("analytics", false, "etl", [("<all keyspaces>", "CREATE")]).Health.ShouldBe(Health.Ok);

    [Fact]
    public void Each_permission_of_Cassandra_that_is_missing_is_named_alone()
    {
        foreach (string missing in (string[])["SELECT", "MODIFY", "CREATE", "ALTER"])
            CassandraGrants.Judge("Big", true, "etl", [.. new[] { "SELECT", "MODIFY", "CREATE", "ALTER" }.Where(permission => permission != missing).Select(permission => ("<keyspace Big>", permission))])
                .ShouldTell(Health.Fail, $"on Big the user etl lacks {missing}", "SELECT, MODIFY, CREATE, ALTER", $"GRANT {missing} ON KEYSPACE \"Big\" TO 'etl';");
    }

    private static CassandraCheck Check(CassandraSettings settings) => new(settings, new Microsoft.Extensions.Time.Testing.FakeTimeProvider(), new Random(1));

    private static IReadOnlyList<(Host Node, bool IsUp)> Nodes(int count, int up) =>
        [.. Enumerable.Range(1, count).Select(number => (new Host(Guid.Empty, new IPEndPoint(IPAddress.Parse($"127.0.0.{number}"), 9042), "dc1", "r1", "5.0.9", Guid.Empty, []), number <= up))];
}
