using Etl.Contracts;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Sinks.Cassandra;

/// <summary>
/// Changes the schema, though other processes may change the same at this moment. All of them ask the same node, which makes one change after the other; two nodes would make two tables
/// of one name. What is refused is looked at again: mostly another one has made it.
/// </summary>
internal sealed class CassandraSchema(ISession session, string place, TimeProvider time, Random random) : IDisposable
{
    /// <summary>Attempts of one thing at most, those that were refused included; about 2 s in all.</summary>
    public const int AttemptsMax = 8;

    private static readonly TimeSpan PauseFirst = TimeSpan.FromMilliseconds(20), PauseMax = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _turn = new(1);

    private IReadOnlyList<Host> Local => [.. session.Cluster.AllHosts().Where(host => host.Datacenter == session.Cluster.LocalDatacenter).OrderBy(host => host.HostId)];

    /// <param name="missing">Looks, and tells the statement that makes what is missing; null where nothing is.</param>
    /// <exception cref="DriverException">The cluster refuses a change for good.</exception>
    /// <exception cref="StoreException">What is made is not seen.</exception>
    public async Task EnsureAsync(Func<CancellationToken, Task<string?>> missing, CancellationToken cancel)
    {
        if (await missing(cancel) is null) return;
        await _turn.WaitAsync(cancel);
        try { await ChangeAsync(missing, cancel); }
        finally { _turn.Release(); }
    }

    /// <summary>Gives the nodes time to learn what another process has changed: its system tables tell of a table a moment before a node takes statements for it.</summary>
    /// <param name="attempt">From 1.</param>
    public async Task LearnAsync(int attempt, CancellationToken cancel)
    {
        if (session.Cluster.AllHosts().Count > 1) await session.Cluster.CheckSchemaAgreementAsync(cancel);
        await Task.Delay(Pause(attempt), time, cancel);
    }

    public void Dispose() => _turn.Dispose();

    private async Task ChangeAsync(Func<CancellationToken, Task<string?>> missing, CancellationToken cancel)
    {
        int away = 0;
        for (int attempt = 1; await missing(cancel) is { } change; attempt++) // what is there already may be another's, with less in it
        {
            if (attempt > AttemptsMax) throw new StoreException($"{place}: \"{change}\" was carried out {AttemptsMax} times and is not seen; does another program undo it? See nodetool describecluster", isTransient: true);
            try { await session.ExecuteAsync(new SimpleStatement(change).SetHost(Chosen(away)), cancel); }
            catch (DriverException error) when (attempt < AttemptsMax && MayBeAnothers(error))
            {
                if (error is NoHostAvailableException or OperationTimedOutException && ++away == Local.Count) throw;
                await Task.Delay(Pause(attempt), time, cancel);
            }
        }
    }

    /// <summary>The same one in every process, but where it is away.</summary>
    private Host Chosen(int away) => Local[away % Local.Count];

    // "exists already", "conflicts with an existing column", a table or keyspace that the node has not heard of, a lost connection: what is wrong otherwise stays so, and is told then.
    private static bool MayBeAnothers(DriverException error) => error.IsTransient || error is AlreadyExistsException or InvalidQueryException or InvalidConfigurationInQueryException;

    private TimeSpan Pause(int attempt)
    {
        var longest = PauseFirst * (1 << (attempt - 1));
        lock (random) return (longest < PauseMax ? longest : PauseMax) * (0.5 + random.NextDouble());
    }
}
