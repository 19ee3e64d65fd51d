using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Etl.Embedded.Broker;
using Etl.Topics;
using MySqlConnector;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>Faults that were made on purpose: each is named with what was expected and what to do, whatever else is wrong.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly EtlProcess _etl = new() { Environment = { ["Etl__Kafka__RequestSeconds"] = "1" } };

    public DoctorTests() => _etl.UseFolder();

    [Fact]
    public async Task Servers_that_are_away_are_all_told_in_one_call_and_in_seconds()
    {
        UseServersAt("127.0.0.1:1");
        var watch = Stopwatch.StartNew();
        var report = await ReportAsync(6);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20)); // 3 s on an idle machine
        report.ShouldTell("broker", "fail", "nobody listens at 127.0.0.1:1", "a running Kafka broker", "Etl__Kafka__BootstrapServers");
        report.ShouldTell("registry", "fail", "no answer at http://127.0.0.1:1", "a running Confluent-compatible registry", "Etl__Registry__Url");
        report.ShouldTell("mysql", "fail", "nobody answers at root@127.0.0.1:1", "a running MySQL or MariaDB", "Etl__MySql__ConnectionString");
        report.ShouldTell("cassandra", "fail", "no node answers at 127.0.0.1:1", "a running Cassandra node", "Etl__Cassandra__ContactPoints");
        report.Of("data folder").GetProperty("health").GetString().ShouldBe("ok");
        report.Of("slots").GetProperty("health").GetString().ShouldBe("ok"); // what does not hang on them is looked at
        report.Text.ShouldNotContain("geheim");
    }

    [Fact]
    public async Task A_server_of_another_kind_at_the_port_is_told_as_such()
    {
        using var page = new LoopbackListener(AnswerPageAsync);
        UseServersAt($"127.0.0.1:{page.Port}");
        var report = await ReportAsync(6);
        report.ShouldTell("broker", "fail", $"something listens at 127.0.0.1:{page.Port}, but does not answer as Kafka", "PLAINTEXT", "correct host and port");
        report.ShouldTell("registry", "fail", "text/html: \"<html>", "JSON of a Confluent-compatible registry", "correct Etl__Registry__Url");
        report.ShouldTell("mysql", "fail", "but does not answer as MySQL", "MySQL or MariaDB", "correct Server, Port");
        report.ShouldTell("cassandra", "fail", $"something listens at 127.0.0.1:{page.Port}, but does not answer as Cassandra", "a Cassandra node", "Etl__Cassandra__ContactPoints");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_to_hides_no_server()
    {
        using var disk = SmallDisk.Mount("size=1m");
        File.Create(Path.Combine(disk.Folder, "lock")).Dispose();
        disk.ReadOnly();
        UseServersAt("127.0.0.1:1");
        var report = await ReportAsync(6, "--data", disk.Folder);
        report.Of("data folder").GetProperty("found").GetString().ShouldNotBeNull().ShouldContain("expected a folder that can be written to");
        report.Of("data folder").GetProperty("found").GetString().ShouldNotBeNull().ShouldContain("--data DIR");
        report.Of("mysql").GetProperty("health").GetString().ShouldBe("fail");
    }

    [Fact]
    public async Task Topics_that_are_missing_or_smaller_or_forget_too_soon_are_told()
    {
        string folder = Directory.CreateTempSubdirectory("etl-doctor-").FullName;
        await using (var broker = await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = folder }, TimeProvider.System, TestContext.Current.CancellationToken))
        {
            var kafka = new KafkaOptions { BootstrapServers = broker.Endpoint };
            await MakeAsync(kafka, new("Doctor-Hours", 3));
            await MakeAsync(kafka, new("Doctor-Days", 4) { Settings = new Dictionary<string, string> { ["retention.ms"] = "1" } });
            using (var producer = await TopicProducer.OpenAsync(kafka, "Doctor-Days", new(), TestContext.Current.CancellationToken))
            {
                for (int record = 0; record < 7; record++) producer.Send("k"u8, "v"u8);
                await producer.FlushAsync(TestContext.Current.CancellationToken);
            }
            _etl.Environment["Etl__Kafka__BootstrapServers"] = broker.Endpoint;
            _etl.Environment["HOURLY_DATA_TOPIC"] = "Doctor-Hours";
            _etl.Environment["DAILY_DATA_TOPIC"] = "Doctor-Days";
            var report = await ReportAsync(1);
            report.ShouldTell("topic Doctor-Hours", "warn", "3 partitions", "4, as Etl__Kafka__Partitions says", "set that to 3");
            report.ShouldTell("retention Doctor-Days", "fail", "7 of 7 unread records are older than records are kept for", "younger", "`etl topic lag Doctor-Days`");
            report.Of("topic Truck-Data").GetProperty("remedy").GetString().ShouldNotBeNull().ShouldContain("`etl topic create Truck-Data`");
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_compacted_topic_on_Kafka_is_told()
    {
        var kafka = new KafkaOptions { BootstrapServers = RealServers.Kafka };
        string topic = $"doctor-{Guid.NewGuid():N}";
        await MakeAsync(kafka, new(topic, 4) { Settings = new Dictionary<string, string> { ["cleanup.policy"] = "compact", ["min.insync.replicas"] = "1" } });
        try
        {
            (_etl.Environment["Etl__Kafka__BootstrapServers"], _etl.Environment["HOURLY_DATA_TOPIC"]) = (kafka.BootstrapServers, topic);
            var report = await ReportAsync(1);
            report.ShouldTell($"topic {topic}", "fail", "cleanup.policy is compact", "delete", "kafka-configs.sh --alter");
            report.Of("broker").GetProperty("found").GetString().ShouldNotBeNull().ShouldContain("1 broker, ");
        }
        finally
        {
            using var admin = new TopicAdmin(kafka);
            await admin.DeleteAsync(topic, CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_MySQL_user_that_may_too_little_and_a_wrong_password_are_told()
    {
        await using var database = RealServers.NewDatabase();
        string user = database.Name[..20];
        await using var root = new MySqlConnection(RealServers.MySql);
        await root.OpenAsync(TestContext.Current.CancellationToken);
        await RunAsync(root, $"create user '{user}'@'%' identified by 'richtig'; grant select, insert on `{database.Name}`.* to '{user}'@'%'");
        try
        {
            _etl.Environment["Etl__MySql__Database"] = database.Name;
            _etl.Environment["Etl__MySql__ConnectionString"] = new MySqlConnectionStringBuilder(RealServers.MySql) { UserID = user, Password = "richtig" }.ConnectionString;
            var report = await ReportAsync(1);
            report.ShouldTell("mysql privileges", "fail", $"on {database.Name} the user lacks UPDATE, DELETE, CREATE, ALTER", "SELECT, INSERT, UPDATE", $"on `{database.Name}`.* to the user");
            report.Of("mysql").GetProperty("health").GetString().ShouldBe("ok");
            report.Of("mysql clock").GetProperty("health").GetString().ShouldBe("ok");
            _etl.Environment["Etl__MySql__ConnectionString"] = new MySqlConnectionStringBuilder(RealServers.MySql) { UserID = user, Password = "geheim" }.ConnectionString;
            report = await ReportAsync(1);
            report.ShouldTell("mysql", "fail", "refused the user or the password", "a login that it takes", "Etl__MySql__Password");
            report.Text.ShouldNotContain("geheim");
        }
        finally { await RunAsync(root, $"drop user '{user}'@'%'"); }
    }

    [Fact]
    public async Task A_keyspace_of_Cassandra_that_is_missing_is_told()
    {
        string? server = Environment.GetEnvironmentVariable("ETL_TEST_CASSANDRA");
        Assert.SkipWhen(string.IsNullOrEmpty(server), "ETL_TEST_CASSANDRA is not set: expected host:port of a Cassandra");
        (_etl.Environment["Etl__Cassandra__ContactPoints"], _etl.Environment["Etl__Cassandra__Keyspace"]) = (server!, "doctor_of_nothing");
        var report = await ReportAsync(0);
        report.Of("cassandra").GetProperty("found").GetString().ShouldNotBeNull().ShouldContain("Cassandra 5");
        report.Of("cassandra keyspace").GetProperty("found").GetString().ShouldBe("doctor_of_nothing is not there yet");
        report.Of("cassandra keyspace").GetProperty("remedy").GetString().ShouldNotBeNull().ShouldContain("Etl__Cassandra__Keyspace");
        report.Of("cassandra nodes").GetProperty("health").GetString().ShouldBe("ok");
        report.Of("cassandra clock").GetProperty("health").GetString().ShouldBe("ok");
    }

    public void Dispose() => _etl.Dispose();

    private void UseServersAt(string address)
    {
        _etl.Environment["Etl__Kafka__BootstrapServers"] = address;
        _etl.Environment["Etl__Registry__Url"] = $"http://{address}";
        _etl.Environment["Etl__MySql__ConnectionString"] = $"Server=127.0.0.1;Port={address.Split(':')[1]};User ID=root;Password=geheim;SslMode=Disabled";
        _etl.Environment["Etl__Cassandra__ContactPoints"] = address;
    }

    private Task<DoctorReport> ReportAsync(int code, params string[] more) => DoctorReport.OfAsync(_etl, code, more);

    private static async Task MakeAsync(KafkaOptions kafka, TopicDeclaration topic)
    {
        using var admin = new TopicAdmin(kafka);
        await admin.EnsureAsync(topic, TestContext.Current.CancellationToken);
    }

    private static async Task RunAsync(MySqlConnection connection, string sql)
    {
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Answers whatever is asked with a page.</summary>
    private static async Task AnswerPageAsync(NetworkStream stream, CancellationToken stop)
    {
        if (await stream.ReadAsync(new byte[4096], stop) == 0) return;
        await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 27\r\nConnection: close\r\n\r\n<html><h1>Hello</h1></html>"), stop);
    }
}
