namespace Etl.Topics;

/// <summary>Which of librdkafka's properties a user may set. The rest would let records be lost or doubled, run code, or switch a check off; so what is not listed is refused.</summary>
public static class KafkaProperties
{
    private const string Plain = "PLAIN", Scram256 = "SCRAM-SHA-256", Scram512 = "SCRAM-SHA-512";

    private const string TokenEndpoint = "sasl.oauthbearer.token.endpoint.url";

    internal const string Bearer = "OAUTHBEARER";

    /// <summary>Those that may be set.</summary>
    public static IReadOnlyList<string> Allowed { get; } =
    [
        "security.protocol", "sasl.mechanism", "sasl.mechanisms", "sasl.username", "sasl.password",
        "sasl.oauthbearer.method", "sasl.oauthbearer.client.id", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.scope", "sasl.oauthbearer.extensions", TokenEndpoint, "https.ca.location",
        "ssl.ca.location", "ssl.crl.location", "ssl.certificate.location", "ssl.key.location", "ssl.key.password", "ssl.keystore.location", "ssl.keystore.password", "ssl.cipher.suites", "ssl.curves.list", "ssl.sigalgs.list",
        "ssl.endpoint.identification.algorithm", "enable.ssl.certificate.verification",
        "client.rack", "client.dns.lookup", "broker.address.family", "broker.address.ttl", "connections.max.idle.ms", "metadata.max.age.ms", "topic.metadata.refresh.interval.ms",
        "reconnect.backoff.ms", "reconnect.backoff.max.ms", "retry.backoff.ms", "retry.backoff.max.ms", "socket.connection.setup.timeout.ms", "socket.keepalive.enable", "socket.nagle.disable", "socket.send.buffer.bytes", "socket.receive.buffer.bytes",
    ];

    /// <summary>Words a value must be one of; letter case does not count.</summary>
    private static readonly Dictionary<string, string[]> Words = new(StringComparer.Ordinal)
    {
        ["security.protocol"] = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"],
        ["sasl.mechanism"] = [Plain, Scram256, Scram512, Bearer],
        ["sasl.mechanisms"] = [Plain, Scram256, Scram512, Bearer],
        ["sasl.oauthbearer.method"] = ["oidc"],
        ["ssl.endpoint.identification.algorithm"] = ["https"], // none: any certificate of the authority would do for any host
        ["enable.ssl.certificate.verification"] = ["true"],
    };

    /// <summary>Why those that people try are not listed.</summary>
    private static readonly (string Start, string Reason)[] Refused =
    [
        ("bootstrap.servers", "the addresses are Kafka:BootstrapServers"), ("plugin.", "it loads code"), ("ssl.engine.", "it loads code"), ("ssl.providers", "it loads code"), ("sasl.kerberos.", "Kerberos is not supported, and its command runs in a shell"),
        ("enable.sasl.oauthbearer.unsecure.jwt", "anybody could make such tokens"), ("ssl.ca.pem", "name a file by ssl.ca.location"), ("ssl.key.pem", "name a file by ssl.key.location"), ("ssl.certificate.pem", "name a file by ssl.certificate.location"),
        ("acks", "records could be lost"), ("request.required.acks", "records could be lost"), ("enable.idempotence", "records could be doubled"), ("transactional.id", "producers here are idempotent, without transactions"), ("isolation.level", "aborted records could be landed"),
        ("enable.auto", "offsets are kept with the commits"), ("auto.offset.reset", "offsets are kept with the commits"), ("group.", "partitions are leased by the store"), ("debug", "its lines may hold passwords"),
    ];

    /// <summary>The mechanism that logs in; null where none is named.</summary>
    public static string? MechanismOf(IReadOnlyDictionary<string, string> settings) => (settings.GetValueOrDefault("sasl.mechanism") ?? settings.GetValueOrDefault("sasl.mechanisms"))?.ToUpperInvariant();

    /// <summary>The property that the mechanism's secret is given by.</summary>
    public static string SecretOf(IReadOnlyDictionary<string, string> settings) => MechanismOf(settings) == Bearer ? "sasl.oauthbearer.client.secret" : "sasl.password";

    /// <summary>Whether what is sent can be read on the way.</summary>
    public static bool IsReadable(IReadOnlyDictionary<string, string> settings) => ProtocolOf(settings) is "PLAINTEXT" or "SASL_PLAINTEXT";

    /// <summary>All that is wrong, without a value that may be secret; empty when nothing is.</summary>
    public static IEnumerable<string> Faults(IReadOnlyDictionary<string, string> settings)
    {
        foreach (var (name, value) in settings)
        {
            if (!Allowed.Contains(name)) yield return $"found {name}, {WhyNot(name)}";
            else if (Words.TryGetValue(name, out string[]? words) && !words.Contains(value, StringComparer.OrdinalIgnoreCase)) yield return $"found {name}={value}, expected {string.Join(", ", words)}";
        }
        bool isSasl = ProtocolOf(settings).StartsWith("SASL", StringComparison.Ordinal);
        string? mechanism = MechanismOf(settings);
        if (isSasl && mechanism is null) yield return $"found security.protocol={ProtocolOf(settings)} without sasl.mechanism, expected {string.Join(", ", Words["sasl.mechanism"])}";
        if (!isSasl && settings.Keys.FirstOrDefault(name => name.StartsWith("sasl.", StringComparison.Ordinal) && Allowed.Contains(name)) is { } login) yield return $"found {login} beside security.protocol={ProtocolOf(settings)}, which does not log in; expected SASL_SSL, or SASL_PLAINTEXT";
        string[] needed = !isSasl ? [] : mechanism switch
        {
            Plain or Scram256 or Scram512 => ["sasl.username", "sasl.password"],
            Bearer => ["sasl.oauthbearer.method", "sasl.oauthbearer.client.id", "sasl.oauthbearer.client.secret", TokenEndpoint],
            _ => [],
        };
        foreach (string name in needed.Where(name => settings.GetValueOrDefault(name) is not { Length: > 0 }))
            yield return $"found sasl.mechanism={mechanism} without {name}, expected {string.Join(", ", needed)}{(name == SecretOf(settings) ? "; kafka.password gives it, too" : "")}";
        if (settings.GetValueOrDefault(TokenEndpoint) is { Length: > 0 } url && !IsWebAddress(url, out _)) yield return $"found {TokenEndpoint}={Shown(url)}, expected https://host/path";
        foreach (string part in settings.GetValueOrDefault("sasl.oauthbearer.extensions", "").Split(',', StringSplitOptions.RemoveEmptyEntries).Where(part => part.IndexOf('=') < 1))
            yield return $"found \"{part}\" in sasl.oauthbearer.extensions, expected name=value,name=value";
    }

    /// <summary>What works, and lets others read what they should not; without a value that may be secret.</summary>
    public static IEnumerable<string> Warnings(IReadOnlyDictionary<string, string> settings)
    {
        if (MechanismOf(settings) == Bearer && settings.GetValueOrDefault(TokenEndpoint) is { } url && IsWebAddress(url, out var token) && token is { Scheme: "http", IsLoopback: false })
            yield return $"the client's secret and the tokens that go between here and {token.Host} can be read on the way; expected https in {TokenEndpoint} where the network is not closed to others";
    }

    private static bool IsWebAddress(string url, out Uri? address) => Uri.TryCreate(url, UriKind.Absolute, out address) && address.Scheme is "https" or "http" && address.UserInfo.Length == 0;

    /// <summary>An address without what may be a login in it.</summary>
    private static string Shown(string url) => url.Contains('@', StringComparison.Ordinal) ? "an address with a login in it" : $"\"{url}\"";

    private static string ProtocolOf(IReadOnlyDictionary<string, string> settings) => settings.GetValueOrDefault("security.protocol")?.ToUpperInvariant() ?? "PLAINTEXT";

    private static string WhyNot(string name) => Refused.FirstOrDefault(refused => name.StartsWith(refused.Start, StringComparison.Ordinal)).Reason is { } reason
        ? $"which is not taken: {reason}"
        : $"expected one of {string.Join(", ", Allowed)}";
}
