using System.Security.Cryptography.X509Certificates;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>TLS from the first byte. Certificate and host name are always checked.</summary>
public sealed record SslOptions
{
    /// <summary>Roots to trust, or the server's own certificate; empty: the machine's.</summary>
    public X509Certificate2Collection TrustedCertificates { get; init; } = [];

    /// <summary>Certificate with key to show to the server; empty: none.</summary>
    public X509Certificate2Collection ClientCertificates { get; init; } = [];

    /// <summary>The name that the certificates of all nodes must have; null: each its address as it was given, or as the cluster tells it.</summary>
    public string? HostName { get; init; }

    /// <summary>Asks the authority whether a certificate was called back.</summary>
    public bool CheckRevocation { get; init; }

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        foreach (var certificate in ClientCertificates)
            if (!certificate.HasPrivateKey) yield return $"cassandra.ssl.clientCertificates: {certificate.Subject} has no private key; give certificate and key";
    }
}
