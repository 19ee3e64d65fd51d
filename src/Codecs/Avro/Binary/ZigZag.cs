using System.Runtime.CompilerServices;

namespace Etl.Codecs.Avro.Binary;

/// <summary>Signed numbers as unsigned ones, small magnitudes first: 0, −1, 1, −2 are 0, 1, 2, 3.</summary>
public static class ZigZag
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Decode(ulong bits) => (long)(bits >> 1) ^ -(long)(bits & 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Encode(long value) => (ulong)((value << 1) ^ (value >> 63));
}
