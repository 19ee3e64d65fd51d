using System.Security.Cryptography;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Etl.Topics;

namespace Etl.Tests.EndToEnd.Security;

/// <summary>An Apache Kafka with listeners that want a login, a login over TLS, or a client's certificate. The user etl may all, the user nobody nothing.</summary>
public sealed class SecureKafka : IAsyncLifetime
{
    public const string Password = "richtig-7";

    private const string Modules = "org.apache.kafka.common.security";

    private readonly string _folder = Directory.CreateTempSubdirectory("etl-secure-").FullName;
    private readonly RSA _tokenKey = RSA.Create(2048);
    private int[] _ports = [];
    private OwnServer? _server;

    internal TestCertificates Certificates => field ??= new(_folder);

    /// <summary>Where SASL is spoken without TLS: PLAIN, SCRAM-SHA-256, OAUTHBEARER.</summary>
    public string Login => Address(1);

    /// <summary>SASL over TLS: SCRAM-SHA-512.</summary>
    public string Secure => Address(2);

    /// <summary>TLS that asks for a client's certificate.</summary>
    public string Certified => Address(3);

    /// <param name="isTrusted">Whether Kafka knows the key that signs.</param>
    internal TokenEndpoint NewTokenEndpoint(bool isTrusted = true, bool isHttps = false) => new(isTrusted ? _tokenKey : RSA.Create(2048), isHttps ? Certificates.ServerCertificate : null);

    public async ValueTask InitializeAsync()
    {
        if (!OwnServer.CanStart) return;
        _ports = OwnServer.FreePorts(5);
        string keys = Path.Combine(_folder, "keys.json");
        await File.WriteAllTextAsync(keys, TokenEndpoint.KeySet(_tokenKey));
        string listeners = $"PLAINTEXT://{Own(0)},LOGIN://{Own(1)},SECURE://{Own(2)},CERTIFIED://{Own(3)}";
        string[] settings =
        [
            $"listeners={listeners},CONTROLLER://{Own(4)}", $"advertised.listeners={listeners}", $"controller.quorum.voters=1@{Own(4)}",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,LOGIN:SASL_PLAINTEXT,SECURE:SASL_SSL,CERTIFIED:SSL",
            "listener.name.login.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,OAUTHBEARER",
            $"listener.name.login.plain.sasl.jaas.config={Modules}.plain.PlainLoginModule required user_etl=\"{Password}\" user_nobody=\"{Password}\";",
            $"listener.name.login.scram-sha-256.sasl.jaas.config={Modules}.scram.ScramLoginModule required;",
            $"listener.name.login.oauthbearer.sasl.jaas.config={Modules}.oauthbearer.OAuthBearerLoginModule required;",
            $"listener.name.login.oauthbearer.sasl.server.callback.handler.class={Modules}.oauthbearer.OAuthBearerValidatorCallbackHandler",
            $"sasl.oauthbearer.jwks.endpoint.url=file://{keys}",
            "listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512",
            $"listener.name.secure.scram-sha-512.sasl.jaas.config={Modules}.scram.ScramLoginModule required;",
            "ssl.keystore.type=PEM", $"ssl.keystore.location={Certificates.ServerStore}", "ssl.truststore.type=PEM", $"ssl.truststore.location={Certificates.Authority}",
            "listener.name.certified.ssl.client.auth=required",
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer", $"super.users=User:ANONYMOUS;User:etl;User:{TestCertificates.ClientName}",
        ];
        _server = await OwnServer.KafkaAsync([("KAFKA_HEAP_OPTS", "-Xms128m -Xmx256m"), ("KAFKA_OPTS", $"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://{keys}")],
            ["--port", $"{_ports[0]}", .. settings.SelectMany(setting => (string[])["--set", setting])]);
        BundledLibrdkafka.Use();
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Own(0) }).Build();
        foreach (var mechanism in (ScramMechanism[])[ScramMechanism.ScramSha256, ScramMechanism.ScramSha512])
            await admin.AlterUserScramCredentialsAsync([new UserScramCredentialUpsertion { User = "etl", Password = System.Text.Encoding.UTF8.GetBytes(Password), ScramCredentialInfo = new() { Mechanism = mechanism, Iterations = 4096 } }]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        _tokenKey.Dispose();
    }

    private string Own(int port) => $"127.0.0.1:{_ports[port]}";

    private string Address(int port)
    {
        OwnServer.Demand(_server);
        return Own(port);
    }
}

/// <summary>Tests that share the one secure Kafka.</summary>
[CollectionDefinition(Name)]
public sealed class SecureKafkaCollection : ICollectionFixture<SecureKafka>
{
    public const string Name = "secure Kafka";
}
