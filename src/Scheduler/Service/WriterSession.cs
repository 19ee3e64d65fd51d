using Etl.Contracts;
using Etl.Metadata;

namespace Etl.Scheduler.Service;

/// <summary>A writer's token, renewed until it is given back; <see cref="Lost"/> tells when it is not this process's any more.</summary>
public sealed class WriterSession : IAsyncDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    private readonly IMetadata _metadata;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _lost = new(), _ended = new();
    private readonly Task _renewing;

    private WriterSession(IMetadata metadata, TimeProvider clock, long token)
    {
        (_metadata, _clock, Token, Lost) = (metadata, clock, token, _lost.Token);
        _renewing = RenewAsync();
    }

    public long Token { get; }

    public CancellationToken Lost { get; }

    public static async Task<WriterSession> OpenAsync(IMetadata metadata, string name, TimeProvider clock, CancellationToken cancel) =>
        new(metadata, clock, await metadata.Commits.OpenWriterAsync(name, Lease, cancel));

    /// <summary>A worker stops itself at two thirds of the lease when it cannot renew.</summary>
    private async Task RenewAsync()
    {
        var held = _clock.GetTimestamp();
        while (true)
        {
            try
            {
                await Task.Delay(Lease / 6, _clock, _ended.Token);
                if (!await _metadata.Commits.RenewWriterAsync(Token, Lease, _ended.Token)) break;
                held = _clock.GetTimestamp();
            }
            catch (OperationCanceledException) { return; }
            catch (StoreException)
            {
                if (_clock.GetElapsedTime(held) > Lease * 2 / 3) break;
            }
        }
        await _lost.CancelAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _renewing;
        try { await _metadata.Commits.CloseWriterAsync(Token, CancellationToken.None); }
        catch (StoreException) { } // its lease ends by itself
        _ended.Dispose();
        _lost.Dispose();
    }
}
