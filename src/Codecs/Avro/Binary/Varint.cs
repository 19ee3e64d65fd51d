using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Etl.Codecs.Avro.Binary;

/// <summary>Avro's <c>int</c> and <c>long</c>: zig-zag, 7 bits to a byte, low bits first. Padding with zero bits is accepted while it fits the bytes allowed.</summary>
public static class Varint
{
    /// <summary>Bytes of the longest <c>long</c>.</summary>
    public const int LongBytesMax = 10;

    /// <summary>Bytes of the longest <c>int</c>.</summary>
    public const int IntBytesMax = 5;

    private const ulong MoreBits = 0x8080_8080_8080_8080;

    /// <summary>Reads one Avro <c>long</c>.</summary>
    /// <param name="length">Bytes used, 1 to 10; 0 when nothing was read.</param>
    /// <returns><c>Done</c>; <c>NeedMoreData</c> if the source ends inside the number; <c>InvalidData</c> past 64 bits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OperationStatus ReadLong(ReadOnlySpan<byte> source, out long value, out int length)
    {
        if (source.Length > 0 && source[0] < 0x80)
        {
            (value, length) = (ZigZag.Decode(source[0]), 1);
            return OperationStatus.Done;
        }
        return ReadLongOfMany(source, out value, out length);
    }

    /// <summary>Reads one Avro <c>int</c>.</summary>
    /// <param name="length">Bytes used, 1 to 5; 0 when nothing was read.</param>
    /// <returns><c>Done</c>; <c>NeedMoreData</c> if the source ends inside the number; <c>InvalidData</c> past 5 bytes or 32 bits.</returns>
    public static OperationStatus ReadInt(ReadOnlySpan<byte> source, out int value, out int length)
    {
        var status = ReadLong(source[..Math.Min(source.Length, IntBytesMax)], out long wide, out length);
        value = (int)wide;
        if (status == OperationStatus.Done && value == wide) return OperationStatus.Done;
        if (status == OperationStatus.NeedMoreData && source.Length < IntBytesMax) return status;
        (value, length) = (0, 0);
        return OperationStatus.InvalidData;
    }

    private static OperationStatus ReadLongOfMany(ReadOnlySpan<byte> source, out long value, out int length)
    {
        if (Bmi2.X64.IsSupported && source.Length >= 8)
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(source);
            ulong stops = ~word & MoreBits;
            if (stops != 0)
            {
                int stop = BitOperations.TrailingZeroCount(stops); // the bit number of the last byte's free top bit: 8·length − 1
                ulong taken = word & (ulong.MaxValue >> (63 - stop));
                (value, length) = (ZigZag.Decode(Bmi2.X64.ParallelBitExtract(taken, ~MoreBits)), (stop >> 3) + 1);
                return OperationStatus.Done;
            }
        }
        return ReadLongByByte(source, out value, out length);
    }

    internal static OperationStatus ReadLongByByte(ReadOnlySpan<byte> source, out long value, out int length)
    {
        ulong bits = 0;
        for (int place = 0; place < source.Length; place++)
        {
            byte next = source[place];
            if (place == LongBytesMax - 1 && next > 1)
            {
                (value, length) = (0, 0);
                return OperationStatus.InvalidData; // the tenth byte has room for bit 63 only
            }
            bits |= (ulong)(next & 0x7F) << (7 * place);
            if (next < 0x80)
            {
                (value, length) = (ZigZag.Decode(bits), place + 1);
                return OperationStatus.Done;
            }
        }
        (value, length) = (0, 0);
        return OperationStatus.NeedMoreData;
    }

    /// <summary>Bytes that <see cref="Write"/> uses for the value, 1 to 10.</summary>
    public static int LengthOf(long value) => (70 - BitOperations.LeadingZeroCount(ZigZag.Encode(value) | 1)) / 7;

    /// <summary>Writes one Avro <c>long</c> (or <c>int</c>: the bytes are the same) and returns the bytes used, 1 to 10.</summary>
    /// <exception cref="IndexOutOfRangeException">The destination is shorter than the number.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<byte> destination, long value)
    {
        ulong bits = ZigZag.Encode(value);
        int length = 0;
        while (bits >= 0x80)
        {
            destination[length++] = (byte)(bits | 0x80);
            bits >>= 7;
        }
        destination[length++] = (byte)bits;
        return length;
    }
}
