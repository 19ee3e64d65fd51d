using Etl.Cli.Settings;

namespace Etl.Tests.Unit.Cli.Settings;

/// <summary>What a container's environment says: the replaced pipelines' names, secrets by file, and what is warned of.</summary>
public sealed class SettingsEnvironmentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-secrets-").FullName;

    [Fact]
    public void The_replaced_pipelines_names_are_honoured_and_our_own_go_before_them()
    {
        var (settings, faults) = Inspect(("BASE_URL", "http://weather.example/v1"), ("HOURLY_DATA_TOPIC", "hours"), ("DAILY_DATA_TOPIC", "days"), ("HOURLY_SINK_TABLE", "hour_table"), ("DAILY_SINK_TABLE", "day_table"),
            ("CASSANDRA_KEYSPACE", "weather"), ("Etl__Weather__DailyTopic", "our_days"));
        faults.ShouldBeEmpty();
        var weather = settings.Weather;
        (weather.ForecastUrl, weather.HourlyTopic, weather.DailyTopic, weather.HourlyTable, weather.DailyTable, settings.Cassandra.Keyspace)
            .ShouldBe(("http://weather.example/v1", "hours", "our_days", "hour_table", "day_table", "weather"));
        foreach (var (_, path) in SettingsReader.Replaced) SettingsTable.All.ShouldContain(setting => setting.Path == path);
    }

    [Theory]
    [InlineData("geheim")]
    [InlineData("geheim\n")]
    [InlineData("geheim\r\n")]
    public void A_secret_comes_from_a_file_without_its_last_line_break(string content)
    {
        var (settings, faults) = Inspect(("Etl__MySql__ConnectionString", "Server=127.0.0.1;User ID=etl"), ("Etl__MySql__PasswordFile", Held(content)));
        faults.ShouldBeEmpty();
        settings.MySql.Password.Reveal().ShouldBe("geheim");
        settings.MySql.Complete.ShouldContain("Password=geheim");
        settings.MySql.ToString().ShouldNotContain("geheim");
    }

    [Fact]
    public void A_whole_connection_string_comes_from_a_file_too()
    {
        var (settings, faults) = Inspect(("Etl__MySql__ConnectionStringFile", Held("Server=db;User ID=etl;Password=geheim;SslMode=Required\n")));
        faults.ShouldBeEmpty();
        settings.MySql.Complete.ShouldBe("Server=db;User ID=etl;Password=geheim;SslMode=Required");
        settings.MySql.ConnectionString.ToString().ShouldBe("server=db;user id=etl;password=***;sslmode=Required");
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_empty_or_stands_beside_the_value_is_a_fault()
    {
        Inspect(("Etl__MySql__ConnectionString", "Server=db"), ("Etl__MySql__PasswordFile", Path.Combine(_folder, "none"))).Faults.ShouldHaveSingleItem().ShouldStartWith("Etl:MySql:PasswordFile: found ");
        Inspect(("Etl__MySql__ConnectionString", "Server=db"), ("Etl__MySql__PasswordFile", Held("\n"))).Faults.ShouldHaveSingleItem().ShouldContain("(empty)");
        Inspect(("Etl__MySql__ConnectionString", "Server=db"), ("Etl__MySql__Password", "a"), ("Etl__MySql__PasswordFile", Held("b"))).Faults.ShouldHaveSingleItem().ShouldContain("expected one of the two");
        Inspect(("Etl__MySql__ConnectionString", "Server=db"), ("Etl__MySql__PasswordFile", Held(new string('x', 70_000)))).Faults.ShouldHaveSingleItem().ShouldContain("70,000 bytes");
        Inspect(("Etl__Kafka__PartitionsFile", Held("8"))).Faults.ShouldHaveSingleItem().ShouldContain("no such setting"); // only secrets
        Inspect(("Etl__MySql__ConnectionString", "Server=db;Password=a"), ("Etl__MySql__Password", "geheim")).Faults.ShouldHaveSingleItem().ShouldNotContain("geheim");
    }

    [Fact]
    public void Kafkas_password_goes_where_the_mechanism_wants_it()
    {
        const string scram = "security.protocol=SASL_SSL;sasl.mechanism=SCRAM-SHA-512;sasl.username=etl";
        const string bearer = "security.protocol=SASL_SSL;sasl.mechanism=OAUTHBEARER;sasl.oauthbearer.method=oidc;sasl.oauthbearer.client.id=etl;sasl.oauthbearer.token.endpoint.url=https://login.example/token";
        Kafka(scram, "a;b=c").Settings.Kafka.ClientSettings["sasl.password"].ShouldBe("a;b=c");
        Kafka(bearer, "geheim").Settings.Kafka.ClientSettings["sasl.oauthbearer.client.secret"].ShouldBe("geheim");
        Kafka(scram, "a;b=c").Faults.Concat(Kafka(bearer, "geheim").Faults).ShouldBeEmpty();
        Kafka(scram, "").Faults.ShouldHaveSingleItem().ShouldContain("without sasl.password");
    }

    [Fact]
    public void A_password_cut_by_a_semicolon_is_not_repeated()
    {
        string fault = string.Join('\n', Kafka("security.protocol=SASL_SSL;sasl.mechanism=PLAIN;sasl.username=etl;sasl.password=ge;heim", "").Faults);
        fault.ShouldContain("found no = in part 5");
        fault.ShouldNotContain("heim");
        Inspect(("Etl__MySql__ConnectionString", "Server=db;Password=ge;heim=1")).Faults.ShouldHaveSingleItem().ShouldNotContain("heim");
    }

    [Fact]
    public void Plain_text_beyond_loopback_is_warned_of_for_every_server()
    {
        var far = Inspect(("Etl__Kafka__BootstrapServers", "localhost:9092,kafka:9092"), ("Etl__Registry__Url", "http://registry:8080"), ("Etl__MySql__ConnectionString", "Server=mysql;User ID=etl"), ("Etl__Cassandra__ContactPoints", "cassandra:9042"));
        far.Faults.ShouldBeEmpty();
        far.Settings.Warnings().Select(warning => warning.Split(' ')[0]).ShouldBe(["kafka:", "registry:", "mySql:", "cassandra:"]);
        Inspect(("Etl__Kafka__BootstrapServers", "localhost:9092,[::1]:9092"), ("Etl__Registry__Url", "http://127.0.0.1:8080"), ("Etl__MySql__ConnectionString", "Server=127.0.0.1"), ("Etl__Cassandra__ContactPoints", "127.0.0.2:9042"))
            .Settings.Warnings().ShouldBeEmpty();
        Inspect(("Etl__Kafka__BootstrapServers", "kafka:9092"), ("Etl__Kafka__Client", "security.protocol=ssl"), ("Etl__Registry__Url", "https://registry:8080"), ("Etl__MySql__ConnectionString", "Server=mysql;SslMode=VerifyFull"),
            ("Etl__Cassandra__ContactPoints", "cassandra:9042"), ("Etl__Cassandra__Tls", "true")).Settings.Warnings().ShouldBeEmpty();
        new EtlSettings().Warnings().ShouldBeEmpty();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static (EtlSettings Settings, IReadOnlyList<string> Faults) Kafka(string client, string password) => Inspect(("Etl__Kafka__BootstrapServers", "kafka:9092"), ("Etl__Kafka__Client", client), ("Etl__Kafka__Password", password));

    private static (EtlSettings Settings, IReadOnlyList<string> Faults) Inspect(params (string Name, string Value)[] environment) => SettingsReader.Inspect(environment.ToDictionary(pair => pair.Name, pair => pair.Value));

    private string Held(string content)
    {
        string file = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        File.WriteAllText(file, content);
        return file;
    }
}
