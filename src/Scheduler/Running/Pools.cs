using Etl.Contracts.Workflow;

namespace Etl.Scheduler.Running;

/// <summary>Named limits on how many slots run at once, across all DAGs of a process. Nobody waits inside: who got no place keeps its turn, live work before backfill, and asks again when one is free.</summary>
/// <param name="sizes">Places by name; a pool that is not in it has one.</param>
public sealed class Pools(IReadOnlyDictionary<string, int> sizes)
{
    /// <summary>Places of a pool that the settings do not size.</summary>
    public const int SizeDefault = 1;

    public const int SizeMax = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(string Who, Lane Lane)>> _turns = new(StringComparer.Ordinal);
    private TaskCompletionSource _given = NewGiven();

    /// <summary>Ends when a place is given back. To be taken before places are asked for, so that none is missed.</summary>
    public Task Given
    {
        get { lock (_gate) return _given.Task; }
    }

    public int SizeOf(string pool) => sizes.GetValueOrDefault(pool, SizeDefault);

    /// <summary>Takes up to <paramref name="most"/> places, without waiting. One place stays with each that asked before in vain; backfill never has all of a pool of several.</summary>
    /// <param name="who">Names who asks, the same each time; its turn is kept by that name until it got a place.</param>
    /// <returns>Places taken, which are to be given back; 0 where there is none.</returns>
    public int Take(string pool, string who, Lane lane, int most)
    {
        lock (_gate)
        {
            int size = SizeOf(pool), usable = lane == Lane.Backfill ? Math.Max(1, size - Math.Max(1, size / 4)) : size;
            var turns = _turns.TryGetValue(pool, out var known) ? known : _turns[pool] = [];
            int own = turns.FindIndex(turn => turn.Who == who);
            int before = turns.Where((turn, index) => turn.Who != who && (turn.Lane < lane || (turn.Lane == lane && (own < 0 || index < own)))).Count();
            int taken = Math.Min(most, usable - _taken.GetValueOrDefault(pool) - before);
            if (taken <= 0)
            {
                if (own < 0) turns.Add((who, lane));
                return 0;
            }
            if (own >= 0) turns.RemoveAt(own);
            _taken[pool] = _taken.GetValueOrDefault(pool) + taken;
            return taken;
        }
    }

    public void Give(string pool, int places)
    {
        if (places == 0) return;
        TaskCompletionSource given;
        lock (_gate)
        {
            _taken[pool] -= places;
            (given, _given) = (_given, NewGiven());
        }
        given.SetResult();
    }

    private static TaskCompletionSource NewGiven() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>The places that one claim has; those left are given back at its end, however it ends.</summary>
internal sealed class PoolHold(Pools pools, string who, Lane lane) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _held = new(StringComparer.Ordinal);

    public int Of(string pool)
    {
        lock (_gate) return _held.GetValueOrDefault(pool);
    }

    /// <returns>Whether some were got.</returns>
    public bool Take(string pool, int most)
    {
        int taken = pools.Take(pool, who, lane, most);
        lock (_gate) _held[pool] = _held.GetValueOrDefault(pool) + taken;
        return taken > 0;
    }

    public void Give(string pool, int places)
    {
        if (places == 0) return;
        lock (_gate) _held[pool] -= places;
        pools.Give(pool, places);
    }

    public void Dispose()
    {
        foreach (var (pool, places) in _held) pools.Give(pool, places);
        _held.Clear();
    }
}
