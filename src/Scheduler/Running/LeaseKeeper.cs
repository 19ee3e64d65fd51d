using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Running;

/// <summary>Renews the leases of claimed slots, and of their places in pools, while they run, at a third of their time. Where two thirds go by without an answer, or nothing is held any more, the work is told to stop.</summary>
/// <remarks>It saves work, not truth: whoever lost a slot has its end refused, since another token holds it.</remarks>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly ILedger _ledger;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _clock;
    private readonly PoolHold? _hold;
    private readonly Lock _gate = new();
    private readonly HashSet<Slot> _running;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _over = new();
    private readonly Task _renewing;

    private LeaseKeeper(ILedger ledger, IReadOnlyList<Slot> slots, TimeSpan lease, TimeProvider clock, CancellationToken cancel, PoolHold? hold)
    {
        (_ledger, _lease, _clock, _running, _hold) = (ledger, lease, clock, [.. slots], hold);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _renewing = RenewAsync();
    }

    /// <summary>Set when the leases are gone.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Ends with the caller's own, and when the leases are gone.</summary>
    public CancellationToken Stop => _stop.Token;

    public static LeaseKeeper Start(ILedger ledger, IReadOnlyList<Slot> slots, TimeSpan lease, TimeProvider clock, CancellationToken cancel, PoolHold? hold = null) => new(ledger, slots, lease, clock, cancel, hold);

    /// <summary>These need no lease any more.</summary>
    public void End(IReadOnlyList<Slot> slots)
    {
        lock (_gate) _running.ExceptWith(slots);
    }

    private async Task RenewAsync()
    {
        long renewed = _clock.GetTimestamp();
        using var timer = new PeriodicTimer(_lease / 3, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_over.Token))
            {
                long asked = _clock.GetTimestamp();
                bool isHeld = true;
                try
                {
                    if (isHeld = await HoldsAsync().WaitAsync(Left(renewed), _clock, _over.Token)) renewed = asked;
                }
                catch (StoreException) { } // whatever ails the store: the next tick asks again, as long as there is time
                catch (TimeoutException) { } // a store that hangs gives no answer at all
                if (isHeld && _clock.GetElapsedTime(renewed) < _lease * 2 / 3) continue;
                IsLost = true;
                await _stop.CancelAsync();
                return;
            }
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested) { }
    }

    /// <summary>How long an answer is waited for: until two thirds of the lease are over, and a moment where they are.</summary>
    private TimeSpan Left(long renewed)
    {
        var left = _lease * 2 / 3 - _clock.GetElapsedTime(renewed);
        return left > _lease / 12 ? left : _lease / 12;
    }

    /// <summary>Whether a slot is held still, or none is left to hold.</summary>
    private async Task<bool> HoldsAsync()
    {
        Slot[] running;
        lock (_gate) running = [.. _running];
        if (running.Length > 0 && _hold is not null) await _hold.RenewAsync(_over.Token);
        if (running.Length == 0 || (await _ledger.RenewAsync(running, _lease, _over.Token)).Count > 0) return true;
        lock (_gate) return !running.Any(_running.Contains); // they ended between the question and its answer
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _renewing;
        _over.Dispose();
        _stop.Dispose();
    }
}
