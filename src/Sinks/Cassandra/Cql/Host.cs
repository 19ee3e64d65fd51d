using System.Net;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>A node as the cluster describes it.</summary>
public sealed record Host(Guid HostId, IPEndPoint Address, string Datacenter, string Rack, string CassandraVersion, Guid SchemaVersion, IReadOnlyList<long> Tokens)
{
    public override string ToString() => $"{Address} ({Datacenter}, {Rack}, Cassandra {CassandraVersion})";
}
