using Etl.Cli.Settings;
using Etl.Jobs.Trucks;
using Etl.Topics;
using MySqlConnector;

namespace Etl.Tests.EndToEnd;

/// <summary>Kafka, a registry and MySQL or MariaDB, where the environment names them. The trucks' topic has one name, so its tests take turns.</summary>
internal static class RealServers
{
    /// <summary>Tests of this collection run one after the other.</summary>
    public const string Collection = "real servers";

    public static string Kafka => Named("ETL_TEST_KAFKA", "host:port of a Kafka broker");

    public static string Registry => Named("ETL_TEST_REGISTRY", "the address of a Confluent-compatible registry");

    public static string MySql => Named("ETL_TEST_MYSQL", "a connection string of MySQL or MariaDB, without a database");

    public static string Cassandra => Named("ETL_TEST_CASSANDRA", "host:port of a Cassandra node");

    /// <summary>A database of its own; skips the test where there is no server.</summary>
    public static OwnDatabase NewDatabase() => new(MySql);

    /// <summary>Takes out the trucks' topic and its subject, so that a test begins with none.</summary>
    public static async Task ForgetTrucksAsync()
    {
        using (var admin = new TopicAdmin(new KafkaOptions { BootstrapServers = Kafka }))
        {
            await admin.DeleteAsync(TrucksDag.Topic, CancellationToken.None);
            while (await admin.FindAsync(TrucksDag.Topic, CancellationToken.None) is not null) await Task.Delay(100, TestContext.Current.CancellationToken); // a cluster takes its time
        }
        using var registry = new HttpClient();
        string subject = $"{Registry.TrimEnd('/')}/subjects/{TopicSchemas.SubjectOf(TrucksDag.Topic)}";
        foreach (string address in (string[])[subject, $"{subject}?permanent=true"]) (await registry.DeleteAsync(address)).Dispose(); // 404 where there is none
    }

    public static EtlSettings Settings(OwnDatabase database) => new()
    {
        Kafka = new() { BootstrapServers = Kafka },
        Registry = new() { Url = Registry },
        Metadata = new() { Store = "mysql", Database = $"{database.Name}_store" },
        MySql = new() { ConnectionString = MySql, Database = database.Name },
    };

    private static string Named(string variable, string expected)
    {
        string? value = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(value)) Assert.Skip($"{variable} is not set: expected {expected}");
        return value!;
    }
}

/// <summary>A database's name that nobody else uses; it and the one for the store beside it are dropped at the end.</summary>
internal sealed class OwnDatabase(string server) : IAsyncDisposable
{
    public string Name { get; } = $"etl_e2e_{Guid.NewGuid():N}";

    public async ValueTask DisposeAsync()
    {
        await using var connection = new MySqlConnection(server);
        await connection.OpenAsync();
        await using var drop = new MySqlCommand($"drop database if exists {Name}; drop database if exists {Name}_store", connection);
        await drop.ExecuteNonQueryAsync();
    }
}
