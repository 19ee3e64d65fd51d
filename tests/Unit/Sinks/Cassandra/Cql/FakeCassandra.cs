using System.Net;
using Etl.Codecs.Cql;
using Etl.Sinks.Cassandra.Cql;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Sinks.Cassandra.Cql;

/// <summary>The server's end of one connection in protocol v4: the test reads what came and answers as it likes.</summary>
internal sealed class FakeCassandra : IDisposable
{
    private readonly WireStream _stream;

    private FakeCassandra(WireStream stream, Connection connection, FakeTimeProvider time) => (_stream, Connection, Time) = (stream, connection, time);

    public static readonly IPEndPoint Address = new(IPAddress.Loopback, 9042);

    public Connection Connection { get; }

    public FakeTimeProvider Time { get; }

    public static FakeCassandra Open(PoolingOptions? pooling = null, (string, string)? credentials = null)
    {
        var (client, server) = WireStream.Pair();
        var time = new FakeTimeProvider();
        var settings = new ConnectionSettings(new(), pooling ?? new(), null, credentials, false, CompressionType.NoCompression, time, _ => { });
        return new(server, new(settings, client, Address, 4), time);
    }

    public static async Task<FakeCassandra> StartedAsync(PoolingOptions? pooling = null)
    {
        var fake = Open(pooling);
        var starting = fake.Connection.StartAsync();
        var (header, _) = await fake.ReceiveAsync();
        header.Opcode.ShouldBe(CqlOpcode.Startup);
        await fake.AnswerAsync(header.Stream, CqlOpcode.Ready);
        await starting;
        return fake;
    }

    public async Task<(Envelope Header, byte[] Body)> ReceiveAsync()
    {
        byte[] head = new byte[Envelope.HeaderBytes];
        await _stream.ReadExactlyAsync(head, TestContext.Current.CancellationToken);
        var header = Envelope.Read(head);
        byte[] body = new byte[header.Length];
        await _stream.ReadExactlyAsync(body, TestContext.Current.CancellationToken);
        return (header, body);
    }

    public async Task AnswerAsync(short stream, CqlOpcode opcode, Action<CqlWriter>? body = null, EnvelopeFlags flags = EnvelopeFlags.None)
    {
        using var writer = new CqlWriter();
        int start = Envelope.Begin(writer, 0x84, opcode, flags);
        body?.Invoke(writer);
        Envelope.End(writer, start);
        Envelope.SetStream(writer.Patch, stream);
        await SendAsync(writer.Written.ToArray());
    }

    public Task AnswerVoidAsync(short stream) => AnswerAsync(stream, CqlOpcode.Result, writer => writer.Int((int)ResultKind.Void));

    public async Task SendAsync(byte[] bytes) => await _stream.WriteAsync(bytes);

    public void Dispose() => _stream.Dispose();
}

/// <summary>A request that keeps what it is told.</summary>
internal sealed class Asked : PendingRequest
{
    private readonly TaskCompletionSource<byte[]> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _message;

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public Asked(int number)
    {
        using var writer = new CqlWriter();
        CqlRequest.Query(writer, 4, $"select {number}", new(ConsistencyLevel.One));
        _message = writer.Written.ToArray();
        Deadline = long.MaxValue;
    }

    /// <summary>What it was told; a test that waits for ever tells nothing.</summary>
    public Task<byte[]> Told => _told.Task.IsCompleted ? _told.Task : _told.Task.WaitAsync(Patience);

    public bool IsTold => _told.Task.IsCompleted;

    public override ReadOnlySpan<byte> Message => _message;

    public override void OnAnswer(Connection connection, in Envelope header, ReadOnlySpan<byte> body) => _told.SetResult(body.ToArray());

    public override void OnFailure(Connection connection, DriverException error) => _told.SetException(error);
}
