namespace Etl.Sinks.Cassandra.Cql;

/// <summary>Waits until all nodes that are up have the same schema, as the node sees it that took the change.</summary>
internal static class SchemaAgreement
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <returns>false where they have not in time.</returns>
    /// <exception cref="DriverException">The node could not be asked.</exception>
    public static async Task<bool> WaitAsync(Cluster cluster, IReadOnlyList<HostPool> pools, Connection connection)
    {
        long start = cluster.Time.GetTimestamp();
        while (true)
        {
            var ring = (await RingReader.ReadAsync(connection, cluster.Socket.RequestTimeout)).Ring;
            var versions = ring.Hosts.Where(host => host.Address.Equals(connection.Host) || IsUp(pools, host)).Select(host => host.SchemaVersion).Distinct().ToList();
            if (versions.Count <= 1) return true;
            if (cluster.Time.GetElapsedTime(start) >= cluster.Socket.SchemaAgreementTimeout) return false;
            await Task.Delay(Pause, cluster.Time);
        }
    }

    // Nodes that we do not connect to (other data centres) count as up: they have to learn it too.
    private static bool IsUp(IReadOnlyList<HostPool> pools, Host host) => pools.FirstOrDefault(pool => pool.Host.HostId == host.HostId) is not { } pool || pool.IsUp;
}
