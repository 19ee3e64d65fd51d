using System.Buffers.Binary;
using System.IO.Hashing;

namespace Etl.Topics;

/// <summary>Hash of one record, by which the chain check knows it again.</summary>
public static class RecordHash
{
    /// <returns>32 hex digits: XxHash128 over the key's length and bytes, the value and the timestamp.</returns>
    public static string Of(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long timestampMillis)
    {
        Span<byte> numbers = stackalloc byte[sizeof(int) + sizeof(long)];
        BinaryPrimitives.WriteInt32LittleEndian(numbers, key.Length); // or a byte could move from the key's end to the value's start unseen
        BinaryPrimitives.WriteInt64LittleEndian(numbers[sizeof(int)..], timestampMillis);
        var hash = new XxHash128();
        hash.Append(numbers);
        hash.Append(key);
        hash.Append(value);
        Span<byte> result = stackalloc byte[16];
        hash.GetCurrentHash(result);
        return Convert.ToHexStringLower(result);
    }
}
