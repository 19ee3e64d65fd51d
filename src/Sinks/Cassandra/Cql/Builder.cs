using System.Globalization;
using System.Net;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>Says how to reach a cluster. Nothing is connected before <see cref="Cluster.ConnectAsync"/>.</summary>
public sealed class Builder
{
    private const int DefaultPort = 9042;

    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly List<string> _contactPoints = [];
    private int _port = DefaultPort;
    private (string, string)? _credentials;
    private bool _plainTextCredentials;
    private SslOptions? _ssl;
    private CompressionType _compression = CompressionType.NoCompression;
    private ProtocolVersion _maxVersion = ProtocolVersion.V5;
    private string? _datacenter;
    private QueryOptions _query = new();
    private SocketOptions _socket = new();
    private PoolingOptions _pooling = new();
    private ReconnectionOptions _reconnection = new();
    private Action<CqlLogEntry> _log = _ => { };

    internal Builder(TimeProvider time, Random random) => (_time, _random) = (time, random);

    /// <summary>Nodes to ask first, as <c>host</c>, <c>host:port</c>, <c>[v6]:port</c>; one that answers is enough.</summary>
    public Builder AddContactPoints(params IEnumerable<string> points)
    {
        _contactPoints.AddRange(points);
        return this;
    }

    public Builder AddContactPoint(string point) => AddContactPoints(point);

    /// <summary>For contact points without a port of their own.</summary>
    public Builder WithPort(int port)
    {
        _port = port;
        return this;
    }

    /// <summary>Logs in by SASL PLAIN: only over TLS or to a loopback address, unless <see cref="WithPlainTextCredentials"/>.</summary>
    public Builder WithCredentials(string user, string password)
    {
        _credentials = (user, password);
        return this;
    }

    /// <summary>Sends user and password over the net readable, where there is no TLS.</summary>
    public Builder WithPlainTextCredentials()
    {
        _plainTextCredentials = true;
        return this;
    }

    public Builder WithSSL(SslOptions options)
    {
        _ssl = options;
        return this;
    }

    public Builder WithCompression(CompressionType compression)
    {
        _compression = compression;
        return this;
    }

    public Builder WithMaxProtocolVersion(ProtocolVersion version)
    {
        _maxVersion = version;
        return this;
    }

    /// <summary>The data centre whose nodes are asked; otherwise that of the first node that answers.</summary>
    public Builder WithLocalDatacenter(string datacenter)
    {
        _datacenter = datacenter;
        return this;
    }

    public Builder WithQueryOptions(QueryOptions options)
    {
        _query = options;
        return this;
    }

    public Builder WithSocketOptions(SocketOptions options)
    {
        _socket = options;
        return this;
    }

    public Builder WithPoolingOptions(PoolingOptions options)
    {
        _pooling = options;
        return this;
    }

    public Builder WithReconnectionOptions(ReconnectionOptions options)
    {
        _reconnection = options;
        return this;
    }

    /// <summary>Hears of servers' warnings, and of nodes lost and found. It must not throw, nor take long.</summary>
    public Builder WithLog(Action<CqlLogEntry> log)
    {
        _log = log;
        return this;
    }

    /// <exception cref="ArgumentException">What was said is wrong; the message lists all of it.</exception>
    public Cluster Build()
    {
        string[] faults = [.. Faults()];
        if (faults.Length > 0) throw new ArgumentException(string.Join("\n", faults));
        var connection = new ConnectionSettings(_socket, _pooling, _ssl, _credentials, _plainTextCredentials, _compression, _time, _log);
        return new(new(connection, [.. _contactPoints.Select(point => Parse(point)!.Value)], _query, _reconnection, _maxVersion, _datacenter, _random));
    }

    private IEnumerable<string> Faults()
    {
        if (_contactPoints.Count == 0) yield return "cassandra.contactPoints: found none, expected host:port of one node or more";
        foreach (string point in _contactPoints)
            if (Parse(point) is null) yield return $"cassandra.contactPoints: found \"{point}\", expected host or host:port with a port of 1 to 65535";
        if (_credentials is ("", _)) yield return "cassandra.user: found nothing, expected a name";
        foreach (string fault in (IEnumerable<string>)[.. _query.Faults(), .. _socket.Faults(), .. _pooling.Faults(), .. _reconnection.Faults(), .. _ssl?.Faults() ?? []]) yield return fault;
    }

    private (string Name, int Port)? Parse(string point)
    {
        point = point.Trim();
        if (IPAddress.TryParse(point, out _)) return (point, _port);
        int colon = point.LastIndexOf(':');
        string name = (colon < 0 ? point : point[..colon]).Trim('[', ']'), text = colon < 0 ? "" : point[(colon + 1)..];
        int port = colon < 0 ? _port : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : 0;
        return name.Length > 0 && !name.Contains(' ', StringComparison.Ordinal) && port is > 0 and <= ushort.MaxValue ? (name, port) : null;
    }
}
