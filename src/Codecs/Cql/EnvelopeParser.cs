using System.Buffers;

namespace Etl.Codecs.Cql;

/// <summary>How envelopes travel.</summary>
public enum Framing
{
    /// <summary>One after the other: version 4, and version 5 before the answer to STARTUP.</summary>
    Plain,

    /// <summary>In segments of version 5.</summary>
    Segments,

    /// <summary>In segments of a connection that agreed on LZ4.</summary>
    Lz4Segments,
}

/// <summary>Takes the envelopes that a parser finds.</summary>
public interface IEnvelopeSink
{
    /// <param name="body">Valid during the call.</param>
    void OnEnvelope(in Envelope header, ReadOnlySpan<byte> body);
}

/// <summary>Finds envelopes in what a connection receives, however it was cut: many in one read, one in many, large ones over many segments.</summary>
/// <param name="bodyMax">The largest body that is believed.</param>
public sealed class EnvelopeParser(int bodyMax = Envelope.BodyMax) : IDisposable
{
    private byte[] _partial = [];
    private int _partialLength;
    private byte[] _plain = [];

    /// <summary>May be changed by the sink, for what follows the envelope that it was given.</summary>
    public Framing Framing { get; set; }

    /// <summary>Bytes that must lie together before there is more to find; the caller's buffer must hold so many.</summary>
    public int BytesNeeded { get; private set; } = Envelope.HeaderBytes;

    /// <summary>Gives all whole envelopes to the sink.</summary>
    /// <param name="received">What came and was not used yet; segments in it are overwritten in part.</param>
    /// <returns>Bytes used: the rest must come again, with more behind it.</returns>
    /// <exception cref="InvalidDataException">A checksum or a length is wrong: nothing that follows can be believed.</exception>
    public int Parse(Span<byte> received, IEnvelopeSink sink)
    {
        int used = 0;
        while (true)
        {
            int taken = Framing == Framing.Plain ? TakeEnvelope(received[used..], sink) : TakeSegment(received[used..], sink);
            if (taken == 0) return used;
            used += taken;
        }
    }

    public void Dispose()
    {
        if (_partial.Length > 0) ArrayPool<byte>.Shared.Return(_partial);
        if (_plain.Length > 0) ArrayPool<byte>.Shared.Return(_plain);
        (_partial, _plain, _partialLength) = ([], [], 0);
    }

    private int TakeEnvelope(ReadOnlySpan<byte> bytes, IEnvelopeSink sink)
    {
        BytesNeeded = Envelope.HeaderBytes;
        if (bytes.Length < Envelope.HeaderBytes) return 0;
        var header = Envelope.Read(bytes);
        CheckLength(header);
        BytesNeeded = Envelope.HeaderBytes + header.Length;
        if (bytes.Length < BytesNeeded) return 0;
        var body = bytes.Slice(Envelope.HeaderBytes, header.Length);
        if ((header.Flags & EnvelopeFlags.Compressed) != 0 && (header.Version & 0x7F) < 5)
            body = Lz4Body.DecompressV4(body) ?? throw new InvalidDataException($"the LZ4 block of a frame of {header.Length} bytes is broken");
        sink.OnEnvelope(header, body);
        return Envelope.HeaderBytes + header.Length;
    }

    private int TakeSegment(Span<byte> bytes, IEnvelopeSink sink)
    {
        bool isCompressed = Framing == Framing.Lz4Segments;
        int headerBytes = BytesNeeded = isCompressed ? Segment.CompressedHeaderBytes : Segment.HeaderBytes;
        if (bytes.Length < headerBytes) return 0;
        if (!Segment.TryReadHeader(bytes, isCompressed, out var header))
            throw new InvalidDataException($"the checksum of a segment's header is wrong ({Convert.ToHexStringLower(bytes[..headerBytes])}): the connection lost bytes, or the server does not speak version 5");
        int total = BytesNeeded = headerBytes + header.Length + Segment.TrailerBytes;
        if (bytes.Length < total) return 0;
        if (!Segment.IsPayloadWhole(bytes[..total], isCompressed)) throw new InvalidDataException($"the checksum of a segment's payload of {header.Length} bytes is wrong");
        OnPayload(Decompress(bytes.Slice(headerBytes, header.Length), header.PlainLength), sink);
        return total;
    }

    private ReadOnlySpan<byte> Decompress(ReadOnlySpan<byte> payload, int plainLength)
    {
        if (plainLength == 0) return payload;
        if (_plain.Length == 0) _plain = ArrayPool<byte>.Shared.Rent(Segment.PayloadMax);
        var plain = _plain.AsSpan(0, plainLength);
        return Lz4Body.TryDecompress(payload, plain) ? plain : throw new InvalidDataException($"the LZ4 block of a segment does not come to {plainLength} bytes");
    }

    private void OnPayload(ReadOnlySpan<byte> payload, IEnvelopeSink sink)
    {
        if (_partialLength == 0)
        {
            Keep(payload[TakeWhole(payload, sink)..]);
            return;
        }
        Keep(payload);
        int used = TakeWhole(_partial.AsSpan(0, _partialLength), sink);
        _partial.AsSpan(used, _partialLength - used).CopyTo(_partial);
        _partialLength -= used;
        if (_partialLength == 0 && _partial.Length > 4 * Segment.PayloadMax)
        {
            ArrayPool<byte>.Shared.Return(_partial);
            _partial = [];
        }
    }

    private int TakeWhole(ReadOnlySpan<byte> payload, IEnvelopeSink sink)
    {
        int used = 0;
        while (payload.Length - used >= Envelope.HeaderBytes)
        {
            var header = Envelope.Read(payload[used..]);
            CheckLength(header);
            if (payload.Length - used < Envelope.HeaderBytes + header.Length) break;
            sink.OnEnvelope(header, payload.Slice(used + Envelope.HeaderBytes, header.Length));
            used += Envelope.HeaderBytes + header.Length;
        }
        return used;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        if (_partial.Length - _partialLength < bytes.Length)
        {
            int known = _partialLength == 0 && bytes.Length >= Envelope.HeaderBytes ? Envelope.HeaderBytes + Envelope.Read(bytes).Length : 0;
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(_partialLength + bytes.Length, 2 * _partial.Length), Math.Min(known, 16 * Segment.PayloadMax)));
            _partial.AsSpan(0, _partialLength).CopyTo(larger);
            if (_partial.Length > 0) ArrayPool<byte>.Shared.Return(_partial);
            _partial = larger;
        }
        bytes.CopyTo(_partial.AsSpan(_partialLength));
        _partialLength += bytes.Length;
    }

    private void CheckLength(in Envelope header)
    {
        if (!header.IsResponse || header.Length < 0 || header.Length > bodyMax)
            throw new InvalidDataException($"found version 0x{header.Version:x2}, opcode {header.Opcode}, {header.Length} bytes; expected a response of at most {bodyMax} bytes: is this a CQL port, and is it to be spoken to with TLS?");
    }
}
