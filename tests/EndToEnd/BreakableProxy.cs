using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Etl.Tests.EndToEnd;

/// <summary>A TCP proxy before a server: cut, it is a server that was killed; frozen, one that hangs, or a network that delivers late.</summary>
internal sealed class BreakableProxy : IAsyncDisposable
{
    private readonly string _host;
    private readonly int _port;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, byte> _sockets = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private volatile TaskCompletionSource _flows = new();
    private volatile bool _isCut;

    public BreakableProxy(string host, int port)
    {
        (_host, _port) = (host, port);
        _flows.SetResult();
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends all connections, on both sides, and every new one until it is mended.</summary>
    public void Cut()
    {
        _isCut = true;
        foreach (var socket in _sockets.Keys) Reset(socket);
    }

    public void Mend() => _isCut = false;

    /// <summary>Passes nothing on until it thaws: neither bytes nor ends of connections. What comes meanwhile is passed on late.</summary>
    public void Freeze() => _flows = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Thaw() => _flows.TrySetResult();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                if (_isCut) Reset(client.Client);
                else _ = ServeAsync(client);
            }
        }
        catch (OperationCanceledException) { }
    }

    private async Task ServeAsync(TcpClient client)
    {
        var server = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        Socket[] both = [client.Client, server.Client];
        foreach (var socket in both) _sockets[socket] = 0;
        try
        {
            await server.ConnectAsync(_host, _port, _stop.Token);
            await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client)).Unwrap();
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException) { }
        finally
        {
            foreach (var socket in both)
            {
                _sockets.TryRemove(socket, out _);
                socket.Dispose();
            }
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to)
    {
        byte[] buffer = new byte[65_536];
        int count;
        do
        {
            count = await from.GetStream().ReadAsync(buffer, _stop.Token);
            await _flows.Task.WaitAsync(_stop.Token);
            await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _stop.Token);
        }
        while (count > 0);
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new(true, 0);
            socket.Close();
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException) { } // it has ended by itself
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        foreach (var socket in _sockets.Keys) socket.Dispose();
    }
}
