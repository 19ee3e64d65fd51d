using System.Buffers.Binary;
using System.IO.Hashing;

namespace Etl.Codecs.Cql;

/// <summary>
/// The frames of protocol v5, here called segments as in Cassandra's code: header, payload, CRC32 of the payload. Without compression the header is 3 bytes
/// (17 bits length, 1 bit self-contained) and 3 bytes CRC24; with LZ4 5 bytes (17 bits compressed, 17 bits uncompressed length, 1 bit) and 3 bytes. All little-endian.
/// </summary>
public static class Segment
{
    /// <summary>The most bytes of envelopes in one segment.</summary>
    public const int PayloadMax = 131_071;

    public const int HeaderBytes = 6, CompressedHeaderBytes = 8, TrailerBytes = 4;

    // The CRC32 of a payload starts over these bytes.
    private const uint Seed = 0xCA552DFA;

    private const int LengthMask = PayloadMax, SelfContainedBit = 17, CompressedSelfContainedBit = 34;

    /// <summary>Writes header and trailer around a payload that lies <see cref="HeaderBytes"/> behind the start of <paramref name="segment"/>, with room for the trailer after it.</summary>
    public static void Seal(Span<byte> segment, bool isSelfContained)
    {
        int length = segment.Length - HeaderBytes - TrailerBytes;
        if (length is < 0 or > PayloadMax) throw new ArgumentOutOfRangeException(nameof(segment), length, $"a payload of {length} bytes; expected 0 to {PayloadMax}");
        SealPayload(segment, HeaderBytes, length);
        WriteLengths(segment, HeaderBytes, (uint)length | (isSelfContained ? 1UL << SelfContainedBit : 0));
    }

    /// <summary>As <see cref="Seal"/> for connections with LZ4: the payload, compressed or not, lies <see cref="CompressedHeaderBytes"/> behind the start.</summary>
    /// <param name="plainLength">The payload's length before compression; 0: it is not compressed.</param>
    public static void SealCompressed(Span<byte> segment, int plainLength, bool isSelfContained)
    {
        int length = segment.Length - CompressedHeaderBytes - TrailerBytes;
        if (length is < 0 or > PayloadMax) throw new ArgumentOutOfRangeException(nameof(segment), length, $"a payload of {length} bytes; expected 0 to {PayloadMax}");
        SealPayload(segment, CompressedHeaderBytes, length);
        WriteLengths(segment, CompressedHeaderBytes, (uint)length | (ulong)(uint)plainLength << SelfContainedBit | (isSelfContained ? 1UL << CompressedSelfContainedBit : 0));
    }

    /// <summary>Reads a header.</summary>
    /// <returns>false when its CRC24 is wrong: the lengths must not be believed.</returns>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, bool isCompressed, out SegmentHeader lengths)
    {
        lengths = default;
        int bytes = isCompressed ? CompressedHeaderBytes : HeaderBytes;
        ulong field = ReadField(header[..(bytes - 3)]);
        if (ReadField(header[(bytes - 3)..bytes]) != Crc24.Of(header[..(bytes - 3)])) return false;
        int length = (int)(field & LengthMask);
        lengths = isCompressed
            ? new(length, (int)(field >> SelfContainedBit & LengthMask), (field >> CompressedSelfContainedBit & 1) != 0)
            : new(length, 0, (field >> SelfContainedBit & 1) != 0);
        return true;
    }

    /// <summary>Compares the payload's CRC32 with the trailer. The last 4 bytes of the header are overwritten, so read it before.</summary>
    /// <param name="segment">Header, payload and trailer.</param>
    public static bool IsPayloadWhole(Span<byte> segment, bool isCompressed)
    {
        int start = (isCompressed ? CompressedHeaderBytes : HeaderBytes) - sizeof(uint);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[start..], Seed);
        return Crc32.HashToUInt32(segment[start..^TrailerBytes]) == BinaryPrimitives.ReadUInt32LittleEndian(segment[^TrailerBytes..]);
    }

    private static void SealPayload(Span<byte> segment, int headerBytes, int length)
    {
        var seeded = segment.Slice(headerBytes - sizeof(uint), sizeof(uint) + length); // the header is written afterwards
        BinaryPrimitives.WriteUInt32LittleEndian(seeded, Seed);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[(headerBytes + length)..], Crc32.HashToUInt32(seeded));
    }

    private static void WriteLengths(Span<byte> segment, int headerBytes, ulong field)
    {
        for (int i = 0; i < headerBytes - 3; i++) segment[i] = (byte)(field >> 8 * i);
        uint crc = Crc24.Of(segment[..(headerBytes - 3)]);
        for (int i = 0; i < 3; i++) segment[headerBytes - 3 + i] = (byte)(crc >> 8 * i);
    }

    private static ulong ReadField(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = 0; i < bytes.Length; i++) value |= (ulong)bytes[i] << 8 * i;
        return value;
    }
}

/// <summary>What a segment's header says.</summary>
/// <param name="Length">Bytes of the payload as sent.</param>
/// <param name="PlainLength">Bytes after decompression; 0 where it is not compressed.</param>
/// <param name="IsSelfContained">Whole envelopes only; otherwise a part of one large envelope.</param>
public readonly record struct SegmentHeader(int Length, int PlainLength, bool IsSelfContained);
