using System.Buffers.Binary;
using System.Numerics;

namespace Etl.Codecs.Cql;

/// <summary>Tokens of Cassandra's Murmur3Partitioner: the first half of Murmur3 x64 128, whose last <c>length % 16</c> bytes are taken as signed.</summary>
public static class Murmur3Token
{
    private const ulong C1 = 0x87c37b91114253d5, C2 = 0x4cf5ad432745937f;

    /// <summary>The token of a routing key; never <see cref="long.MinValue"/>, which becomes <see cref="long.MaxValue"/>.</summary>
    public static long Of(ReadOnlySpan<byte> key)
    {
        ulong h1 = 0, h2 = 0;
        int whole = key.Length & ~15;
        for (int i = 0; i < whole; i += 16)
        {
            h1 = BitOperations.RotateLeft(h1 ^ Mix1(BinaryPrimitives.ReadUInt64LittleEndian(key[i..])), 27) + h2;
            h1 = h1 * 5 + 0x52dce729;
            h2 = BitOperations.RotateLeft(h2 ^ Mix2(BinaryPrimitives.ReadUInt64LittleEndian(key[(i + 8)..])), 31) + h1;
            h2 = h2 * 5 + 0x38495ab5;
        }
        var tail = key[whole..];
        if (tail.Length > 8) h2 ^= Mix2(Signed(tail[8..]));
        if (tail.Length > 0) h1 ^= Mix1(Signed(tail[..Math.Min(8, tail.Length)]));

        h1 ^= (ulong)key.Length;
        h2 ^= (ulong)key.Length;
        h1 += h2;
        h2 += h1;
        (h1, h2) = (Finish(h1), Finish(h2));
        long token = (long)(h1 + h2);
        return token == long.MinValue ? long.MaxValue : token;
    }

    // Each byte is sign-extended before it is shifted and joined by XOR, as Java's bytes are: a byte >= 0x80 flips all bits above it.
    private static ulong Signed(ReadOnlySpan<byte> bytes)
    {
        ulong joined = 0;
        for (int i = 0; i < bytes.Length; i++) joined ^= (ulong)(long)(sbyte)bytes[i] << 8 * i;
        return joined;
    }

    private static ulong Mix1(ulong k) => BitOperations.RotateLeft(k * C1, 31) * C2;

    private static ulong Mix2(ulong k) => BitOperations.RotateLeft(k * C2, 33) * C1;

    private static ulong Finish(ulong k)
    {
        k = (k ^ k >> 33) * 0xff51afd7ed558ccd;
        k = (k ^ k >> 33) * 0xc4ceb9fe1a85ec53;
        return k ^ k >> 33;
    }
}
