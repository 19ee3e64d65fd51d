using System.Buffers.Binary;
using K4os.Compression.LZ4;

namespace Etl.Codecs.Cql;

/// <summary>LZ4 as the protocol uses it: raw blocks; in v4 the plain length stands before the block, big-endian, in v5 in the segment's header.</summary>
public static class Lz4Body
{
    public const int LengthBytes = 4;

    /// <summary>Room that a block of so many plain bytes may need.</summary>
    public static int RoomFor(int plainLength) => LZ4Codec.MaximumOutputSize(plainLength);

    /// <summary>Compresses into <paramref name="target"/>; the block's length, or -1 where it is not smaller or has no room.</summary>
    public static int Compress(ReadOnlySpan<byte> plain, Span<byte> target)
    {
        int length = LZ4Codec.Encode(plain, target, LZ4Level.L00_FAST);
        return length > 0 && length < plain.Length ? length : -1;
    }

    /// <summary>Decompresses a block to exactly the length of <paramref name="plain"/>; false where it does not come to that.</summary>
    public static bool TryDecompress(ReadOnlySpan<byte> block, Span<byte> plain) => plain.Length == 0 ? block.Length <= 1 : LZ4Codec.Decode(block, plain) == plain.Length;

    /// <summary>Decompresses the body of a v4 frame.</summary>
    /// <returns>null where the length is impossible or the block broken.</returns>
    public static byte[]? DecompressV4(ReadOnlySpan<byte> body)
    {
        if (body.Length < LengthBytes) return null;
        int length = BinaryPrimitives.ReadInt32BigEndian(body);
        if (length is < 0 or > Envelope.BodyMax || length > 255L * body.Length) return null; // an LZ4 block grows by 255 at most
        byte[] plain = new byte[length];
        return TryDecompress(body[LengthBytes..], plain) ? plain : null;
    }
}
