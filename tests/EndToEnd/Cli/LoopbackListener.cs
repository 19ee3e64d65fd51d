using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>A port on loopback of the test's own; each connection is answered by it, many at once, until it is disposed.</summary>
internal sealed class LoopbackListener : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<NetworkStream, CancellationToken, Task> _answer;

    /// <param name="answer">Closing comes after it. Clients may go away in the middle.</param>
    public LoopbackListener(Func<NetworkStream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException) { }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try { await _answer(client.GetStream(), _stop.Token); }
            catch (Exception ended) when (ended is IOException or OperationCanceledException or AuthenticationException) { }
        }
    }
}
