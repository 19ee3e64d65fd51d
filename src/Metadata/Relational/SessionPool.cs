using System.Collections.Concurrent;
using Etl.Contracts;

namespace Etl.Metadata.Relational;

/// <summary>At most so many sessions, opened when first needed and kept with their prepared statements; <paramref name="remedy"/> tells whoever found none free why that is and what to do.</summary>
internal sealed class SessionPool(int max, TimeSpan patience, string remedy, Func<CancellationToken, Task<Session>> open) : IAsyncDisposable
{
    private readonly SemaphoreSlim _free = new(max, max);
    private readonly ConcurrentBag<Session> _idle = [];

    public async Task<Session> RentAsync(CancellationToken cancel)
    {
        if (!await _free.WaitAsync(patience, cancel))
            throw new StoreException($"metadata: all {max} connections were busy for {patience.TotalSeconds:0.#} s; {remedy}", isTransient: true);
        try { return _idle.TryTake(out var session) ? session : await open(cancel); }
        catch
        {
            _free.Release();
            throw;
        }
    }

    public async ValueTask ReturnAsync(Session session)
    {
        if (session.IsBroken || !session.IsOpen) await session.DisposeAsync();
        else _idle.Add(session);
        _free.Release();
    }

    /// <summary>Closes what is idle, without a word to the server.</summary>
    public async ValueTask DropIdleAsync()
    {
        while (_idle.TryTake(out var session))
        {
            session.IsBroken = true;
            await session.DisposeAsync();
        }
    }

    /// <summary>Closes what is idle; what is in use is closed by whoever returns it last.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_idle.TryTake(out var session)) await session.DisposeAsync();
    }
}
