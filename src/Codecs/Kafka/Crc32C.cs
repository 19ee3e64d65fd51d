using System.Buffers.Binary;
using System.Numerics;

namespace Etl.Codecs.Kafka;

/// <summary>CRC-32C (Castagnoli), on the processor's own instruction where it has one.</summary>
public static class Crc32C
{
    /// <summary>The checksum of all bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        for (; bytes.Length >= 8; bytes = bytes[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte next in bytes) crc = BitOperations.Crc32C(crc, next);
        return ~crc;
    }
}
