using System.Buffers;
using System.Buffers.Binary;

namespace Etl.Codecs.Cql;

/// <summary>Collects envelopes for one write: as they are, or as many as fit into each segment. One thread at a time.</summary>
/// <param name="lz4">Bodies of plain frames are compressed; for segments <see cref="Framing"/> says it.</param>
public sealed class OutboundBuffer(Framing framing, bool lz4 = false) : IDisposable
{
    /// <summary>Below this compression costs more than it saves.</summary>
    private const int CompressFrom = 512;

    private const int KeptMax = 4 * 1024 * 1024;

    private readonly List<Part> _parts = [];
    private byte[] _buffer = [];
    private byte[] _compressed = [];
    private int _open = -1; // start of the segment that still takes envelopes

    /// <summary>Bytes collected.</summary>
    public int Length { get; private set; }

    /// <summary>Adds an envelope under a stream id.</summary>
    public void Append(ReadOnlySpan<byte> envelope, short stream)
    {
        if (framing == Framing.Plain) AppendPlain(envelope, stream);
        else if (envelope.Length <= Segment.PayloadMax) AppendWhole(envelope, stream);
        else AppendParts(envelope, stream);
    }

    /// <summary>What goes to the wire; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Seal()
    {
        if (framing == Framing.Plain) return _buffer.AsMemory(0, Length);
        Close();
        if (framing == Framing.Lz4Segments) return Compress();
        foreach (var part in _parts) Segment.Seal(_buffer.AsSpan(part.Start, Segment.HeaderBytes + part.PayloadLength + Segment.TrailerBytes), part.IsSelfContained);
        return _buffer.AsMemory(0, Length);
    }

    /// <summary>Forgets what was collected; large memory is given back.</summary>
    public void Clear()
    {
        _parts.Clear();
        (Length, _open) = (0, -1);
        if (_buffer.Length > KeptMax) GiveBack(ref _buffer);
        if (_compressed.Length > KeptMax) GiveBack(ref _compressed);
    }

    public void Dispose()
    {
        GiveBack(ref _buffer);
        GiveBack(ref _compressed);
    }

    private void AppendPlain(ReadOnlySpan<byte> envelope, short stream)
    {
        int start = Length, bodyLength = envelope.Length - Envelope.HeaderBytes;
        if (lz4 && bodyLength >= CompressFrom && envelope[4] != (byte)CqlOpcode.Startup)
        {
            var room = Take(Envelope.HeaderBytes + Lz4Body.LengthBytes + bodyLength);
            int length = Lz4Body.Compress(envelope[Envelope.HeaderBytes..], room[(Envelope.HeaderBytes + Lz4Body.LengthBytes)..]);
            if (length > 0)
            {
                envelope[..Envelope.HeaderBytes].CopyTo(room);
                room[1] |= (byte)EnvelopeFlags.Compressed;
                BinaryPrimitives.WriteInt32BigEndian(room[5..], Lz4Body.LengthBytes + length);
                BinaryPrimitives.WriteInt32BigEndian(room[Envelope.HeaderBytes..], bodyLength);
                Envelope.SetStream(room, stream);
                Length = start + Envelope.HeaderBytes + Lz4Body.LengthBytes + length;
                return;
            }
            Length = start;
        }
        Put(envelope, stream);
    }

    private void AppendWhole(ReadOnlySpan<byte> envelope, short stream)
    {
        if (_open >= 0 && Length - _open - Segment.HeaderBytes + envelope.Length > Segment.PayloadMax) Close();
        if (_open < 0)
        {
            _open = Length;
            Take(Segment.HeaderBytes);
        }
        Put(envelope, stream);
    }

    // An envelope past one segment has segments of its own, with nothing else between them.
    private void AppendParts(ReadOnlySpan<byte> envelope, short stream)
    {
        Close();
        for (int at = 0; at < envelope.Length; at += Segment.PayloadMax)
        {
            int length = Math.Min(Segment.PayloadMax, envelope.Length - at);
            _parts.Add(new(Length, length, false));
            Take(Segment.HeaderBytes);
            var payload = Take(length);
            envelope.Slice(at, length).CopyTo(payload);
            if (at == 0) Envelope.SetStream(payload, stream);
            Take(Segment.TrailerBytes);
        }
    }

    private void Close()
    {
        if (_open < 0) return;
        _parts.Add(new(_open, Length - _open - Segment.HeaderBytes, true));
        Take(Segment.TrailerBytes);
        _open = -1;
    }

    private ReadOnlyMemory<byte> Compress()
    {
        int length = 0;
        foreach (var part in _parts)
        {
            var payload = _buffer.AsSpan(part.Start + Segment.HeaderBytes, part.PayloadLength);
            Reserve(ref _compressed, length, Segment.CompressedHeaderBytes + Math.Max(payload.Length, Lz4Body.RoomFor(payload.Length)) + Segment.TrailerBytes);
            var target = _compressed.AsSpan(length);
            var room = target.Slice(Segment.CompressedHeaderBytes, Lz4Body.RoomFor(payload.Length));
            int block = payload.Length >= CompressFrom ? Lz4Body.Compress(payload, room) : -1;
            if (block < 0) payload.CopyTo(target[Segment.CompressedHeaderBytes..]);
            int sent = block < 0 ? payload.Length : block;
            Segment.SealCompressed(target[..(Segment.CompressedHeaderBytes + sent + Segment.TrailerBytes)], block < 0 ? 0 : payload.Length, part.IsSelfContained);
            length += Segment.CompressedHeaderBytes + sent + Segment.TrailerBytes;
        }
        return _compressed.AsMemory(0, length);
    }

    private void Put(ReadOnlySpan<byte> envelope, short stream)
    {
        var room = Take(envelope.Length);
        envelope.CopyTo(room);
        Envelope.SetStream(room, stream);
    }

    private Span<byte> Take(int length)
    {
        Reserve(ref _buffer, Length, length);
        Length += length;
        return _buffer.AsSpan(Length - length, length);
    }

    private static void Reserve(ref byte[] buffer, int used, int more)
    {
        if (buffer.Length - used >= more) return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(used + more), Math.Max(16 * 1024, (int)Math.Min(2L * buffer.Length, Array.MaxLength))));
        buffer.AsSpan(0, used).CopyTo(larger);
        GiveBack(ref buffer);
        buffer = larger;
    }

    private static void GiveBack(ref byte[] buffer)
    {
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }

    private readonly record struct Part(int Start, int PayloadLength, bool IsSelfContained);
}
