using System.Text.RegularExpressions;

namespace Etl.Topics;

/// <summary>How Kafka turned this client away: what is found, what was expected, what to do. It holds no secret.</summary>
public sealed partial record Refusal(string Found, string Expected, string Remedy)
{
    private const string TokenPrefix = "Failed to acquire SASL OAUTHBEARER token: ";

    private const string Client = "Etl__Kafka__Client", Password = "Etl__Kafka__Password (or …PasswordFile)";

    /// <summary>Whether nobody has judged the client yet, so that it may be let in later as it is.</summary>
    public bool MayPass { get; private init; }

    public override string ToString() => $"{Found}; expected {Expected}: {Remedy}";

    /// <param name="reason">As librdkafka tells it of login, TLS, or a connection that was closed.</param>
    internal static Refusal Of(string reason, KafkaOptions kafka)
    {
        string why = Plain(reason), place = kafka.BootstrapServers;
        if (why.StartsWith(TokenPrefix, StringComparison.Ordinal)) return OfToken(why[TokenPrefix.Length..], kafka);
        string found = $"{place} does not let this client in ({why})";
        if (why.Contains("verif", StringComparison.OrdinalIgnoreCase) && why.Contains("certificate", StringComparison.OrdinalIgnoreCase))
            return new(found, "a broker's certificate of a trusted authority, with the host's name", $"name the authority's PEM file by ssl.ca.location in {Client}, or reach the broker by the name in its certificate");
        if (why.Contains(" alert ", StringComparison.Ordinal)) return new(found, "a client's certificate that the broker trusts", $"name certificate and key by ssl.certificate.location and ssl.key.location in {Client}");
        if (why.Contains("SSL", StringComparison.Ordinal)) return new(found, "TLS on both sides", $"correct security.protocol in {Client}, or the port");
        if (why.Contains("mechanism handshake failed", StringComparison.Ordinal)) return new(found, "a mechanism of the broker's", $"correct sasl.mechanism in {Client}");
        return KafkaProperties.MechanismOf(kafka.Settings) == KafkaProperties.Bearer
            ? new(found, "a token that the broker takes", $"correct sasl.oauthbearer.scope in {Client}; the broker's log says what is wrong with the token (signature, issuer, audience, time)")
            : new(found, "a login that it takes", $"correct sasl.username in {Client} and {Password}");
    }

    internal static Refusal NotAllowed(string reason) => new(
        $"the user may not do that ({reason})", "READ, WRITE, CREATE, DESCRIBE and DESCRIBE_CONFIGS on the topic",
        "kafka-acls.sh --add --allow-principal User:NAME --operation READ --operation WRITE --operation CREATE --operation DESCRIBE --operation DESCRIBE_CONFIGS --topic TOPIC");

    /// <summary>A line of librdkafka's without what differs each time: connection, milliseconds, how often.</summary>
    internal static string Plain(string reason) => Line().Match(reason.Trim()).Groups["why"].Value.TrimEnd('.');

    private static Refusal OfToken(string why, KafkaOptions kafka)
    {
        string endpoint = kafka.Settings.GetValueOrDefault("sasl.oauthbearer.token.endpoint.url", "");
        return new(
            $"no token for Kafka comes from {endpoint} ({why})", "a JWT by the client credentials grant",
            $"correct sasl.oauthbearer.token.endpoint.url, sasl.oauthbearer.client.id and sasl.oauthbearer.scope in {Client}, and {Password}")
        {
            MayPass = Unreached().IsMatch(why),
        };
    }

    [GeneratedRegex(@"^(?:[a-z_]+://)?(?:\S+:\d+/\S+: )?(?<why>.*?)(?: \(after [^()]*(?:\([^()]*\)[^()]*)*\))?$", RegexOptions.Singleline)]
    private static partial Regex Line();

    [GeneratedRegex("^(Failed to connect|Could not|Couldn't|Timeout|Timed out|Operation timed out|Connection)", RegexOptions.IgnoreCase)]
    private static partial Regex Unreached();
}
