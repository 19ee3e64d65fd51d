using Etl.Cli.Settings;

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
    [InlineData("""{ "Etl": { "Kafka": { "Partitions": "many" } } }""", "'many' at 'Etl:Kafka:Partitions'")]
    [InlineData("""{ "Etl": { "Metadata": { "Store": "mysql" } } }""", "needs mySql.connectionString")]
    [InlineData("{ nonsense", "appsettings.json: ")]
    public void A_setting_that_is_not_good_is_one_line_that_names_it(string json, string named)
    {
        Write(json);
        string message = Should.Throw<UsageException>(() => SettingsReader.Read(_folder, null)).Message;
        message.ShouldContain(named);
        message.ShouldNotContain('\n');
    }

    [Fact]
    public void All_that_is_not_good_is_told_at_once()
    {
        Write("""{ "Etl": { "Kafka": { "Partitions": 0, "Nope": 1 }, "Land": { "Writers": 99 } } }""");
        string message = Should.Throw<UsageException>(() => SettingsReader.Read(_folder, null)).Message;
        message.ShouldContain("3 are not good");
        message.Split('\n').Length.ShouldBe(4);
    }

    [Theory]
    [InlineData("Server=a;User ID=b;Password=c;d", "***")]
    [InlineData("Server=a;User ID=b;Password=geheim", "server=a;user id=b;password=***")]
    [InlineData("Server=a;Pwd=geheim", "server=a;pwd=***")]
    [InlineData("http://user:geheim@host:1/x", "http://user:***@host:1/x")]
    [InlineData("127.0.0.1:9092", "127.0.0.1:9092")]
    public void A_password_is_never_shown(string value, string shown) => SettingsTable.Shown(value).ShouldBe(shown);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string json) => File.WriteAllText(Path.Combine(_folder, SettingsReader.File), json);
}
