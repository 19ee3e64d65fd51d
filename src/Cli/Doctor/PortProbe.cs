using System.Globalization;
using System.Net.Sockets;

namespace Etl.Cli.Doctor;

/// <summary>Whether anybody listens at an address; nothing is asked of it.</summary>
internal static class PortProbe
{
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(1);

    /// <param name="address"><c>host:port</c>.</param>
    public static Task<bool> IsOpenAsync(string address, TimeProvider clock, CancellationToken cancel)
    {
        int colon = address.LastIndexOf(':');
        return IsOpenAsync(address[..colon].Trim('[', ']'), int.Parse(address.AsSpan(colon + 1), CultureInfo.InvariantCulture), clock, cancel);
    }

    public static async Task<bool> IsOpenAsync(string host, int port, TimeProvider clock, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(Max, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(host, port, either.Token);
            return true;
        }
        catch (Exception trouble) when (trouble is SocketException || (trouble is OperationCanceledException && !cancel.IsCancellationRequested)) { return false; }
    }
}
