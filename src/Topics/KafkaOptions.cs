using Confluent.Kafka;

namespace Etl.Topics;

/// <summary>How to reach Kafka. The embedded broker is reached in just the same way.</summary>
public sealed record KafkaOptions
{
    /// <summary>host:port, several separated by commas.</summary>
    public required string BootstrapServers { get; init; }

    /// <summary>What the broker logs the client as, and the group under which landed positions are told to tools.</summary>
    public string ClientId { get; init; } = "etl";

    /// <summary>The longest wait for one answer, 1 s to 5 min.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest silence in the middle of a range of records known to be there, 1 s to 10 min; then it is an error.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Further settings of librdkafka by their names (<c>security.protocol</c>, <c>sasl.username</c>, …); they win over ours, and are those of <see cref="KafkaProperties.Allowed"/>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(BootstrapServers)) yield return "kafka.bootstrapServers: found nothing, expected host:port";
        if (RequestTimeout < TimeSpan.FromSeconds(1) || RequestTimeout > TimeSpan.FromMinutes(5)) yield return $"kafka.requestTimeout: {RequestTimeout} is outside 1 s to 5 min";
        if (StallTimeout < TimeSpan.FromSeconds(1) || StallTimeout > TimeSpan.FromMinutes(10)) yield return $"kafka.stallTimeout: {StallTimeout} is outside 1 s to 10 min";
        foreach (string fault in KafkaProperties.Faults(Settings)) yield return $"kafka.settings: {fault}";
    }

    internal TConfig Configure<TConfig>(TConfig config)
        where TConfig : ClientConfig
    {
        (config.BootstrapServers, config.ClientId) = (BootstrapServers, ClientId);
        foreach (var (name, value) in Settings) config.Set(name, value);
        return config;
    }
}
