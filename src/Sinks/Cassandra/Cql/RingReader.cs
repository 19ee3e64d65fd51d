using System.Globalization;
using System.Net;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>Asks one node how it sees the cluster: itself, its peers and the keyspaces, all from the same node.</summary>
internal static class RingReader
{
    private const string Local = "SELECT * FROM system.local WHERE key = 'local'", Peers = "SELECT * FROM system.peers_v2", OldPeers = "SELECT * FROM system.peers",
        Keyspaces = "SELECT keyspace_name, replication FROM system_schema.keyspaces";

    /// <exception cref="DriverException">A table could not be read.</exception>
    public static async Task<(Ring Ring, Host Local)> ReadAsync(Connection connection, TimeSpan timeout)
    {
        var self = (await SystemTable.ReadAsync(connection, Local, timeout)).FirstOrDefault() ?? throw new ProtocolErrorException("system.local is empty", connection.Host, Local);
        var local = HostOf(self, connection.Host) ?? throw new ProtocolErrorException("system.local has no host id", connection.Host, Local);
        var hosts = new List<Host> { local };
        foreach (var peer in await PeersAsync(connection, timeout))
            if (AddressOf(peer, connection.Host.Port) is { } address && HostOf(peer, address) is { } host && host.HostId != local.HostId) hosts.Add(host);
        var keyspaces = (await SystemTable.ReadAsync(connection, Keyspaces, timeout))
            .ToDictionary(row => row.GetValue<string>("keyspace_name")!, row => Replication.Of(row.GetValue<Dictionary<string, string>>("replication")!));
        return (new(self.GetValue<string>("cluster_name") ?? "", hosts, keyspaces), local);
    }

    private static async Task<IReadOnlyList<Row>> PeersAsync(Connection connection, TimeSpan timeout)
    {
        try { return await SystemTable.ReadAsync(connection, Peers, timeout); }
        catch (InvalidQueryException) { return await SystemTable.ReadAsync(connection, OldPeers, timeout); } // before Cassandra 4
    }

    // A node without id or tokens is on its way in or out.
    private static Host? HostOf(Row row, IPEndPoint address)
    {
        var tokens = Value<string[]>(row, "tokens");
        if (Value<Guid?>(row, "host_id") is not { } id || tokens is null or [] || Value<string>(row, "data_center") is not { } datacenter || Value<string>(row, "rack") is not { } rack) return null;
        return new(id, address, datacenter, rack, Value<string>(row, "release_version") ?? "", Value<Guid?>(row, "schema_version") ?? Guid.Empty,
            [.. tokens.Select(token => long.TryParse(token, CultureInfo.InvariantCulture, out long value) ? value : 0)]);
    }

    // Where clients reach a node; one that listens on all addresses is reached at the one it talks to its peers by.
    private static IPEndPoint? AddressOf(Row row, int port)
    {
        bool isNew = row.Columns.Any(column => column.Name == "native_address");
        var address = Value<IPAddress>(row, isNew ? "native_address" : "rpc_address");
        if (address is null) return null;
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) address = Value<IPAddress>(row, "peer");
        return address is null ? null : new(address, isNew ? Value<int?>(row, "native_port") ?? port : port);
    }

    private static T? Value<T>(Row row, string column) => row.Columns.Any(spec => spec.Name == column) ? row.GetValue<T>(column) : default;
}
