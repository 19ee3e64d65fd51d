using System.Net;
using System.Threading.Channels;
using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>
/// One connection that watches the cluster: it reads the ring, hears of changes, and reads again. Events are hints; what is read is what counts, and it is read
/// after each of them (once a second at most) and after each new connection.
/// </summary>
internal sealed class ControlConnection(Cluster cluster) : IAsyncDisposable
{
    private static readonly TimeSpan Debounce = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<EventMessage> _events = Channel.CreateBounded<EventMessage>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropOldest });
    private Connection? _connection;
    private Task _watching = Task.CompletedTask;

    /// <summary>null before the first; it may have ended.</summary>
    public Connection? Current => Volatile.Read(ref _connection);

    /// <summary>Connects to the first node that answers, reads the ring, and watches it from then on.</summary>
    /// <exception cref="NoHostAvailableException">None answered.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        await ConnectAsync(cancel);
        _watching = Task.Run(WatchAsync, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _connection?.Close(new ConnectionLostException("the cluster was closed", _connection.Host));
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        int failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (_connection is not { IsOpen: true })
                {
                    if (failures > 0) await Task.Delay(cluster.Reconnection.Delay(failures, cluster.NextRandom()), cluster.Time, _stop.Token);
                    await ConnectAsync(_stop.Token);
                    failures = 0;
                }
                await HearAsync(_connection!);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested) { return; }
            catch (DriverException error)
            {
                if (failures++ == 0) cluster.Log(new(true, $"The cluster cannot be watched for changes: {error.Message}"));
                _connection?.Close(new ConnectionLostException("it failed to tell the ring", _connection.Host, null, error));
            }
        }
    }

    // Waits for events, or for the end of the connection, then reads the ring.
    private async Task HearAsync(Connection connection)
    {
        var heard = _events.Reader.WaitToReadAsync(_stop.Token).AsTask();
        if (await Task.WhenAny(heard, connection.Closed) != heard || !connection.IsOpen)
        {
            if (_stop.IsCancellationRequested) return;
            throw await connection.Closed;
        }
        await heard;
        await Task.Delay(Debounce, cluster.Time, _stop.Token); // a node that is said to be up takes a moment to accept
        var up = new HashSet<IPEndPoint>();
        while (_events.Reader.TryRead(out var message))
            if (message is { Change: "UP" or "NEW_NODE", Node: { } node }) up.Add(node);
        await ReadAsync(connection);
        foreach (var node in up) cluster.OnUp(node);
    }

    private async Task ConnectAsync(CancellationToken cancel)
    {
        var errors = new Dictionary<IPEndPoint, Exception>();
        await foreach (var (address, hostName) in cluster.CandidatesAsync(cancel))
        {
            if (errors.ContainsKey(address)) continue;
            Connection? connection = null;
            try
            {
                connection = await cluster.OpenFirstAsync(address, hostName, cancel);
                connection.OnEvent = message => _events.Writer.TryWrite(message);
                await ReadAsync(connection);
                await RegisterAsync(connection);
                _connection = connection;
                return;
            }
            catch (DriverException error)
            {
                errors[address] = error;
                connection?.Close(error);
                // Nothing another node says will make the password right, and asking all of them costs each a slow check.
                if (error is AuthenticationException) break;
            }
        }
        throw new NoHostAvailableException(errors.Count == 0 ? "no contact point has an address" : $"no node can be used: {string.Join("; ", errors.Values.Select(error => error.Message))}", errors);
    }

    private async Task ReadAsync(Connection connection)
    {
        var (ring, local) = await RingReader.ReadAsync(connection, cluster.Socket.RequestTimeout);
        cluster.OnRing(ring, local);
    }

    private async Task RegisterAsync(Connection connection)
    {
        var answer = await connection.AskAsync((writer, version) => CqlRequest.Register(writer, version, [EventMessage.Topology, EventMessage.Status, EventMessage.SchemaType]), cluster.Socket.RequestTimeout);
        if (answer.Header.Opcode == CqlOpcode.Error) throw ServerTrouble.Of(answer.Error(), connection.Host, null);
    }
}
