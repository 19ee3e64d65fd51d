using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>A Cassandra cluster: what is known of its nodes, and how to connect to them. Make it by <see cref="Builder"/>, once; <see cref="ConnectAsync"/> gives sessions.</summary>
public sealed class Cluster : IAsyncDisposable
{
    private static readonly TimeSpan WarningPause = TimeSpan.FromMinutes(1);

    private readonly ClusterSettings _settings;
    private readonly MonotonicTimestamps _timestamps;
    private readonly SemaphoreSlim _starting = new(1);
    private readonly Lock _gate = new();
    private readonly List<Session> _sessions = [];
    private readonly Dictionary<string, long> _warned = [];
    private ControlConnection? _control;
    private volatile Ring _ring = Ring.Empty;
    private volatile int _version;

    internal Cluster(ClusterSettings settings)
    {
        (_settings, _timestamps, _version) = (settings, new(settings.Connection.Time), (int)settings.MaxVersion);
        LocalDatacenter = settings.LocalDatacenter ?? "";
    }

    /// <summary>The version agreed on with the first node; before that the highest that will be tried.</summary>
    public ProtocolVersion ProtocolVersion => (ProtocolVersion)_version;

    /// <summary>The data centre whose nodes are asked; empty until connected, where none was named.</summary>
    public string LocalDatacenter { get; private set; }

    public string ClusterName => _ring.ClusterName;

    internal ConnectionSettings Settings => _settings.Connection;

    internal TimeProvider Time => _settings.Connection.Time;

    internal QueryOptions Query => _settings.Query;

    internal SocketOptions Socket => _settings.Connection.Socket;

    internal PoolingOptions Pooling => _settings.Connection.Pooling;

    internal ReconnectionOptions Reconnection => _settings.Reconnection;

    internal byte VersionByte => (byte)_version;

    internal Ring Ring => _ring;

    /// <param name="random">For delays, so that many clients do not come back at once.</param>
    public static Builder Builder(TimeProvider time, Random random) => new(time, random);

    /// <summary>All nodes that the cluster knows.</summary>
    public IReadOnlyList<Host> AllHosts() => _ring.Hosts;

    /// <summary>The nodes that keep a partition, by its keyspace and token; empty where that is not known.</summary>
    public IReadOnlyList<Host> GetReplicas(string keyspace, long token) => _ring.Replicas(keyspace, token);

    /// <summary>Waits until all nodes that are up have the same schema, as one of them sees it.</summary>
    /// <returns>false where they have not within <see cref="SocketOptions.SchemaAgreementTimeout"/>.</returns>
    /// <exception cref="DriverException">No node could be asked.</exception>
    public async Task<bool> CheckSchemaAgreementAsync(CancellationToken cancel = default)
    {
        if (_control?.Current is not { IsOpen: true } connection) throw new ConnectionLostException("the cluster is not watched at present", _ring.Hosts.FirstOrDefault()?.Address);
        Session[] sessions;
        lock (_gate) sessions = [.. _sessions];
        return await SchemaAgreement.WaitAsync(this, [.. sessions.SelectMany(session => session.Pools)], connection).WaitAsync(cancel);
    }

    /// <summary>Opens a session with connections to the local data centre's nodes.</summary>
    /// <exception cref="NoHostAvailableException">No node can be connected.</exception>
    public async Task<ISession> ConnectAsync(CancellationToken cancel = default)
    {
        await StartAsync(cancel);
        var session = new Session(this);
        lock (_gate) _sessions.Add(session);
        session.OnRing(_ring);
        try
        {
            await session.WarmUpAsync(cancel);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<Session> sessions;
        lock (_gate) sessions = [.. _sessions];
        foreach (var session in sessions) await session.DisposeAsync();
        if (_control is not null) await _control.DisposeAsync();
        _control = null;
        _starting.Dispose();
    }

    internal Task<Connection> OpenAsync(IPEndPoint address, CancellationToken cancel) => Connection.OpenAsync(Settings, address, address.Address.ToString(), VersionByte, cancel);

    /// <summary>Opens a connection in the highest version that the node speaks, which is then that of all.</summary>
    internal async Task<Connection> OpenFirstAsync(IPEndPoint address, string hostName, CancellationToken cancel)
    {
        for (byte version = VersionByte; ; version--)
        {
            try
            {
                var connection = await Connection.OpenAsync(Settings, address, hostName, version, cancel);
                _version = version;
                return connection;
            }
            catch (UnsupportedProtocolVersionException) when (version > (byte)ProtocolVersion.V4 && _ring == Ring.Empty) { }
        }
    }

    /// <summary>Nodes to watch the cluster from: those known, then the contact points with all their addresses.</summary>
    internal async IAsyncEnumerable<(IPEndPoint Address, string HostName)> CandidatesAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var host in _ring.Hosts.OrderBy(host => host.Datacenter == LocalDatacenter ? 0 : 1)) yield return (host.Address, host.Address.Address.ToString());
        foreach (var (name, port) in _settings.ContactPoints)
        {
            IPAddress[] addresses;
            try { addresses = IPAddress.TryParse(name, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(name, cancel); }
            catch (SocketException error)
            {
                Log(new(true, $"The contact point {name} has no address: {error.Message}"));
                continue;
            }
            foreach (var address in addresses) yield return (new(address, port), name);
        }
    }

    internal void OnRing(Ring ring, Host local)
    {
        if (LocalDatacenter.Length == 0) LocalDatacenter = local.Datacenter;
        else if (ring.Hosts.All(host => host.Datacenter != LocalDatacenter))
            throw new DriverException($"found the data centres {string.Join(", ", ring.Hosts.Select(host => host.Datacenter).Distinct())}, expected {LocalDatacenter}; name one that is there", false);
        _ring = ring;
        List<Session> sessions;
        lock (_gate) sessions = [.. _sessions];
        foreach (var session in sessions) session.OnRing(ring);
    }

    internal void OnUp(IPEndPoint address)
    {
        List<Session> sessions;
        lock (_gate) sessions = [.. _sessions];
        foreach (var pool in sessions.SelectMany(session => session.Pools))
            if (pool.Address.Equals(address) && !pool.IsUp) pool.Wake();
    }

    internal void Forget(Session session)
    {
        lock (_gate) _sessions.Remove(session);
    }

    internal long NextTimestamp() => _timestamps.Next();

    internal double NextRandom()
    {
        lock (_settings.Random) return _settings.Random.NextDouble();
    }

    internal void Log(CqlLogEntry entry) => Settings.Log(entry);

    /// <summary>Tells what a server warned of; the same kind of warning once a minute.</summary>
    internal void LogWarnings(IPEndPoint host, IReadOnlyList<string> warnings, string statement)
    {
        foreach (string warning in warnings)
        {
            string kind = string.Concat(warning.Where(letter => !char.IsAsciiDigit(letter)));
            lock (_warned)
            {
                if (_warned.TryGetValue(kind, out long last) && Time.GetElapsedTime(last) < WarningPause) continue;
                if (_warned.Count >= 100) _warned.Clear();
                _warned[kind] = Time.GetTimestamp();
            }
            Log(new(true, TroubleText.Of($"warns: {warning}", host, statement)));
        }
    }

    private async Task StartAsync(CancellationToken cancel)
    {
        await _starting.WaitAsync(cancel);
        try
        {
            if (_control is not null) return;
            var control = new ControlConnection(this);
            try { await control.StartAsync(cancel); }
            catch
            {
                await control.DisposeAsync();
                throw;
            }
            _control = control;
        }
        finally { _starting.Release(); }
    }
}

/// <summary>What a builder came to.</summary>
internal sealed record ClusterSettings(ConnectionSettings Connection, IReadOnlyList<(string Name, int Port)> ContactPoints, QueryOptions Query, ReconnectionOptions Reconnection, ProtocolVersion MaxVersion, string? LocalDatacenter, Random Random);
