using System.Buffers.Binary;

namespace Etl.Codecs.Avro.Wire;

/// <summary>How Confluent's clients put Avro into Kafka messages: byte 0, the schema's id in the registry (32 bits, high byte first), the datum.</summary>
public static class WireFormat
{
    public const byte Magic = 0;

    /// <summary>Bytes before the datum.</summary>
    public const int HeadBytes = 5;

    /// <summary>Splits a message.</summary>
    /// <param name="payload">The datum: a slice of the message.</param>
    /// <returns>Null when done, else <see cref="DecodeFault.InvalidFrame"/> or <see cref="DecodeFault.EndOfData"/>.</returns>
    public static DecodeProblem? Read(ReadOnlySpan<byte> message, out int schemaId, out ReadOnlySpan<byte> payload)
    {
        schemaId = 0;
        payload = default;
        if (message.IsEmpty) return new(DecodeFault.EndOfData, 0, "", "found no byte, expected byte 0 and a schema id");
        if (message[0] != Magic) return new(DecodeFault.InvalidFrame, 0, "", $"found byte {message[0]}, expected {Magic}");
        if (message.Length < HeadBytes) return new(DecodeFault.EndOfData, message.Length, "", $"found {message.Length} bytes, expected a schema id up to byte {HeadBytes}");
        schemaId = BinaryPrimitives.ReadInt32BigEndian(message[1..]);
        payload = message[HeadBytes..];
        return null;
    }

    /// <summary>Writes the head and returns its length, <see cref="HeadBytes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The destination is shorter.</exception>
    public static int WriteHead(Span<byte> destination, int schemaId)
    {
        destination[0] = Magic;
        BinaryPrimitives.WriteInt32BigEndian(destination[1..], schemaId);
        return HeadBytes;
    }
}
