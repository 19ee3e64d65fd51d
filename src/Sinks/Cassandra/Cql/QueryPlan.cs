namespace Etl.Sinks.Cassandra.Cql;

/// <summary>The nodes to ask, in order: replicas of the partition in the local data centre, then its other nodes; each round beginning at another one.</summary>
internal struct QueryPlan(HostPool[] local, Host[] replicas, int turn)
{
    private int _replica;
    private int _other;

    /// <summary>The next node's connections; null when all were named.</summary>
    public HostPool? Next()
    {
        while (_replica < replicas.Length)
        {
            var host = replicas[(int)((uint)(turn + _replica++) % (uint)replicas.Length)];
            if (PoolOf(host) is { } pool) return pool;
        }
        while (_other < local.Length)
        {
            var pool = local[(int)((uint)(turn + _other++) % (uint)local.Length)];
            if (!IsReplica(pool.Host)) return pool;
        }
        return null;
    }

    private readonly HostPool? PoolOf(Host host)
    {
        foreach (var pool in local)
            if (pool.Host.HostId == host.HostId) return pool;
        return null; // of another data centre
    }

    private readonly bool IsReplica(Host host)
    {
        foreach (var replica in replicas)
            if (replica.HostId == host.HostId) return true;
        return false;
    }
}
