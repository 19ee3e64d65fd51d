using System.Net;
using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>A request on its way. A connection that took it tells it exactly one of both: an answer, or a failure.</summary>
internal abstract class PendingRequest
{
    /// <summary>The whole envelope, with any stream id; read while it is sent.</summary>
    public abstract ReadOnlySpan<byte> Message { get; }

    /// <summary>When waiting ends, as a time stamp of the connection's clock.</summary>
    public long Deadline { get; set; }

    /// <param name="body">Valid during the call.</param>
    public abstract void OnAnswer(Connection connection, in Envelope header, ReadOnlySpan<byte> body);

    /// <summary>Time is up, or the connection ended: the outcome is unknown.</summary>
    public abstract void OnFailure(Connection connection, DriverException error);
}

/// <summary>A copied answer.</summary>
internal sealed record Answer(Envelope Header, byte[] Body, ResponsePrefix Prefix, int PrefixLength)
{
    public CqlReader Reader() => new(Body.AsSpan(PrefixLength));

    public ErrorMessage Error()
    {
        var reader = Reader();
        return ErrorMessage.Read(ref reader, (byte)(Header.Version & 0x7F));
    }
}

/// <summary>A request of the client's own (handshake, heartbeat, topology), awaited as a task.</summary>
internal sealed class OwnRequest : PendingRequest, IDisposable
{
    private readonly TaskCompletionSource<Answer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CqlWriter Writer { get; } = new();

    public Task<Answer> Answer => _answer.Task;

    public override ReadOnlySpan<byte> Message => Writer.Written;

    public override void OnAnswer(Connection connection, in Envelope header, ReadOnlySpan<byte> body)
    {
        var reader = new CqlReader(body);
        var prefix = ResponsePrefix.Read(ref reader, header.Flags);
        _answer.TrySetResult(new(header, body.ToArray(), prefix, reader.Position));
    }

    public override void OnFailure(Connection connection, DriverException error) => _answer.TrySetException(error);

    public void Dispose() => Writer.Dispose();
}

/// <summary>Takes the place of a request that nobody waits for any more, until its answer comes: the stream id is not free before.</summary>
internal sealed class OrphanedRequest : PendingRequest
{
    private OrphanedRequest() { }

    public static OrphanedRequest Instance { get; } = new();

    public override ReadOnlySpan<byte> Message => default;

    public override void OnAnswer(Connection connection, in Envelope header, ReadOnlySpan<byte> body) { }

    public override void OnFailure(Connection connection, DriverException error) { }
}

/// <summary>Asks a silent connection whether it lives, and ends it where no answer comes: TCP alone tells nothing of a host that vanished.</summary>
internal sealed class Heartbeat : PendingRequest
{
    private readonly byte[] _message;
    private readonly TimeSpan _timeout;

    public Heartbeat(byte version, TimeSpan timeout)
    {
        using var writer = new CqlWriter();
        CqlRequest.Options(writer, version);
        (_message, _timeout) = (writer.Written.ToArray(), timeout);
    }

    public bool IsUnderWay { get; set; }

    public override ReadOnlySpan<byte> Message => _message;

    public override void OnAnswer(Connection connection, in Envelope header, ReadOnlySpan<byte> body) => IsUnderWay = false;

    public override void OnFailure(Connection connection, DriverException error) =>
        connection.Close(new ConnectionLostException($"no answer to a heartbeat within {_timeout.TotalSeconds:0.###} s: the node hangs or is gone", connection.Host));
}

/// <summary>What all connections of a cluster share.</summary>
internal sealed record ConnectionSettings(SocketOptions Socket, PoolingOptions Pooling, SslOptions? Ssl, (string User, string Password)? Credentials, bool PlainTextCredentials, CompressionType Compression, TimeProvider Time, Action<CqlLogEntry> Log)
{
    public long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Time.TimestampFrequency);

    /// <summary>Passwords go without TLS over loopback only, unless that was allowed.</summary>
    public bool MayLogInTo(IPEndPoint host) => Ssl is not null || PlainTextCredentials || IPAddress.IsLoopback(host.Address);
}
