using System.Text.RegularExpressions;
using Etl.Topics;

namespace Etl.Tests.Unit.Topics;

public sealed class KafkaPropertiesTests
{
    private const string Bearer = "security.protocol=SASL_SSL;sasl.mechanism=OAUTHBEARER;sasl.oauthbearer.method=oidc;sasl.oauthbearer.client.id=a;sasl.oauthbearer.client.secret=geheim";

    [Theory]
    [InlineData("")]
    [InlineData("security.protocol=ssl;ssl.ca.location=/etc/ca.pem")]
    [InlineData("security.protocol=SASL_SSL;sasl.mechanism=PLAIN;sasl.username=a;sasl.password=b")]
    [InlineData("security.protocol=SASL_SSL;sasl.mechanisms=SCRAM-SHA-256;sasl.username=a;sasl.password=b")]
    [InlineData("security.protocol=SASL_PLAINTEXT;sasl.mechanism=SCRAM-SHA-512;sasl.username=a;sasl.password=b")]
    [InlineData("security.protocol=SASL_SSL;sasl.mechanism=OAUTHBEARER;sasl.oauthbearer.method=oidc;sasl.oauthbearer.client.id=a;sasl.oauthbearer.client.secret=b;sasl.oauthbearer.token.endpoint.url=https://login/token")]
    public void A_usual_login_is_taken_by_us_and_by_librdkafka(string settings)
    {
        KafkaProperties.Faults(Parsed(settings)).ShouldBeEmpty();
        // A file that is not there is librdkafka's to refuse; names and words are ours.
        if (!settings.Contains("location", StringComparison.Ordinal)) Should.NotThrow(() => new TopicAdmin(new() { BootstrapServers = "127.0.0.1:1", Settings = Parsed(settings) }).Dispose());
    }

    [Theory]
    [InlineData("plugin.library.paths=/tmp/x.so", "found plugin.library.paths, which is not taken: it loads code")]
    [InlineData("sasl.kerberos.kinit.cmd=rm", "its command runs in a shell")]
    [InlineData("enable.idempotence=false", "records could be doubled")]
    [InlineData("acks=0", "records could be lost")]
    [InlineData("bootstrap.servers=a:1", "the addresses are Kafka:BootstrapServers")]
    [InlineData("securty.protocol=SSL", "found securty.protocol, expected one of security.protocol, ")]
    [InlineData("enable.ssl.certificate.verification=false", "found enable.ssl.certificate.verification=false, expected true")]
    [InlineData("ssl.endpoint.identification.algorithm=none", "expected https")]
    [InlineData("security.protocol=TLS", "found security.protocol=TLS, expected PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL")]
    [InlineData("security.protocol=SASL_SSL", "without sasl.mechanism, expected PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER")]
    [InlineData("security.protocol=SASL_SSL;sasl.mechanism=GSSAPI", "found sasl.mechanism=GSSAPI")]
    [InlineData("security.protocol=SASL_SSL;sasl.mechanism=PLAIN;sasl.username=a", "without sasl.password")]
    [InlineData("sasl.username=a", "found sasl.username beside security.protocol=PLAINTEXT")]
    [InlineData($"{Bearer};sasl.oauthbearer.token.endpoint.url=ftp://login/token", "found sasl.oauthbearer.token.endpoint.url=\"ftp://login/token\", expected https://host/path")]
    [InlineData($"{Bearer};sasl.oauthbearer.token.endpoint.url=https://etl:geheim@login/token", "found sasl.oauthbearer.token.endpoint.url=an address with a login in it, expected https://host/path")]
    [InlineData($"{Bearer};sasl.oauthbearer.token.endpoint.url=https://login/token;sasl.oauthbearer.extensions=team", "found \"team\" in sasl.oauthbearer.extensions, expected name=value,name=value")]
    public void What_is_unknown_dangerous_or_half_a_login_is_refused(string settings, string told)
    {
        string fault = KafkaProperties.Faults(Parsed(settings)).ShouldHaveSingleItem();
        fault.ShouldContain(told);
        fault.ShouldNotContain("geheim");
        new KafkaOptions { BootstrapServers = "a:1", Settings = Parsed(settings) }.Faults().ShouldHaveSingleItem().ShouldContain(told);
    }

    [Fact]
    public void All_that_an_OAuth_login_lacks_is_told_at_once()
    {
        string[] faults = [.. KafkaProperties.Faults(Parsed("security.protocol=SASL_SSL;sasl.mechanism=OAUTHBEARER;sasl.oauthbearer.method=default;sasl.oauthbearer.extensions=a"))];
        faults.Length.ShouldBe(5, string.Join('\n', faults));
        faults.ShouldContain(fault => fault.Contains("found sasl.oauthbearer.method=default, expected oidc", StringComparison.Ordinal));
        faults.ShouldContain(fault => fault.Contains("without sasl.oauthbearer.client.id", StringComparison.Ordinal));
        faults.ShouldContain(fault => fault.Contains("without sasl.oauthbearer.client.secret", StringComparison.Ordinal) && fault.EndsWith("; kafka.password gives it, too", StringComparison.Ordinal));
        faults.ShouldContain(fault => fault.Contains("without sasl.oauthbearer.token.endpoint.url", StringComparison.Ordinal));
        faults.ShouldContain(fault => fault.Contains("\"a\" in sasl.oauthbearer.extensions", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://login.example/token", true)]
    [InlineData("http://127.0.0.1:8080/token", false)]
    [InlineData("http://localhost/token", false)]
    [InlineData("https://login.example/token", false)]
    public void A_token_endpoint_that_is_readable_beyond_loopback_is_warned_of(string url, bool isWarned)
    {
        var settings = Parsed($"{Bearer};sasl.oauthbearer.token.endpoint.url={url}");
        KafkaProperties.Faults(settings).ShouldBeEmpty();
        string[] warnings = [.. KafkaProperties.Warnings(settings)];
        if (!isWarned) warnings.ShouldBeEmpty();
        else warnings.ShouldHaveSingleItem().ShouldContain("that go between here and login.example can be read on the way; expected https in sasl.oauthbearer.token.endpoint.url");
        warnings.ShouldAllBe(warning => !warning.Contains("geheim", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sasl_plaintext://127.0.0.1:23093/bootstrap: SASL authentication error: Authentication failed: Invalid username or password (after 301ms in state AUTH_REQ, 1 identical error(s) suppressed)", "SASL authentication error: Authentication failed: Invalid username or password")]
    [InlineData("ssl://a.example:1/2: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed (install ca-certificates package) (after 5ms in state SSL_HANDSHAKE)", "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed (install ca-certificates package)")]
    [InlineData("127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused (after 0ms in state CONNECT)", "Connect to ipv4#127.0.0.1:1 failed: Connection refused")]
    [InlineData("Failed to acquire SASL OAUTHBEARER token: {\"error\":\"invalid_client\"}", "Failed to acquire SASL OAUTHBEARER token: {\"error\":\"invalid_client\"}")]
    [InlineData("Local: Timed out", "Local: Timed out")]
    public void What_differs_each_time_is_taken_out_of_a_reason(string reason, string plain) => Refusal.Plain(reason).ShouldBe(plain);

    [Theory]
    [InlineData(1, 3, "", 1, "replication 3 needs as many brokers, and the cluster has 1. Declare replication 1")]
    [InlineData(0, 1, "", 1, "0 partitions were declared")]
    [InlineData(1, 0, "", 3, "replication 0 was declared")]
    [InlineData(1, 2, "3", 3, "min.insync.replicas 3 with replication 2 would refuse every record")]
    [InlineData(4, 3, "2", 3, null)]
    public void A_topic_that_the_cluster_cannot_hold_is_refused_with_the_reason(int partitions, short replication, string least, int brokers, string? told)
    {
        var topic = new TopicDeclaration("t", partitions, replication) { Settings = least.Length > 0 ? new Dictionary<string, string> { ["min.insync.replicas"] = least } : [] };
        if (told is null) topic.FaultOn(brokers).ShouldBeNull();
        else topic.FaultOn(brokers).ShouldNotBeNull().ShouldContain(told);
    }

    [Fact]
    public void The_guide_lists_what_is_taken()
    {
        string page = File.ReadAllText(SourceTree.PathOf("docs", "deploy.md"));
        string list = page[page.IndexOf("`security.protocol`,", StringComparison.Ordinal)..].Split("\n\n")[0];
        Regex.Matches(list, "`([a-z.]+\\.[a-z.]+)`").Select(match => match.Groups[1].Value).ShouldBe(KafkaProperties.Allowed);
    }

    private static Dictionary<string, string> Parsed(string text) => text.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
}
