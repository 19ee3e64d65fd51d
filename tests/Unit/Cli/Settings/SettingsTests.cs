using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Running;

namespace Etl.Tests.Unit.Cli.Settings;

public sealed class SettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-settings-").FullName;

    [Fact]
    public void Every_setting_has_a_meaning_and_a_name_in_the_environment()
    {
        SettingsTable.All.Count.ShouldBeGreaterThan(15);
        SettingsTable.All.Where(setting => setting.Meaning.Length < 10).Select(setting => setting.Path).ShouldBeEmpty("each wants a [Description]");
        SettingsTable.All.ShouldContain(setting => setting.Environment == "Etl__Kafka__BootstrapServers");
    }

    [Fact]
    public void A_default_is_the_value_of_a_new_settings_record()
    {
        var fresh = new EtlSettings();
        foreach (var setting in SettingsTable.All) setting.ValueIn(fresh).ShouldBe(setting.Default, setting.Path);
    }

    [Fact]
    public void The_file_is_read_and_the_command_line_wins()
    {
        Write("""{ "Etl": { "Data": "./from-file", "Kafka": { "Partitions": 8 } } }""");
        var settings = SettingsReader.Read(_folder, "./from-call");
        settings.Data.ShouldBe("./from-call");
        settings.Kafka.Partitions.ShouldBe(8);
        var sources = SettingsReader.Sources(_folder, "./from-call");
        (sources("Data"), sources("Kafka:Partitions"), sources("Land:Writers")).ShouldBe(("command line", SettingsReader.File, "default"));
    }

    [Theory]
    [InlineData("""{ "Etl": { "Kafka": { "Partitons": 8 } } }""", "Etl:Kafka:Partitons: no such setting")]
    [InlineData("""{ "Etl": { "Kafka": { "Partitions": 0 } } }""", "kafka.partitions: 0 is outside 1 to 1,000")]
    [InlineData("""{ "Etl": { "Kafka": { "Partitions": "many" } } }""", "Etl:Kafka:Partitions: found \"many\", expected a whole number")]
    [InlineData("""{ "Etl": { "Cassandra": { "Tls": "yes" } } }""", "Etl:Cassandra:Tls: found \"yes\", expected true or false")]
    [InlineData("""{ "Etl": { "Kafka": "localhost:9092" } }""", "Etl:Kafka: found a value, expected a group of BootstrapServers,")]
    [InlineData("""{ "Etl": { "Kafka": { "BootstrapServers": [ "a:1" ] } } }""", "Etl:Kafka:BootstrapServers: found a list or a group, expected one value")]
    [InlineData("""{ "Etl": { "Kafka": { "Replication": 3 } } }""", "kafka.replication: found 3 with the embedded broker")]
    [InlineData("""{ "Etl": { "Registry": { "Url": "https://user:geheim@host" } } }""", "registry.url: found a login in the address")]
    [InlineData("""{ "Etl": { "MySql": { "ConnectionString": "Server=a;Colour=red" } } }""", "mySql.connectionString: Option 'colour' not supported")]
    [InlineData("""{ "Etl": { "Metadata": { "Store": "mysql" } } }""", "needs mySql.connectionString")]
    [InlineData("""{ "Etl": { "Steps": { "Breaker": { "FailuresMax": 1 } } } }""", "steps.breaker.failuresMax: 1 is outside 2 to 1,000")]
    [InlineData("""{ "Etl": { "Steps": { "Breaker": { "FirstPauseSeconds": 301 } } } }""", "steps.breaker.firstPauseSeconds: 301 is outside 1 to 300, its pauseMaxSeconds")]
    [InlineData("""{ "Etl": { "Steps": { "Breaker": { "PauseMaxSeconds": 3601 } } } }""", "steps.breaker.pauseMaxSeconds: 3601 is outside 1 to 3,600")]
    [InlineData("""{ "Etl": { "Steps": { "Breaker": { "Failures": 3 } } } }""", "Etl:Steps:Breaker:Failures: no such setting")]
    [InlineData("""{ "Etl": { "Steps": { "Retry": { "AttemptsMax": 0 } } } }""", "steps.retry.attemptsMax: 0 is outside 1 to 100")]
    [InlineData("""{ "Etl": { "Steps": { "Retry": { "FirstDelaySeconds": 901 } } } }""", "steps.retry.firstDelaySeconds: 901 is outside 1 to 900, its delayMaxSeconds")]
    [InlineData("""{ "Etl": { "Steps": { "Retry": { "DelayMaxSeconds": 86401 } } } }""", "steps.retry.delayMaxSeconds: 86401 is outside 1 to 86,400")]
    [InlineData("{ nonsense", "appsettings.json: ")]
    public void A_setting_that_is_not_good_is_one_line_that_names_it(string json, string named)
    {
        Write(json);
        string message = Should.Throw<UsageException>(() => SettingsReader.Read(_folder, null)).Message;
        message.ShouldContain(named);
        message.ShouldNotContain('\n');
    }

    [Fact]
    public void The_breaker_is_what_the_settings_say_and_by_default_what_it_is_without_them()
    {
        new BreakerSettings().Options.ShouldBe(new BreakerOptions());
        Write("""{ "Etl": { "Steps": { "Breaker": { "FailuresMax": 3, "FirstPauseSeconds": 1, "PauseMaxSeconds": 7 } } } }""");
        SettingsReader.Read(_folder, null).Steps.Breaker.Options.ShouldBe(new BreakerOptions { FailuresMax = 3, FirstPause = TimeSpan.FromSeconds(1), PauseMax = TimeSpan.FromSeconds(7) });
    }

    [Fact]
    public void Retries_are_what_the_settings_say_and_by_default_what_they_are_without_them()
    {
        new RetrySettings().Policy.ShouldBe(new RetryPolicy());
        Write("""{ "Etl": { "Steps": { "Retry": { "AttemptsMax": 3, "FirstDelaySeconds": 5, "DelayMaxSeconds": 60 } } } }""");
        SettingsReader.Read(_folder, null).Steps.Retry.Policy.ShouldBe(new RetryPolicy { AttemptsMax = 3, FirstDelay = TimeSpan.FromSeconds(5), DelayMax = TimeSpan.FromMinutes(1) });
    }

    [Theory]
    [InlineData("""{ "ContactPoints": "db1" }""", "cassandra.contactPoints: found \"db1\", expected host:port")]
    [InlineData("""{ "ContactPoints": "db1:0" }""", "cassandra.contactPoints: found \"db1:0\", expected host:port")]
    [InlineData("""{ "Keyspace": "1st" }""", "cassandra.keyspace: found \"1st\"")]
    [InlineData("""{ "ReplicationFactor": 0 }""", "cassandra.replicationFactor: 0 is outside 1 to 9")]
    [InlineData("""{ "User": "etl" }""", "found a user without a password, expected both or none")]
    [InlineData("""{ "ContactPoints": "localhost:9042,db1:9042", "User": "etl", "Password": "geheim" }""", "cassandra.password: would go readable to db1:9042")]
    [InlineData("""{ "CaFile": "/nowhere/ca.pem", "Tls": true }""", "cassandra.caFile: found /nowhere/ca.pem (")]
    [InlineData("""{ "ClientCertificateFile": "appsettings.json", "Tls": true }""", "cassandra.clientCertificateFile: found appsettings.json (")]
    [InlineData("""{ "ContactPoints": "db1:9042", "Datacenter": "x" }""", "Etl:Cassandra:Datacenter: no such setting")]
    public void Cassandra_is_reached_as_said_or_not_at_all(string part, string named)
    {
        Write($$"""{ "Etl": { "Cassandra": {{part}} } }""");
        string message = Should.Throw<UsageException>(() => SettingsReader.Read(_folder, null)).Message;
        message.ShouldContain(named);
        message.ShouldNotContain("geheim");
    }

    [Fact]
    public void Cassandra_is_none_by_default_and_takes_what_the_settings_say()
    {
        new CassandraSettings().IsSet.ShouldBeFalse();
        Write("""{ "Etl": { "Cassandra": { "ContactPoints": "[::1]:9042, 127.0.0.1:9043", "User": "etl", "Password": "geheim" } } }""");
        var cassandra = SettingsReader.Read(_folder, null).Cassandra;
        (cassandra.IsSet, cassandra.Password.Reveal(), cassandra.Keyspace).ShouldBe((true, "geheim", "analytics"));
        cassandra.Points.ShouldBe(["[::1]:9042", "127.0.0.1:9043"]);
        cassandra.Ssl.ShouldBeNull();
    }

    [Fact]
    public void All_that_is_not_good_is_told_at_once()
    {
        Write("""{ "Etl": { "Kafka": { "Partitions": 0, "Nope": 1, "RequestSeconds": "soon" }, "Land": { "Writers": 99 }, "MySql": { "PasswordFile": "/nowhere/password" } } }""");
        string message = Should.Throw<UsageException>(() => SettingsReader.Read(_folder, null)).Message;
        message.ShouldContain("5 are not good");
        message.Split('\n').Length.ShouldBe(6);
    }

    [Theory]
    [InlineData("Server=a;User ID=b;Password=c;d", "***")]
    [InlineData("Server=a;User ID=b;Password=geheim", "server=a;user id=b;password=***")]
    [InlineData("Server=a;Pwd=geheim", "server=a;pwd=***")]
    [InlineData("http://user:geheim@host:1/x", "http://user:***@host:1/x")]
    [InlineData("sasl.mechanism=OAUTHBEARER;sasl.oauthbearer.client.secret=geheim;sasl.oauthbearer.token.endpoint.url=https://a/token", "sasl.mechanism=OAUTHBEARER;sasl.oauthbearer.client.secret=***;sasl.oauthbearer.token.endpoint.url=https://a/token")]
    [InlineData("127.0.0.1:9092", "127.0.0.1:9092")]
    public void A_password_is_never_shown(string value, string shown) => SettingsTable.Shown(value).ShouldBe(shown);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string json) => File.WriteAllText(Path.Combine(_folder, SettingsReader.File), json);
}
