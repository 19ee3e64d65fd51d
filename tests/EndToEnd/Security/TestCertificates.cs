using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Etl.Tests.EndToEnd.Security;

/// <summary>An authority of the test's own, and what it signed: a server's certificate for loopback and a client's. As PEM files in a folder.</summary>
internal sealed class TestCertificates
{
    public const string ClientName = "CN=etl-client";

    private static readonly DateTimeOffset From = DateTimeOffset.UtcNow.AddHours(-1), To = DateTimeOffset.UtcNow.AddHours(2);

    private readonly string _folder;

    public TestCertificates(string folder)
    {
        _folder = folder;
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=etl test authority", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(From, To);
        File.WriteAllText(Authority, authority.ExportCertificatePem());
        ServerCertificate = Sign(authority, "CN=etl test server", "server");
        Sign(authority, ClientName, "client").Dispose();
    }

    public string Authority => Path.Combine(_folder, "authority.crt");

    public string ServerStore => Path.Combine(_folder, "server.pem");

    public string Client => Path.Combine(_folder, "client.crt");

    public string ClientKey => Path.Combine(_folder, "client.key");

    /// <summary>With its key, for a server in this process.</summary>
    public X509Certificate2 ServerCertificate { get; }

    private X509Certificate2 Sign(X509Certificate2 authority, string subject, string file)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, From, To, RandomNumberGenerator.GetBytes(8));
        string certificate = signed.ExportCertificatePem(), secret = key.ExportPkcs8PrivateKeyPem();
        File.WriteAllText(Path.Combine(_folder, $"{file}.crt"), certificate + "\n");
        File.WriteAllText(Path.Combine(_folder, $"{file}.key"), secret + "\n");
        File.WriteAllText(Path.Combine(_folder, $"{file}.pem"), $"{secret}\n{certificate}\n");
        return X509CertificateLoader.LoadPkcs12(signed.CopyWithPrivateKey(key).Export(X509ContentType.Pfx), null);
    }
}
