using System.Numerics;

namespace Etl.Codecs.Cql;

/// <summary>Cassandra's variable-length integers: the leading one bits of the first byte count the bytes that follow, up to 8; big-endian.</summary>
public static class Vint
{
    public const int BytesMax = 9;

    public static long ZigZag(long value) => value << 1 ^ value >> 63;

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    /// <summary>Writes an unsigned number; the bytes used, 1 to 9.</summary>
    public static int Write(Span<byte> target, ulong value)
    {
        int bits = 64 - BitOperations.LeadingZeroCount(value | 1);
        int more = bits > 56 ? 8 : (bits - 1) / 7;
        for (int i = more; i > 0; i--, value >>= 8) target[i] = (byte)value;
        target[0] = (byte)(more == 8 ? 0xFF : (byte)~(0xFF >> more) | (byte)value);
        return more + 1;
    }

    /// <summary>Reads an unsigned number; the bytes used, 0 where the source ends inside.</summary>
    public static int Read(ReadOnlySpan<byte> source, out ulong value)
    {
        value = 0;
        if (source.IsEmpty) return 0;
        int more = BitOperations.LeadingZeroCount((uint)(byte)~source[0] << 24 | 0x00800000);
        if (source.Length <= more) return 0;
        value = (ulong)(source[0] & 0xFF >> more);
        for (int i = 1; i <= more; i++) value = value << 8 | source[i];
        return more + 1;
    }
}
