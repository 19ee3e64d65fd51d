using Etl.Embedded.Broker.Network;
using Etl.Embedded.Broker.Requests;
using Etl.Embedded.Broker.Topics;

namespace Etl.Embedded.Broker;

/// <summary>
/// A server of Kafka's protocol with its log in one folder: topics, idempotent producers, consumers that assign partitions to themselves, committed
/// offsets, admin calls. It has neither consumer groups with members nor transactions, and its list of versions says so.
/// </summary>
public sealed class KafkaBroker : IAsyncDisposable
{
    private readonly FileStream _lock;
    private readonly TopicStore _topics;
    private readonly OffsetStore _offsets;
    private readonly Maintenance _maintenance;
    private readonly Listener _listener;
    private readonly TaskCompletionSource<string> _storageFault = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _disposed;

    private KafkaBroker(FileStream folderLock, Listener listener, BrokerOptions options, TimeProvider clock)
    {
        (_lock, _listener) = (folderLock, listener);
        _topics = new(options, clock);
        _offsets = new(options.DataFolder, id => _topics.Find(id) is not null);
        var identity = new BrokerIdentity(options.DataFolder);
        ClusterId = identity.ClusterId;
        Host = options.Host;
        Repairs = _topics.Repairs;
        _maintenance = new(_topics, _offsets, options, clock);
        _topics.StorageFaulted = error => _storageFault.TrySetResult(DataFolder.Explain(options.DataFolder, error).Message);
        var parts = new BrokerParts(options, clock, _topics, _offsets, identity, new(options.Host, listener.Port));
        listener.Start(new(parts), new(options.RequestMemoryBytes), options);
    }

    /// <summary>Where clients connect, as "host:port".</summary>
    public string Endpoint => $"{Host}:{Port}";

    public string Host { get; }

    public int Port => _listener.Port;

    /// <summary>Made with the folder and kept with it.</summary>
    public string ClusterId { get; }

    /// <summary>What was found torn at the start and cut or made anew, in words; empty after a clean end.</summary>
    public IReadOnlyList<string> Repairs { get; }

    /// <summary>Ends with one sentence when the disk did not take a batch for the first time. The broker goes on, and clients go on trying: who waits for them may prefer to stop.</summary>
    public Task<string> StorageFault => _storageFault.Task;

    /// <summary>Clients connected now.</summary>
    public int Connections => _listener.Connections;

    /// <summary>Opens the folder and listens. When the task is done, clients can connect.</summary>
    /// <param name="clock">Gives append times and the pace of fsync and retention.</param>
    /// <exception cref="ArgumentException">The options have faults; the message lists all.</exception>
    /// <exception cref="BrokerException">The port is taken, or the folder cannot be written or is held by another broker.</exception>
    public static Task<KafkaBroker> StartAsync(BrokerOptions options, TimeProvider clock, CancellationToken cancel)
    {
        if (options.Faults() is { Count: > 0 } faults) throw new ArgumentException(string.Join(Environment.NewLine, faults), nameof(options));
        return Task.Run(() => Start(options, clock, cancel), cancel);
    }

    /// <summary>Ends all connections, forces the logs to the disk and lets the folder go.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1) return;
        await _listener.DisposeAsync();
        await _maintenance.DisposeAsync();
        _topics.Dispose();
        _offsets.Dispose();
        await _lock.DisposeAsync();
    }

    private static KafkaBroker Start(BrokerOptions options, TimeProvider clock, CancellationToken cancel)
    {
        FileStream? folderLock = null;
        Listener? listener = null;
        try
        {
            cancel.ThrowIfCancellationRequested();
            folderLock = DataFolder.Take(options.DataFolder);
            listener = Listener.Bind(options); // before the logs: a taken port leaves the folder as it was
            return new(folderLock, listener, options, clock);
        }
        catch (Exception error)
        {
            listener?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            folderLock?.Dispose();
            if (error is IOException or UnauthorizedAccessException) throw DataFolder.Explain(options.DataFolder, error);
            throw;
        }
    }
}
