using Etl.Cli.Settings;
using Etl.Contracts.Events;
using Etl.Tests.EndToEnd.Cli;

namespace Etl.Tests.EndToEnd.Security;

/// <summary>Events go in, are landed and published over each way that Kafka lets a client in.</summary>
[Collection(SecureKafkaCollection.Name)]
public sealed class KafkaLandingTests(SecureKafka kafka)
{
    [Fact]
    public async Task Events_are_landed_over_SASL_TLS_client_certificates_and_tokens()
    {
        using TokenEndpoint tokens = kafka.NewTokenEndpoint(), secureTokens = kafka.NewTokenEndpoint(isHttps: true);
        string files = $"ssl.ca.location={kafka.Certificates.Authority}";
        (string Address, string Client, string Password)[] ways =
        [
            (kafka.Login, "security.protocol=SASL_PLAINTEXT;sasl.mechanism=PLAIN;sasl.username=etl", SecureKafka.Password),
            (kafka.Login, "security.protocol=SASL_PLAINTEXT;sasl.mechanism=SCRAM-SHA-256;sasl.username=etl", SecureKafka.Password),
            (kafka.Secure, $"security.protocol=SASL_SSL;sasl.mechanism=SCRAM-SHA-512;sasl.username=etl;{files}", SecureKafka.Password),
            (kafka.Certified, $"security.protocol=SSL;{files};ssl.certificate.location={kafka.Certificates.Client};ssl.key.location={kafka.Certificates.ClientKey}", ""),
            (kafka.Login, $"{Bearer(tokens)};sasl.oauthbearer.scope=kafka;sasl.oauthbearer.extensions=team=blue,site=x", TokenEndpoint.Secret),
            (kafka.Login, $"{Bearer(secureTokens)};https.ca.location={kafka.Certificates.Authority}", TokenEndpoint.Secret),
        ];
        List<TruckTelemetry> sent = [];
        foreach (var (address, client, password) in ways)
        {
            var settings = new EtlSettings { Kafka = new() { BootstrapServers = address, Client = client, Password = password } };
            settings.Faults().ShouldBeEmpty();
            await using var world = await World.OpenAsync(settings);
            var events = World.Reports(World.Fleet(trucks: 1, hours: 0.2, startHour: ways.Length + sent.Count / 50, seed: sent.Count + 1));
            await world.ProduceAsync(events);
            sent.AddRange(events);
            await world.RunAsync();
            (await world.LandedAsync()).ShouldBe((sent.Count, 0), client);
        }
        foreach (var (head, body) in tokens.Requests)
        {
            head.ShouldStartWith("POST /token HTTP/1.1\r\n");
            body.ShouldBe("grant_type=client_credentials&scope=kafka");
        }
        tokens.Requests.ShouldNotBeEmpty();
        secureTokens.Requests.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task The_program_lists_topics_and_is_well_over_SASL_and_TLS()
    {
        using var etl = new EtlProcess();
        etl.UseFolder();
        etl.Environment["Etl__Kafka__BootstrapServers"] = kafka.Secure;
        etl.Environment["Etl__Kafka__Client"] = $"security.protocol=SASL_SSL;sasl.mechanism=SCRAM-SHA-512;sasl.username=etl;ssl.ca.location={kafka.Certificates.Authority}";
        string file = Path.Combine(etl.Folder, "password");
        await File.WriteAllTextAsync(file, SecureKafka.Password + "\n");
        etl.Environment["Etl__Kafka__PasswordFile"] = file;
        (await etl.RunAsync("topic", "create", "Secure-Topic", "--partitions", "2")).Code.ShouldBe(0);
        (await etl.RunAsync("topic", "list")).Output.ShouldContain("Secure-Topic");
        var doctor = await etl.RunAsync("doctor");
        doctor.Code.ShouldBe(0, doctor.Output);
        doctor.Output.ShouldMatch($"(?m)^OK +broker +{kafka.Secure}, cluster .*, 1 broker, ");
        var shown = await etl.RunAsync("config", "show");
        (doctor.Output + doctor.Errors + shown.Output).ShouldNotContain(SecureKafka.Password);
    }

    internal static string Bearer(TokenEndpoint tokens) =>
        $"security.protocol=SASL_PLAINTEXT;sasl.mechanism=OAUTHBEARER;sasl.oauthbearer.method=oidc;sasl.oauthbearer.client.id={TokenEndpoint.Client};sasl.oauthbearer.token.endpoint.url={tokens.Url}";
}
