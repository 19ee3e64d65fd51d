using System.Collections.Concurrent;
using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>The connections to the local data centre's nodes, and the requests that wait for one.</summary>
internal sealed class Session : ISession
{
    private readonly Lock _waitingGate = new();
    private readonly LinkedList<Operation> _waiting = [];
    private readonly ConcurrentDictionary<string, Lazy<Task<PreparedStatement>>> _prepared = new();
    private readonly Queue<string> _preparedOrder = new();
    private readonly Lock _poolGate = new();
    private volatile HostPool[] _pools = [];
    private int _turn;
    private volatile bool _isDisposed;

    public Session(Cluster cluster) => Cluster = cluster;

    public Cluster Cluster { get; }

    public HostPool[] Pools => _pools;

    public Task<RowSet> ExecuteAsync(Statement statement, CancellationToken cancel = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return StatementOperation.ExecuteAsync(this, statement, null, cancel);
    }

    public Task<long> ExecuteAllAsync(IEnumerable<Statement> statements, int inFlightMax = 512, CancellationToken cancel = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(inFlightMax, 1);
        return new StatementPump(this, inFlightMax).RunAsync(statements, cancel);
    }

    public async Task<PreparedStatement> PrepareAsync(string cql, CancellationToken cancel = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var shared = _prepared.GetOrAdd(cql, static (text, session) => new(() => session.PrepareAndRememberAsync(text)), this);
        return await shared.Value.WaitAsync(cancel);
    }

    /// <summary>Has the next <see cref="PrepareAsync"/> of this text ask a server.</summary>
    public void Forget(PreparedStatement statement)
    {
        if (_prepared.TryGetValue(statement.Cql, out var known) && known.Value is { IsCompletedSuccessfully: true } task && task.Result == statement) _prepared.TryRemove(new(statement.Cql, known));
    }

    /// <summary>The nodes for a request, the best first.</summary>
    /// <param name="only">The only one that may be asked.</param>
    public QueryPlan PlanFor((string Keyspace, long Token)? routing, Host? only = null) => only is not null
        ? new([.. _pools.Where(pool => pool.Host.HostId == only.HostId)], [], 0)
        : new(_pools, routing is var (keyspace, token) ? Cluster.Ring.Replicas(keyspace, token) : [], Interlocked.Increment(ref _turn));

    public void Flush()
    {
        foreach (var pool in _pools) pool.Flush();
    }

    /// <summary>Keeps a request until a connection has room, or its time is up.</summary>
    public void Enqueue(Operation operation)
    {
        lock (_waitingGate)
        {
            if (_waiting.Count < Cluster.Pooling.QueuedMax)
            {
                _waiting.AddLast(operation);
                return;
            }
        }
        operation.Refuse(Cluster.Pooling.QueuedMax);
    }

    /// <summary>Sends what waits, as far as there is room, and ends what waited too long.</summary>
    public void OnRoom()
    {
        if (_waiting.Count == 0) return;
        List<Operation> late = [];
        lock (_waitingGate)
        {
            long now = Cluster.Time.GetTimestamp();
            while (_waiting.First is { } first && first.Value.Deadline <= now)
            {
                late.Add(first.Value);
                _waiting.RemoveFirst();
            }
            while (_waiting.First is { } next && next.Value.TryLater()) _waiting.RemoveFirst();
        }
        foreach (var operation in late) operation.GiveUp();
    }

    /// <summary>Makes pools for new nodes of the local data centre, and closes those of nodes that are no longer there.</summary>
    public void OnRing(Ring ring)
    {
        List<HostPool> gone = [];
        lock (_poolGate)
        {
            if (_isDisposed) return;
            var local = ring.Hosts.Where(host => host.Datacenter == Cluster.LocalDatacenter).ToList();
            var pools = new List<HostPool>();
            foreach (var pool in _pools)
            {
                if (local.FirstOrDefault(host => host.HostId == pool.Host.HostId && host.Address.Equals(pool.Address)) is not { } host)
                {
                    gone.Add(pool);
                    continue;
                }
                pool.Host = host;
                pools.Add(pool);
                local.Remove(host);
            }
            pools.AddRange(local.Select(host => new HostPool(this, host)));
            _pools = [.. pools];
        }
        foreach (var pool in gone) _ = pool.DisposeAsync().AsTask();
    }

    /// <summary>Waits until each node was tried once, and asks that one of them answered.</summary>
    /// <exception cref="NoHostAvailableException">None did.</exception>
    public async Task WarmUpAsync(CancellationToken cancel)
    {
        var pools = _pools;
        await Task.WhenAll(pools.Select(pool => pool.FirstTry)).WaitAsync(cancel);
        if (pools.Any(pool => pool.IsUp)) return;
        var errors = pools.Where(pool => pool.LastError is not null).ToDictionary(pool => pool.Address, pool => pool.LastError!);
        throw new NoHostAvailableException($"no node of data centre {Cluster.LocalDatacenter} can be connected: {string.Join("; ", errors.Values.Select(error => error.Message))}", errors);
    }

    public async ValueTask DisposeAsync()
    {
        HostPool[] pools;
        lock (_poolGate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            (pools, _pools) = (_pools, []);
        }
        Cluster.Forget(this);
        foreach (var pool in pools) await pool.DisposeAsync();
        List<Operation> left;
        lock (_waitingGate)
        {
            left = [.. _waiting];
            _waiting.Clear();
        }
        foreach (var operation in left) operation.GiveUp();
    }

    private async Task<PreparedStatement> PrepareAndRememberAsync(string cql)
    {
        try
        {
            var statement = await PrepareOperation.PrepareAsync(this, cql);
            lock (_preparedOrder)
            {
                _preparedOrder.Enqueue(cql);
                while (_preparedOrder.Count > Cluster.Pooling.PreparedMax) _prepared.TryRemove(_preparedOrder.Dequeue(), out _);
            }
            return statement;
        }
        catch
        {
            _prepared.TryRemove(cql, out _);
            throw;
        }
    }
}
