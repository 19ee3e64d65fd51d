using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Running;

/// <summary>Named limits on how many slots run at once, across all DAGs and all processes on the store, which counts the places. Here is what a process knows of them: their sizes, and when one of its own is free again.</summary>
/// <param name="sizes">Places by name; a pool that is not in it has one.</param>
public sealed class Pools(IPoolLedger ledger, IReadOnlyDictionary<string, int> sizes)
{
    /// <summary>Places of a pool that the settings do not size.</summary>
    public const int SizeDefault = 1;

    public const int SizeMax = 256;

    /// <summary>Who was refused looks again after so long: a place that another process gives back rings here for nobody. Well below <see cref="IPoolLedger.TurnKept"/>.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private TaskCompletionSource _given = NewGiven();

    /// <summary>Ends when this process gives a place back. To be taken before places are asked for, so that none is missed.</summary>
    public Task Given
    {
        get { lock (_gate) return _given.Task; }
    }

    public int SizeOf(string pool) => SizeOf(sizes, pool);

    public static int SizeOf(IReadOnlyDictionary<string, int> sizes, string pool) => sizes.GetValueOrDefault(pool, SizeDefault);

    internal Task<IReadOnlyList<long>> TakeAsync(PoolTake take, CancellationToken cancel) => ledger.TakeAsync(take, cancel);

    internal Task RenewAsync(IReadOnlyCollection<long> places, long token, TimeSpan lease, CancellationToken cancel) => ledger.RenewAsync(places, token, lease, cancel);

    internal async Task GiveAsync(IReadOnlyCollection<long> places, long token, CancellationToken cancel)
    {
        await ledger.GiveAsync(places, token, cancel);
        TaskCompletionSource given;
        lock (_gate) (given, _given) = (_given, NewGiven());
        given.SetResult();
    }

    private static TaskCompletionSource NewGiven() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>The places that one claim has, renewed with its slots; those left are given back at its end.</summary>
/// <remarks>Where its process is stopped they are left: they are free when its token is closed, or with their leases.</remarks>
/// <param name="who">Names who asks, the same each time.</param>
internal sealed class PoolHold(Pools pools, string who, Lane lane, long token, TimeSpan lease, CancellationToken cancel) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<long>> _held = new(StringComparer.Ordinal);

    public int Of(string pool)
    {
        lock (_gate) return _held.GetValueOrDefault(pool)?.Count ?? 0;
    }

    /// <returns>Whether some were got.</returns>
    public async Task<bool> TakeAsync(string pool, int most)
    {
        var taken = await pools.TakeAsync(new(pool, pools.SizeOf(pool), who, lane, most, token, lease), cancel);
        lock (_gate)
        {
            if (!_held.TryGetValue(pool, out var held)) _held[pool] = held = [];
            held.AddRange(taken);
        }
        return taken.Count > 0;
    }

    /// <summary>Where the store is away, or the process is stopped meanwhile, they stay held, for another try at the end.</summary>
    public async Task GiveAsync(string pool, int count)
    {
        if (count == 0) return;
        List<long> given;
        lock (_gate)
        {
            given = _held[pool].GetRange(0, count);
            _held[pool].RemoveRange(0, count);
        }
        try { await pools.GiveAsync(given, token, cancel); }
        catch (Exception error) when (error is StoreException or OperationCanceledException)
        {
            lock (_gate) _held[pool].AddRange(given);
        }
    }

    public async Task RenewAsync(CancellationToken stop)
    {
        List<long> places;
        lock (_gate) places = [.. _held.Values.SelectMany(held => held)];
        if (places.Count > 0) await pools.RenewAsync(places, token, lease, stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (cancel.IsCancellationRequested) return;
        foreach (string pool in _held.Keys.ToList()) await GiveAsync(pool, Of(pool));
    }
}
