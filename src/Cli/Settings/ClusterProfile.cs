namespace Etl.Cli.Settings;

/// <summary><c>--profile cluster</c>: Kafka, registry, MySQL (store and sink) and Cassandra instead of the embedded default, at the addresses that are configured, else at those that the test servers' scripts have set.</summary>
internal static class ClusterProfile
{
    public const string Name = "cluster";

    /// <summary>Where nothing else is said: another folder than the embedded default's, whose store is another one.</summary>
    public const string Data = "./etl-data-cluster";

    /// <param name="variable">Reads a variable of the environment.</param>
    /// <exception cref="UsageException">An address is missing; all that are, are named.</exception>
    public static EtlSettings Of(EtlSettings settings, Func<string, string?> variable)
    {
        string Found(string set, string name) => set.Length > 0 ? set : variable(name) ?? "";
        var (kafka, registry, cassandra) = (Found(settings.Kafka.BootstrapServers, "ETL_TEST_KAFKA"), Found(settings.Registry.Url, "ETL_TEST_REGISTRY"), Found(settings.Cassandra.ContactPoints, "ETL_TEST_CASSANDRA"));
        string mysql = Found(settings.MySql.ConnectionString.Reveal(), "ETL_TEST_MYSQL");
        string[] missing = [.. new[] { (kafka, "Etl__Kafka__BootstrapServers"), (registry, "Etl__Registry__Url"), (mysql, "Etl__MySql__ConnectionString"), (cassandra, "Etl__Cassandra__ContactPoints") }.Where(pair => pair.Item1.Length == 0).Select(pair => pair.Item2)];
        if (missing.Length > 0) throw new UsageException($"--profile {Name}: found no address for {string.Join(", ", missing)}; set them in the environment or in {SettingsReader.File}, or start the servers of docker-compose.yml");
        var cluster = settings with
        {
            Data = settings.Data == new EtlSettings().Data ? Data : settings.Data,
            Kafka = settings.Kafka with { BootstrapServers = kafka },
            Registry = settings.Registry with { Url = registry },
            MySql = settings.MySql with { ConnectionString = mysql },
            Metadata = settings.Metadata with { Store = "mysql" },
            Cassandra = settings.Cassandra with { ContactPoints = cassandra },
        };
        return cluster.Faults() is [] ? cluster : throw new UsageException($"--profile {Name}: {string.Join("; ", cluster.Faults())}");
    }
}
