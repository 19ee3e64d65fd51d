using Etl.Contracts.Workflow;

namespace Etl.Metadata;

/// <summary>The places of pools: named limits on how much runs at once, of all processes on the store. Nobody waits inside: who got no place keeps its turn, live work before backfill, and asks again.</summary>
public interface IPoolLedger
{
    /// <summary>For so long the turn of who asked in vain is kept; asking again keeps it further. Nobody waits longer for one that has gone away.</summary>
    static readonly TimeSpan TurnKept = TimeSpan.FromSeconds(10);

    /// <summary>Takes up to so many places. One place stays with each that asked before in vain; backfill never has all of a pool of several.</summary>
    /// <returns>Numbers of the places, which are to be given back; empty where there is none, or the token is revoked.</returns>
    Task<IReadOnlyList<long>> TakeAsync(PoolTake take, CancellationToken cancel);

    /// <summary>Places that are not the token's any more are left alone.</summary>
    Task GiveAsync(IReadOnlyCollection<long> places, long token, CancellationToken cancel);

    /// <summary>Places that are not the token's any more are left alone.</summary>
    Task RenewAsync(IReadOnlyCollection<long> places, long token, TimeSpan lease, CancellationToken cancel);
}

/// <param name="Pool">1 to 700 letters.</param>
/// <param name="Size">Places of the pool; the same in all calls.</param>
/// <param name="Who">Names who asks under the token, the same each time, 1 to 200 letters: its turn is kept by that name.</param>
/// <param name="Most">Places wanted, 1 or more.</param>
/// <param name="Token">A writer's: its places are free when it is closed or revoked.</param>
/// <param name="Lease">How long they are kept without renewal.</param>
public sealed record PoolTake(string Pool, int Size, string Who, Lane Lane, int Most, long Token, TimeSpan Lease);
