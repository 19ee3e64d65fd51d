using System.ComponentModel;
using Etl.Topics;

namespace Etl.Cli.Settings;

/// <summary>Where topics live.</summary>
public sealed record KafkaSettings
{
    private string[] Pairs => Client.Reveal().Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private string[] Servers => BootstrapServers.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What <see cref="Client"/> and <see cref="Password"/> say, by librdkafka's names; the last of one name counts.</summary>
    internal IReadOnlyDictionary<string, string> ClientSettings
    {
        get
        {
            var all = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (string[] pair in Pairs.Select(pair => pair.Split('=', 2, StringSplitOptions.TrimEntries)).Where(pair => pair.Length == 2)) all[pair[0]] = pair[1];
            if (Password.IsSet) all[KafkaProperties.SecretOf(all)] = Password.Reveal();
            return all;
        }
    }

    [Description("host:port[,host:port…]; empty: the embedded broker.")]
    public string BootstrapServers { get; init; } = "";

    [Description("TLS and login by librdkafka's names, name=value;name=value, e.g. security.protocol=SASL_SSL;sasl.mechanism=SCRAM-SHA-512;sasl.username=etl; the list that is taken stands in docs/deploy.md.")]
    public SecretPairs Client { get; init; } = SecretPairs.None;

    [Description("Password of Client's sasl.username, or the client's secret where sasl.mechanism is OAUTHBEARER.")]
    public Secret Password { get; init; } = Secret.None;

    [Description("Port of the embedded broker on loopback, 0 to 65535; 0 for any free one.")]
    public int EmbeddedPort { get; init; }

    [Description("Longest wait for one answer of the broker or the registry, in seconds, 1 to 300.")]
    public int RequestSeconds { get; init; } = 10;

    [Description("Partitions of topics made by this program, 1 to 1,000.")]
    public int Partitions { get; init; } = 4;

    [Description("Copies of each partition of topics made by this program, 1 to 9; no more than the cluster has brokers.")]
    public int Replication { get; init; } = 1;

    public IEnumerable<string> Faults()
    {
        if (EmbeddedPort is < 0 or > 65535) yield return $"kafka.embeddedPort: {EmbeddedPort} is outside 0 to 65535";
        if (RequestSeconds is < 1 or > 300) yield return $"kafka.requestSeconds: {RequestSeconds} is outside 1 to 300";
        if (Partitions is < 1 or > 1_000) yield return $"kafka.partitions: {Partitions} is outside 1 to 1,000";
        if (Replication is < 1 or > 9) yield return $"kafka.replication: {Replication} is outside 1 to 9";
        else if (Replication > 1 && Servers.Length == 0) yield return $"kafka.replication: found {Replication} with the embedded broker, which is one; expected 1, or kafka.bootstrapServers";
        foreach (string server in Servers.Where(server => !Endpoint.TryParse(server, out _))) yield return $"kafka.bootstrapServers: found \"{server}\", expected host:port";
        int number = 0;
        foreach (string pair in Pairs)
        {
            number++;
            if (pair.IndexOf('=') < 1) yield return $"kafka.client: found no = in part {number}, expected name=value;name=value; a password with ; in it belongs in kafka.password"; // it may be a piece of one
        }
        foreach (string fault in KafkaProperties.Faults(ClientSettings)) yield return $"kafka.client: {fault}";
    }

    public IEnumerable<string> Warnings()
    {
        if (Servers.FirstOrDefault(server => !Endpoint.IsLoopback(server)) is { } far && KafkaProperties.IsReadable(ClientSettings))
            yield return $"kafka: what goes to {far} can be read on the way{(ClientSettings.Keys.Any(name => name.StartsWith("sasl.", StringComparison.Ordinal)) ? ", login too" : "")}; set security.protocol=SSL or SASL_SSL in Etl__Kafka__Client where the network is not closed to others";
        foreach (string warning in KafkaProperties.Warnings(ClientSettings)) yield return $"kafka.client: {warning}";
    }
}
