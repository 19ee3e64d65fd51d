using Etl.Codecs.Kafka;
using Etl.Embedded.Broker.Log;

namespace Etl.Embedded.Broker.Requests;

/// <summary>How a request ends.</summary>
internal enum Reaction
{
    /// <summary>The answer was written.</summary>
    Answer,

    /// <summary>No answer is due: a Produce with acks 0.</summary>
    Silence,

    /// <summary>The request cannot be understood: Kafka closes the connection then.</summary>
    Close,
}

/// <summary>One request and the answer in the making. A connection has one and uses it again and again.</summary>
internal sealed class Request : IDisposable
{
    public ApiKey Api { get; private set; }

    public short Version { get; private set; }

    public int CorrelationId { get; private set; }

    public string? ClientId { get; private set; }

    public bool Flexible { get; private set; }

    /// <summary>The message behind the header; handlers may patch record batches in it.</summary>
    public Memory<byte> Body { get; private set; }

    public KafkaWriter Answer { get; } = new();

    /// <summary>The files' bytes for the gaps of the answer, in their order; each holds its segment.</summary>
    public List<LogRange> Ranges { get; } = [];

    public KafkaReader Reader() => new(Body.Span, Flexible);

    /// <summary>Reads the header of a frame.</summary>
    /// <returns>False if it does not decode.</returns>
    public bool TryBegin(Memory<byte> frame, Func<ApiKey, short, bool> isFlexible)
    {
        var reader = new KafkaReader(frame.Span, flexible: false);
        Api = (ApiKey)reader.Int16();
        Version = reader.Int16();
        CorrelationId = reader.Int32();
        ClientId = reader.PlainNullableString();
        reader.Flexible = Flexible = isFlexible(Api, Version);
        reader.EndStruct();
        Body = reader.Failed ? default : frame[reader.Position..];
        return !reader.Failed;
    }

    /// <summary>Begins the answer with its header.</summary>
    public void BeginAnswer()
    {
        Answer.Clear();
        Answer.Flexible = Flexible;
        Answer.Int32(CorrelationId);
        if (Api != ApiKey.ApiVersions) Answer.EndStruct(); // ApiVersions keeps the oldest header, so that any client can read it
    }

    public void ReleaseRanges()
    {
        foreach (var range in Ranges) range.Segment.Release();
        Ranges.Clear();
    }

    public void Dispose()
    {
        ReleaseRanges();
        Answer.Dispose();
    }
}
