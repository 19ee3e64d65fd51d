using System.Net;

namespace Etl.Sinks.Cassandra.Cql;

internal enum SendOutcome
{
    Sent,
    Busy,
    Down,
}

/// <summary>The connections to one node. Lost ones are made anew, one attempt at a time, after delays that grow; requests never wait for that.</summary>
internal sealed class HostPool : IAsyncDisposable
{
    private readonly Session _session;
    private readonly CancellationTokenSource _stop = new();
    private readonly Connection?[] _connections;
    private readonly Task _keeping;
    private readonly TaskCompletionSource _firstTry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _turn;
    private bool _wasUp;

    public HostPool(Session session, Host host)
    {
        (_session, Host) = (session, host);
        _connections = new Connection?[session.Cluster.Pooling.ConnectionsPerHost];
        _keeping = Task.Run(KeepAsync);
    }

    public Host Host { get; set; }

    public IPEndPoint Address => Host.Address;

    public bool IsUp => _connections.Any(connection => connection is { IsOpen: true });

    /// <summary>Why there is no connection.</summary>
    public Exception? LastError { get; private set; }

    /// <summary>Ends with the first attempt to connect, whatever came of it.</summary>
    public Task FirstTry => _firstTry.Task;

    /// <summary>Sends over the connection with the fewest requests.</summary>
    public SendOutcome TrySend(PendingRequest request, bool flush)
    {
        bool anyOpen = false;
        int turn = _connections.Length == 1 ? 0 : Interlocked.Increment(ref _turn) & int.MaxValue;
        for (int i = 0; i < _connections.Length; i++)
        {
            if (Volatile.Read(ref _connections[(turn + i) % _connections.Length]) is not { IsOpen: true } connection) continue;
            anyOpen = true;
            if (connection.TrySend(request, flush)) return SendOutcome.Sent;
        }
        return anyOpen ? SendOutcome.Busy : SendOutcome.Down;
    }

    public void Flush()
    {
        foreach (var connection in _connections) connection?.Flush();
    }

    /// <summary>Tries again at once: the node is said to be up.</summary>
    public void Wake() => _wake.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Wake();
        await _keeping;
        _stop.Dispose();
        foreach (var connection in _connections) connection?.Close(new ConnectionLostException("the session was closed", Address));
    }

    private async Task KeepAsync()
    {
        int failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                for (int i = 0; i < _connections.Length; i++)
                    if (_connections[i] is not { IsOpen: true }) Volatile.Write(ref _connections[i], await OpenAsync());
                failures = 0;
                LastError = null;
                Say(isUp: true, "");
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested) { break; }
            catch (Exception error) // whatever it was, it is tried again
            {
                LastError = error;
                failures++;
                if (!IsUp) Say(isUp: false, error.Message);
            }
            _firstTry.TrySetResult();
            _session.OnRoom();
            await WaitAsync(failures);
        }
        _firstTry.TrySetResult();
    }

    private async Task<Connection> OpenAsync()
    {
        var connection = await _session.Cluster.OpenAsync(Address, _stop.Token);
        connection.OnRoom = _session.OnRoom;
        _ = WakeWhenClosedAsync(connection);
        return connection;
    }

    private async Task WakeWhenClosedAsync(Connection connection)
    {
        LastError = await connection.Closed;
        Wake();
    }

    // Until a connection is lost, a node is said to be up, or the delay after failures is over. A wrong password or certificate is not tried at short intervals.
    private async Task WaitAsync(int failures)
    {
        var delay = failures == 0 ? Timeout.InfiniteTimeSpan
            : LastError is DriverException { IsTransient: false } ? _session.Cluster.Reconnection.MaxDelay
            : _session.Cluster.Reconnection.Delay(failures, _session.Cluster.NextRandom());
        try { await _wake.Task.WaitAsync(delay, _session.Cluster.Time, _stop.Token); }
        catch (TimeoutException) { }
        catch (OperationCanceledException) { return; }
        _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (failures > 0 || _connections.All(connection => connection is { IsOpen: true })) return;
        Say(isUp: IsUp, LastError?.Message ?? "");
    }

    private void Say(bool isUp, string why)
    {
        if (isUp == _wasUp) return;
        _wasUp = isUp;
        _session.Cluster.Log(new(!isUp, isUp ? $"Cassandra node {Address} is connected" : $"Cassandra node {Address} is lost: {why}"));
    }
}
