using Etl.Sinks.Cassandra;
using System.ComponentModel;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Cli.Settings;

/// <summary>The Cassandra that results are published to.</summary>
public sealed record CassandraSettings
{
    private const int KeyspaceLettersMax = 48;

    [Description("Nodes to ask first, host:port[,host:port…]; empty: none, and nothing is published to it.")]
    public string ContactPoints { get; init; } = "";

    [Description("Keyspace of the published tables; made when missing. CASSANDRA_KEYSPACE of the environment too.")]
    public string Keyspace { get; init; } = "analytics";

    [Description("Data centre whose nodes are asked; empty: that of the first node that answers.")]
    public string LocalDatacenter { get; init; } = "";

    [Description("Copies of each row where the keyspace has to be made, 1 to 9; 3 is usual from three nodes on.")]
    public int ReplicationFactor { get; init; } = 1;

    [Description("User; empty: no login.")]
    public string User { get; init; } = "";

    [Description("The user's password.")]
    public Secret Password { get; init; } = Secret.None;

    [Description("Whether nodes are spoken to by TLS; certificate and host name are always checked.")]
    public bool Tls { get; init; }

    [Description("PEM file of the authorities to trust; empty: the machine's.")]
    public string CaFile { get; init; } = "";

    [Description("PEM file with certificate and key to show to the nodes; empty: none.")]
    public string ClientCertificateFile { get; init; } = "";

    [Description("Whether the password may be sent readable to nodes beyond loopback, where there is no TLS: for a network that is closed to others.")]
    public bool PlainTextCredentials { get; init; }

    [Description("Longest wait for a node's answer, in seconds, 1 to 300; above the nodes' own time-outs (2 s for a write, 10 s for a range), or they answer when nobody waits any more.")]
    public int RequestTimeoutSeconds { get; init; } = 15;

    public bool IsSet => Points.Count > 0;

    internal IReadOnlyList<string> Points => ContactPoints.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>null without TLS.</summary>
    internal SslOptions? Ssl => Tls ? new() { TrustedCertificates = Certificates.Authorities(CaFile), ClientCertificates = Certificates.WithKey(ClientCertificateFile) } : null;

    /// <summary>As the sink takes it. Certificates are read here.</summary>
    internal CassandraSinkOptions Options => new()
    {
        ContactPoints = Points, Keyspace = Keyspace, LocalDatacenter = LocalDatacenter, ReplicationFactor = ReplicationFactor, Ssl = Ssl, PlainTextCredentials = PlainTextCredentials,
        RequestTimeout = TimeSpan.FromSeconds(RequestTimeoutSeconds),
        User = User.Length == 0 ? null : User, Password = User.Length == 0 ? null : Password.Reveal(),
    };

    public IEnumerable<string> Faults()
    {
        foreach (string point in Points.Where(point => !Endpoint.TryParse(point, out _))) yield return $"cassandra.contactPoints: found \"{point}\", expected host:port";
        if (Keyspace.Length is 0 or > KeyspaceLettersMax || !char.IsAsciiLetter(Keyspace[0]) || !Keyspace.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_'))
            yield return $"cassandra.keyspace: found \"{Keyspace}\", expected a letter, then letters, digits and _, {KeyspaceLettersMax} at most";
        if (ReplicationFactor is < 1 or > 9) yield return $"cassandra.replicationFactor: {ReplicationFactor} is outside 1 to 9";
        if (RequestTimeoutSeconds is < 1 or > 300) yield return $"cassandra.requestTimeoutSeconds: {RequestTimeoutSeconds} is outside 1 to 300";
        if (User.Length > 0 != Password.IsSet) yield return $"cassandra.user and password: found {(Password.IsSet ? "a password without a user" : "a user without a password")}, expected both or none";
        if (!Tls && CaFile.Length + ClientCertificateFile.Length > 0) yield return "cassandra.tls: found false beside caFile or clientCertificateFile, expected true, or neither file";
        if (!Tls && !PlainTextCredentials && Password.IsSet && Points.FirstOrDefault(point => !Endpoint.IsLoopback(point)) is { } far)
            yield return $"cassandra.password: would go readable to {far}, expected tls true, or plainTextCredentials true where the network is closed to others";
        foreach (string? fault in new[] { Certificates.FaultOf("cassandra.caFile", CaFile, Certificates.Authorities), Certificates.FaultOf("cassandra.clientCertificateFile", ClientCertificateFile, Certificates.WithKey) })
            if (fault is not null) yield return fault;
    }

    public IEnumerable<string> Warnings()
    {
        if (!Tls && Points.FirstOrDefault(point => !Endpoint.IsLoopback(point)) is { } far)
            yield return $"cassandra: what goes to {far} can be read on the way{(Password.IsSet ? ", login too" : "")}; set Etl__Cassandra__Tls=true where the network is not closed to others";
    }
}

/// <summary>Certificates from PEM files.</summary>
internal static class Certificates
{
    /// <returns>Empty where the file is not named.</returns>
    public static X509Certificate2Collection Authorities(string file)
    {
        X509Certificate2Collection all = [];
        if (file.Length > 0) all.ImportFromPemFile(file);
        return all;
    }

    /// <returns>Empty where the file is not named.</returns>
    public static X509Certificate2Collection WithKey(string file) => file.Length > 0 ? [X509Certificate2.CreateFromPemFile(file)] : [];

    /// <returns>null where the file is not named, or is good.</returns>
    public static string? FaultOf(string setting, string file, Func<string, X509Certificate2Collection> read)
    {
        if (file.Length == 0) return null;
        try
        {
            var found = read(file);
            foreach (var certificate in found) certificate.Dispose();
            return found.Count > 0 ? null : $"{setting}: found no certificate in {file}, expected PEM (-----BEGIN CERTIFICATE-----)";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return $"{setting}: found {file} ({error.Message.TrimEnd('.')}), expected a PEM file that can be read";
        }
    }
}
