using System.Buffers.Binary;

namespace Etl.Topics;

/// <summary>The hash by which Kafka's Java client chooses a key's partition: so all producers agree where a key goes.</summary>
public static class Murmur2
{
    private const uint Seed = 0x9747B28C;
    private const uint Multiplier = 0x5BD1E995;
    private const int Shift = 24;

    /// <param name="partitions">1 or more.</param>
    /// <returns>0 to partitions − 1.</returns>
    public static int PartitionOf(ReadOnlySpan<byte> key, int partitions) => (int)(Hash(key) & 0x7FFF_FFFF) % partitions;

    public static uint Hash(ReadOnlySpan<byte> key)
    {
        uint hash = Seed ^ (uint)key.Length;
        for (; key.Length >= sizeof(uint); key = key[sizeof(uint)..])
        {
            uint word = BinaryPrimitives.ReadUInt32LittleEndian(key) * Multiplier;
            hash = (hash * Multiplier) ^ ((word ^ (word >> Shift)) * Multiplier);
        }
        for (int i = key.Length; i-- > 0;) hash ^= (uint)key[i] << (8 * i);
        if (key.Length > 0) hash *= Multiplier;
        hash ^= hash >> 13;
        hash *= Multiplier;
        return hash ^ (hash >> 15);
    }
}
