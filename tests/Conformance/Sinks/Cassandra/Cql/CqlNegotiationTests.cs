using System.Net;
using System.Net.Sockets;
using Etl.Codecs.Cql;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Tests.Conformance.Sinks.Cassandra.Cql;

/// <summary>A server of old, which knows nothing above version 4: a proxy that answers version 5 as such a server does, and passes version 4 on.</summary>
[Trait("needs", "cassandra")]
public sealed class CqlNegotiationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_without_version_five_is_spoken_to_in_four()
    {
        if (CqlWorld.Server is null) Assert.Skip("ETL_TEST_CASSANDRA is not set: expected host:port of a Cassandra");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var versions = new List<byte>();
        var accepting = AcceptAsync(listener, versions);
        await using (var cluster = Cluster.Builder(TimeProvider.System, new Random(1)).AddContactPoint($"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}").Build())
        {
            await using var session = await cluster.ConnectAsync(Cancel);
            cluster.ProtocolVersion.ShouldBe(ProtocolVersion.V4);
            (await session.ExecuteAsync(new SimpleStatement("SELECT key FROM system.local"), Cancel)).Rows.Count.ShouldBe(1);
        }
        listener.Stop();
        await accepting;
        versions.ShouldBe([5, 4, 4]); // refused once, then the control connection and the session's
    }

    private static async Task AcceptAsync(TcpListener listener, List<byte> versions)
    {
        try
        {
            while (true) await ServeAsync(await listener.AcceptTcpClientAsync(Cancel), versions);
        }
        catch (SocketException) { } // stopped
    }

    private static async Task ServeAsync(TcpClient client, List<byte> versions)
    {
        byte[] head = new byte[Envelope.HeaderBytes];
        await client.GetStream().ReadExactlyAsync(head, Cancel);
        versions.Add(head[0]);
        if (head[0] > 4)
        {
            using var writer = new CqlWriter();
            int start = Envelope.Begin(writer, 0x84, CqlOpcode.Error);
            writer.Int((int)CqlErrorCode.Protocol);
            writer.String("Invalid or unsupported protocol version (5); the lowest supported version is 3 and the greatest is 4");
            Envelope.End(writer, start);
            await client.GetStream().WriteAsync(writer.Written.ToArray(), Cancel);
            client.Client.Shutdown(SocketShutdown.Send);
            return;
        }
        var real = new TcpClient();
        var address = IPEndPoint.Parse(CqlWorld.Server!);
        await real.ConnectAsync(address, Cancel);
        await real.GetStream().WriteAsync(head, Cancel);
        _ = PassAsync(client, real);
        _ = PassAsync(real, client);
    }

    private static async Task PassAsync(TcpClient from, TcpClient to)
    {
        try { await from.GetStream().CopyToAsync(to.GetStream()); }
        catch (IOException) { }
        finally
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
