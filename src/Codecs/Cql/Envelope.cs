using System.Buffers.Binary;

namespace Etl.Codecs.Cql;

/// <summary>The header before each message: 9 bytes, big-endian. In v4 header and body are the frame; in v5 segments carry them.</summary>
/// <param name="Version">4 or 5; responses have the top bit set.</param>
/// <param name="Stream">Answers carry their request's; negative ones are the server's.</param>
/// <param name="Length">Bytes of the body.</param>
public readonly record struct Envelope(byte Version, EnvelopeFlags Flags, short Stream, CqlOpcode Opcode, int Length)
{
    public const int HeaderBytes = 9;

    /// <summary>The largest body that servers send or take, as a bound: 256 MiB.</summary>
    public const int BodyMax = 256 * 1024 * 1024;

    private const int StreamAt = 2, LengthAt = 5;

    public bool IsResponse => (Version & 0x80) != 0;

    public static Envelope Read(ReadOnlySpan<byte> header) =>
        new(header[0], (EnvelopeFlags)header[1], BinaryPrimitives.ReadInt16BigEndian(header[StreamAt..]), (CqlOpcode)header[4], BinaryPrimitives.ReadInt32BigEndian(header[LengthAt..]));

    /// <summary>Puts a stream id into a written envelope.</summary>
    public static void SetStream(Span<byte> envelope, short stream) => BinaryPrimitives.WriteInt16BigEndian(envelope[StreamAt..], stream);

    /// <summary>Begins an envelope; <see cref="End"/> puts its length in.</summary>
    public static int Begin(CqlWriter writer, byte version, CqlOpcode opcode, EnvelopeFlags flags = EnvelopeFlags.None)
    {
        int start = writer.Length;
        var header = writer.Take(HeaderBytes);
        header.Clear();
        (header[0], header[1], header[4]) = (version, (byte)flags, (byte)opcode);
        return start;
    }

    public static void End(CqlWriter writer, int start) =>
        BinaryPrimitives.WriteInt32BigEndian(writer.Patch[(start + LengthAt)..], writer.Length - start - HeaderBytes);
}

[Flags]
public enum EnvelopeFlags : byte
{
    None = 0,
    Compressed = 0x01,
    Tracing = 0x02,
    CustomPayload = 0x04,
    Warning = 0x08,
    Beta = 0x10,
}

public enum CqlOpcode : byte
{
    Error = 0x00,
    Startup = 0x01,
    Ready = 0x02,
    Authenticate = 0x03,
    Options = 0x05,
    Supported = 0x06,
    Query = 0x07,
    Result = 0x08,
    Prepare = 0x09,
    Execute = 0x0A,
    Register = 0x0B,
    Event = 0x0C,
    Batch = 0x0D,
    AuthChallenge = 0x0E,
    AuthResponse = 0x0F,
    AuthSuccess = 0x10,
}
