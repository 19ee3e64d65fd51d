using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Tests.Conformance.Sinks.Cassandra.Cql;

/// <summary>Logins and TLS against servers that insist on them.</summary>
[Trait("needs", "cassandra")]
public sealed class CqlSecurityTests
{
    private const int RequestsPerSecond = 100;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_wants_login_and_certificate_takes_who_has_both_and_tells_others_why_not()
    {
        await using var server = await OwnServer.CassandraAsync("--auth", "--mtls", "--set", "native_transport_rate_limiting_enabled=true", "--set", $"native_transport_max_requests_per_second={RequestsPerSecond}");
        string tls = Path.Combine(server.Folder, "tls");
        X509Certificate2 root = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(tls, "server.crt")), own = X509CertificateLoader.LoadPkcs12FromFile(Path.Combine(tls, "client.p12"), "cassandra");
        var known = new SslOptions { TrustedCertificates = [root], ClientCertificates = [own] };
        foreach (var version in (ProtocolVersion[])[ProtocolVersion.V4, ProtocolVersion.V5])
        {
            await using var cluster = Builder(server).WithSSL(known).WithCredentials("cassandra", "cassandra").WithMaxProtocolVersion(version).Build();
            await using var session = await cluster.ConnectAsync(Cancel);
            (await session.ExecuteAsync(new SimpleStatement("SELECT role FROM system_auth.roles"), Cancel)).Rows.ShouldNotBeEmpty();
            if (version == ProtocolVersion.V5) await session.ExecuteAsync(new SimpleStatement("CREATE ROLE reader WITH PASSWORD = 'pw' AND LOGIN = true"), Cancel);
        }

        (await RefusedAsync<AuthenticationException>(Builder(server).WithSSL(known).WithCredentials("cassandra", "wr0ng"))).Message.ShouldContain("check user and password");
        (await RefusedAsync<AuthenticationException>(Builder(server).WithSSL(known))).Message.ShouldContain("no user was given");
        (await RefusedAsync<TlsException>(Builder(server).WithSSL(new() { ClientCertificates = [own] }).WithCredentials("cassandra", "cassandra"))).Message.ShouldContain("trusted certificates");
        (await RefusedAsync<TlsException>(Builder(server).WithSSL(known with { HostName = "cassandra.example" }))).Message.ShouldContain("host name");
        (await RefusedAsync<TlsException>(Builder(server).WithSSL(new() { TrustedCertificates = [root] }).WithCredentials("cassandra", "cassandra"))).Message.ShouldContain("client certificate");
        await RefusedAsync<DriverException>(Builder(server).WithCredentials("cassandra", "cassandra")); // without TLS

        await using var limited = Builder(server).WithSSL(known).WithCredentials("reader", "pw").Build();
        await using var reader = await limited.ConnectAsync(Cancel);
        (await Should.ThrowAsync<UnauthorizedException>(() => reader.ExecuteAsync(new SimpleStatement("SELECT * FROM system_auth.roles"), Cancel))).IsTransient.ShouldBeFalse();
        await HangAsync(server, known);
        await OverloadAsync(server, known);
    }

    [Fact]
    public async Task An_expired_certificate_is_refused()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var expired = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(-1));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, expired);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var error = await RefusedAsync<TlsException>(Cluster.Builder(TimeProvider.System, new Random(1)).AddContactPoint($"127.0.0.1:{port}").WithSSL(new() { TrustedCertificates = [expired] }));
        error.Message.ShouldContain("NotTimeValid");
        await serving;
    }

    // A node that hangs: requests end in time, what comes late reaches nobody, and it goes on when the node does.
    private static async Task HangAsync(OwnServer server, SslOptions trusted)
    {
        await using var cluster = Builder(server).WithSSL(trusted).WithCredentials("cassandra", "cassandra").WithSocketOptions(new() { RequestTimeout = TimeSpan.FromSeconds(1) }).Build();
        await using var session = await cluster.ConnectAsync(Cancel);
        server.Signal("STOP");
        var hanging = Enumerable.Range(0, 5).Select(_ => session.ExecuteAsync(new SimpleStatement("SELECT key FROM system.local"), Cancel)).ToList();
        foreach (var task in hanging) (await Should.ThrowAsync<OperationTimedOutException>(() => task)).IsTransient.ShouldBeTrue();
        server.Signal("CONT");
        for (int i = 0; ; i++)
        {
            try
            {
                (await session.ExecuteAsync(new SimpleStatement("SELECT cluster_name FROM system.local"), Cancel)).Columns[0].Name.ShouldBe("cluster_name");
                return;
            }
            catch (DriverException error) when (error.IsTransient && i < 20) { await Task.Delay(200, Cancel); }
        }
    }

    // A node that takes only so many requests a second and says so.
    private static async Task OverloadAsync(OwnServer server, SslOptions trusted)
    {
        await using var cluster = Builder(server).WithSSL(trusted).WithCredentials("cassandra", "cassandra").WithSocketOptions(new() { ThrowOnOverload = true }).Build();
        await using var session = await cluster.ConnectAsync(Cancel);
        var all = Enumerable.Range(0, 10 * RequestsPerSecond).Select(_ => session.ExecuteAsync(new SimpleStatement("SELECT key FROM system.local").SetIdempotence(true), Cancel)).ToList();
        await Task.WhenAll(all.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default)));
        all.Count(task => task.IsCompletedSuccessfully).ShouldBeGreaterThan(0);
        var refused = all.Where(task => task.IsFaulted).Select(task => task.Exception!.InnerException!).ToList();
        refused.OfType<OverloadedException>().ShouldNotBeEmpty();
        refused.Where(error => error is not DriverException { IsTransient: true }).Select(error => error.ToString()).ShouldBeEmpty(); // a busy machine may let some time out instead
    }

    private static async Task ServeAsync(TcpListener listener, X509Certificate2 certificate)
    {
        using var client = await listener.AcceptTcpClientAsync(Cancel);
        await using var tls = new SslStream(client.GetStream());
        try { await tls.AuthenticateAsServerAsync(certificate); }
        catch (Exception error) when (error is IOException or System.Security.Authentication.AuthenticationException) { } // the client hung up
    }

    private static Builder Builder(OwnServer server) => Cluster.Builder(TimeProvider.System, new Random(1)).AddContactPoints(server.Addresses);

    private static async Task<T> RefusedAsync<T>(Builder builder) where T : DriverException
    {
        await using var cluster = builder.Build();
        var error = await Should.ThrowAsync<NoHostAvailableException>(() => cluster.ConnectAsync(Cancel));
        if (typeof(T) != typeof(DriverException)) error.IsTransient.ShouldBeFalse(error.Message);
        return error.Errors.Values.ShouldHaveSingleItem().ShouldBeAssignableTo<T>()!;
    }
}
