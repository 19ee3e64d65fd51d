using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Etl.Embedded.Broker.Requests;

namespace Etl.Embedded.Broker.Network;

/// <summary>Takes connections and serves each until it ends.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private const int Backlog = 512;

    private readonly Socket _socket;
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<Task, Socket> _serving = [];
    private int _open;
    private Task _accepting = Task.CompletedTask;

    private Listener(Socket socket) => _socket = socket;

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public int Connections => Volatile.Read(ref _open);

    /// <exception cref="BrokerException">The port is taken or the address is not of this machine.</exception>
    public static Listener Bind(BrokerOptions options)
    {
        var address = options.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(options.Host);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, options.Port));
            socket.Listen(Backlog);
            return new(socket);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw error.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => new BrokerException($"{options.Host}:{options.Port} is taken by another program; expected it to be free. Stop that program, or choose another port (0 takes any free one).", isTransient: true, error),
                SocketError.AccessDenied => new BrokerException($"{options.Host}:{options.Port} may not be opened by this user; expected a port above 1,023.", isTransient: false, error),
                SocketError.AddressNotAvailable => new BrokerException($"{options.Host} is no address of this machine; expected one, 127.0.0.1 for instance.", isTransient: false, error),
                _ => new BrokerException($"{options.Host}:{options.Port} cannot be listened on: {error.Message}", isTransient: false, error),
            };
        }
    }

    public void Start(ApiTable apis, MemoryBudget memory, BrokerOptions options) => _accepting = AcceptAsync(apis, memory, options);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _socket.Dispose();
        await _accepting;
        await Task.WhenAll(_serving.Keys);
        _ending.Dispose();
    }

    private async Task AcceptAsync(ApiTable apis, MemoryBudget memory, BrokerOptions options)
    {
        while (!_ending.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _socket.AcceptAsync(_ending.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                if (_ending.IsCancellationRequested) return;
                await Task.Yield(); // the client went before it was taken, or descriptors ran out: others may do better
                continue;
            }
            if (Connections >= options.ConnectionsMax) client.Dispose();
            else Serve(client, new Connection(client, apis, memory, options.FrameBytesMax));
        }
    }

    private void Serve(Socket client, Connection connection)
    {
        Interlocked.Increment(ref _open);
        client.NoDelay = true;
        var serving = Task.Run(() => ServeAsync(connection));
        _serving[serving] = client;
        serving.ContinueWith(done => _serving.TryRemove(done, out _), TaskScheduler.Default);
    }

    private async Task ServeAsync(Connection connection)
    {
        try
        {
            await connection.ServeAsync(_ending.Token);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException or InvalidDataException)
        {
            // The client went, or the broker ends, or a file was spoilt: in each case this connection is over, and the client asks anew.
        }
        finally
        {
            connection.Dispose();
            Interlocked.Decrement(ref _open);
        }
    }
}
