using System.Globalization;
using System.Net;

namespace Etl.Cli.Settings;

/// <summary>Addresses as people write them: <c>host:port</c>, <c>[v6]:port</c>.</summary>
internal static class Endpoint
{
    /// <param name="host">Without brackets.</param>
    public static bool TryParse(string text, out string host)
    {
        int colon = text.LastIndexOf(':');
        host = colon < 0 ? text : text[..colon];
        bool isPort = colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0;
        if (host is ['[', .., ']']) host = host[1..^1];
        return isPort && host.Length > 0 && (IPAddress.TryParse(host, out _) || Uri.CheckHostName(host) == UriHostNameType.Dns);
    }

    /// <summary>Whether what is sent there stays on this machine. A name other than <c>localhost</c> may point anywhere.</summary>
    public static bool IsLoopback(string text)
    {
        _ = TryParse(text, out string host);
        return IsLoopbackHost(host);
    }

    public static bool IsLoopbackHost(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
