using Etl.Embedded.Broker.Topics;

namespace Etl.Embedded.Broker;

/// <summary>What goes on beside requests: forcing logs to the disk, and retention.</summary>
internal sealed class Maintenance : IAsyncDisposable
{
    private readonly TopicStore _topics;
    private readonly OffsetStore _offsets;
    private readonly BrokerOptions _options;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _early = new(0, 1);
    private readonly Task _syncing;
    private readonly Task _deleting;

    public Maintenance(TopicStore topics, OffsetStore offsets, BrokerOptions options, TimeProvider clock)
    {
        (_topics, _offsets, _options, _clock) = (topics, offsets, options, clock);
        topics.WantsSync = SyncEarly;
        _syncing = Task.Run(SyncAsync);
        _deleting = Task.Run(DeleteAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _syncing;
        await _deleting;
        _ending.Dispose();
        _early.Dispose();
    }

    private void SyncEarly()
    {
        try
        {
            if (_early.CurrentCount == 0) _early.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another partition asked at the same time.
        }
    }

    private async Task SyncAsync()
    {
        using var timer = new PeriodicTimer(_options.FsyncInterval, _clock);
        var tick = timer.WaitForNextTickAsync(_ending.Token).AsTask();
        try
        {
            while (true)
            {
                var early = _early.WaitAsync(_ending.Token);
                var first = await Task.WhenAny(tick, early);
                await first;
                if (first == tick) tick = timer.WaitForNextTickAsync(_ending.Token).AsTask();
                SyncAll();
            }
        }
        catch (OperationCanceledException)
        {
            // The broker ends: closing the logs forces them to the disk.
        }
    }

    private void SyncAll()
    {
        foreach (var topic in _topics.All)
            foreach (var log in topic.Partitions)
                Try(log.Sync);
        Try(_offsets.Sync);
    }

    private async Task DeleteAsync()
    {
        using var timer = new PeriodicTimer(_options.RetentionCheck, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token))
                foreach (var topic in _topics.All)
                    foreach (var log in topic.Partitions)
                        Try(() => log.ApplyRetention());
        }
        catch (OperationCanceledException)
        {
            // The broker ends.
        }
    }

    // A failed fsync closes its log for appends by itself; a failed deletion is tried again at the next round.
    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (IOException)
        {
        }
    }
}
