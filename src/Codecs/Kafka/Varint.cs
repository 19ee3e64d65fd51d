namespace Etl.Codecs.Kafka;

/// <summary>Variable-length integers: 7 bits to a byte, low bits first, high bit set on all but the last byte.</summary>
public static class Varint
{
    public const int UnsignedBytesMax = 5;
    public const int LongBytesMax = 10;

    /// <summary>Reads an unsigned 32-bit number.</summary>
    /// <returns>Bytes used, 1 to 5; 0 if the source ends inside the number or it passes 32 bits.</returns>
    public static int ReadUnsigned(ReadOnlySpan<byte> source, out uint value)
    {
        value = 0;
        for (int i = 0; i < source.Length && i < UnsignedBytesMax; i++)
        {
            uint next = source[i];
            if (i == UnsignedBytesMax - 1 && next > 0xF) break; // the fifth byte has room for four bits
            value |= (next & 0x7F) << (7 * i);
            if (next < 0x80) return i + 1;
        }
        value = 0;
        return 0;
    }

    /// <summary>Reads a zigzag 64-bit number.</summary>
    /// <returns>Bytes used, 1 to 10; 0 if the source ends inside the number or it passes 64 bits.</returns>
    public static int ReadLong(ReadOnlySpan<byte> source, out long value)
    {
        ulong bits = 0;
        for (int i = 0; i < source.Length && i < LongBytesMax; i++)
        {
            ulong next = source[i];
            if (i == LongBytesMax - 1 && next > 1) break; // the tenth byte has room for bit 63 only
            bits |= (next & 0x7F) << (7 * i);
            if (next >= 0x80) continue;
            value = (long)(bits >> 1) ^ -(long)(bits & 1);
            return i + 1;
        }
        value = 0;
        return 0;
    }

    /// <summary>Reads a zigzag 32-bit number.</summary>
    /// <returns>Bytes used; 0 if the source ends inside the number or it passes 32 bits.</returns>
    public static int ReadInt(ReadOnlySpan<byte> source, out int value)
    {
        int length = ReadLong(source, out long wide);
        value = (int)wide;
        return value == wide ? length : 0;
    }

    /// <summary>Writes an unsigned 32-bit number.</summary>
    /// <returns>Bytes written, 1 to 5; the target must have room for them.</returns>
    public static int WriteUnsigned(Span<byte> target, uint value)
    {
        int length = 0;
        for (; value >= 0x80; value >>= 7) target[length++] = (byte)(value | 0x80);
        target[length++] = (byte)value;
        return length;
    }

    /// <summary>Writes a zigzag 64-bit number.</summary>
    /// <returns>Bytes written, 1 to 10; the target must have room for them.</returns>
    public static int WriteLong(Span<byte> target, long value)
    {
        int length = 0;
        ulong bits = (ulong)(value << 1) ^ (ulong)(value >> 63);
        for (; bits >= 0x80; bits >>= 7) target[length++] = (byte)(bits | 0x80);
        target[length++] = (byte)bits;
        return length;
    }
}
