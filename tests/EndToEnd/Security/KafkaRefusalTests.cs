using System.Diagnostics;
using Etl.Tests.EndToEnd.Cli;

namespace Etl.Tests.EndToEnd.Security;

/// <summary>Who is not let in is told why, in one line, soon, and without a secret.</summary>
[Collection(SecureKafkaCollection.Name)]
public sealed class KafkaRefusalTests(SecureKafka kafka) : IDisposable
{
    private const string Wrong = "falsch-7";

    private readonly EtlProcess _etl = new() { Environment = { ["Etl__Kafka__RequestSeconds"] = "20" } };

    [Theory]
    [InlineData("PLAIN", "Authentication failed: Invalid username or password")]
    [InlineData("SCRAM-SHA-256", "invalid credentials with SASL mechanism SCRAM-SHA-256")]
    public async Task A_wrong_password_is_a_fault_of_the_settings_that_is_told_before_the_time_is_out(string mechanism, string reason)
    {
        Use(kafka.Login, $"security.protocol=SASL_PLAINTEXT;sasl.mechanism={mechanism};sasl.username=etl", Wrong);
        string line = await LineAsync(2);
        line.ShouldStartWith($"etl: listing topics: {kafka.Login} does not let this client in (SASL authentication error: ");
        line.ShouldContain(reason);
        line.ShouldEndWith("; expected a login that it takes: correct sasl.username in Etl__Kafka__Client and Etl__Kafka__Password (or …PasswordFile)");
    }

    [Fact]
    public async Task A_mechanism_that_the_broker_does_not_offer_is_told_with_those_it_does()
    {
        Use(kafka.Login, "security.protocol=SASL_PLAINTEXT;sasl.mechanism=SCRAM-SHA-512;sasl.username=etl", SecureKafka.Password);
        string line = await LineAsync(2);
        line.ShouldContain("broker's supported mechanisms: PLAIN,SCRAM-SHA-256,OAUTHBEARER");
        line.ShouldEndWith("correct sasl.mechanism in Etl__Kafka__Client");
    }

    [Fact]
    public async Task A_broker_whose_authority_is_not_trusted_is_not_spoken_to()
    {
        Use(kafka.Secure, "security.protocol=SASL_SSL;sasl.mechanism=SCRAM-SHA-512;sasl.username=etl", SecureKafka.Password);
        string line = await LineAsync(2);
        line.ShouldContain("certificate verify failed");
        line.ShouldContain("name the authority's PEM file by ssl.ca.location in Etl__Kafka__Client");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_without_certificate_or_login_is_told_what_may_be_wrong(bool isTls)
    {
        _etl.Environment["Etl__Kafka__RequestSeconds"] = "2"; // the broker only hangs up, as one does that is away
        Use(isTls ? kafka.Certified : kafka.Login, isTls ? $"security.protocol=SSL;ssl.ca.location={kafka.Certificates.Authority}" : "", "");
        string line = await LineAsync(isTls ? 2 : 6);
        line.ShouldContain(isTls ? "ssl.certificate.location" : "security.protocol");
    }

    [Fact]
    public async Task A_user_without_rights_on_a_topic_is_told_which_are_needed()
    {
        Use(kafka.Login, "security.protocol=SASL_PLAINTEXT;sasl.mechanism=PLAIN;sasl.username=nobody", SecureKafka.Password);
        string line = (await _etl.RunAsync("topic", "create", "Truck-Data")).OneLine(2);
        line.ShouldContain("the user may not do that (Broker: Topic authorization failed); expected READ, WRITE, CREATE, DESCRIBE and DESCRIBE_CONFIGS on the topic: kafka-acls.sh --add");
        _etl.UseFolder();
        var report = await DoctorReport.OfAsync(_etl, 1);
        report.ShouldTell("broker", "ok", kafka.Login);
        report.ShouldTell("topic Truck-Data", "fail", "the user may not do that (Broker: Topic authorization failed)", "READ, WRITE, CREATE, DESCRIBE", "kafka-acls.sh --add");
    }

    [Fact]
    public async Task Doctor_tells_a_wrong_password_and_an_unknown_authority_with_what_to_do()
    {
        _etl.UseFolder();
        Use(kafka.Login, "security.protocol=SASL_PLAINTEXT;sasl.mechanism=PLAIN;sasl.username=etl", Wrong);
        var report = await DoctorReport.OfAsync(_etl, 1);
        report.ShouldTell("broker", "fail", $"{kafka.Login} does not let this client in (SASL authentication error: Authentication failed: Invalid username or password)", "a login that it takes", "Etl__Kafka__Password");
        report.Text.ShouldNotContain(Wrong);
        Use(kafka.Secure, "security.protocol=SASL_SSL;sasl.mechanism=SCRAM-SHA-512;sasl.username=etl", SecureKafka.Password);
        (await DoctorReport.OfAsync(_etl, 1)).ShouldTell("broker", "fail", "certificate verify failed", "a broker's certificate of a trusted authority", "ssl.ca.location");
    }

    [Fact]
    public async Task A_client_that_the_token_endpoint_refuses_is_told_by_its_words()
    {
        using var tokens = kafka.NewTokenEndpoint();
        Use(kafka.Login, KafkaLandingTests.Bearer(tokens), Wrong);
        string line = await LineAsync(2);
        line.ShouldContain($"no token for Kafka comes from {tokens.Url}");
        line.ShouldContain("no such client, or another secret");
        line.ShouldEndWith("and Etl__Kafka__Password (or …PasswordFile)");
        tokens.Requests.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_token_that_Kafka_does_not_take_and_an_endpoint_that_is_away_are_two_things()
    {
        using (var forged = kafka.NewTokenEndpoint(isTrusted: false))
        {
            Use(kafka.Login, KafkaLandingTests.Bearer(forged), TokenEndpoint.Secret);
            string line = await LineAsync(2);
            line.ShouldContain("invalid_token");
            line.ShouldContain("the broker's log says what is wrong with the token");
        }
        _etl.Environment["Etl__Kafka__Client"] = _etl.Environment["Etl__Kafka__Client"].Split("sasl.oauthbearer.token")[0] + "sasl.oauthbearer.token.endpoint.url=http://127.0.0.1:1/token";
        (await LineAsync(6)).ShouldContain("no token for Kafka comes from http://127.0.0.1:1/token (Failed to connect");
    }

    public void Dispose() => _etl.Dispose();

    private void Use(string address, string client, string password)
    {
        (_etl.Environment["Etl__Kafka__BootstrapServers"], _etl.Environment["Etl__Kafka__Client"]) = (address, client);
        if (password.Length > 0) _etl.Environment["Etl__Kafka__Password"] = password;
    }

    private async Task<string> LineAsync(int code)
    {
        var watch = Stopwatch.StartNew();
        string line = (await _etl.RunAsync("topic", "list")).OneLine(code);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15)); // 1.5 s on an idle machine; the time for an answer is 20 s
        foreach (string secret in (string[])[Wrong, SecureKafka.Password, TokenEndpoint.Secret]) line.ShouldNotContain(secret);
        return line;
    }
}
