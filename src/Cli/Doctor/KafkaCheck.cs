using Etl.Topics;

namespace Etl.Cli.Doctor;

/// <summary>Whether a Kafka cluster answers, and what it is.</summary>
/// <param name="embedded">How the embedded broker is served; null where one is configured.</param>
internal sealed class KafkaCheck(KafkaOptions kafka, string? embedded, TimeProvider clock) : ICheck
{
    private const string Setting = "Etl__Kafka__BootstrapServers";

    public string Name => "broker";

    /// <summary>Those that are up; 0 before the check, and where none answers.</summary>
    public int Brokers { get; private set; }

    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancel)
    {
        using var admin = new TopicAdmin(kafka);
        try
        {
            var cluster = await admin.ClusterAsync(cancel);
            int topics = (await admin.ListAsync(cancel)).Count;
            Brokers = cluster.Brokers;
            return [Finding.Ok(Name, $"{embedded ?? $"{kafka.BootstrapServers}, cluster {cluster.Id}, {cluster.Brokers:N0} broker{(cluster.Brokers == 1 ? "" : "s")}"}, {topics:N0} topic{(topics == 1 ? "" : "s")}")];
        }
        catch (TopicException away) when (away.IsTransient && away.Refusal is null) { return [await ExplainAsync(away, cancel)]; }
    }

    private async Task<Finding> ExplainAsync(TopicException away, CancellationToken cancel)
    {
        foreach (string address in kafka.BootstrapServers.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            if (await PortProbe.IsOpenAsync(address, clock, cancel))
                return Finding.Away(Name, $"something listens at {address}, but does not answer as Kafka{Why(away)}", $"a Kafka broker that speaks {kafka.Settings.GetValueOrDefault("security.protocol", "PLAINTEXT")}",
                    $"correct host and port in {Setting}, or TLS and login in Etl__Kafka__Client; if it is the broker, it hangs, or its advertised.listeners name hosts that cannot be reached from here");
        return Finding.Away(Name, $"nobody listens at {kafka.BootstrapServers}{Why(away)}", "a running Kafka broker", $"start it, or correct host and port in {Setting}");
    }

    private static string Why(TopicException away) => away.Silence is { } why ? $" ({why})" : "";
}
