using System.Buffers.Binary;

namespace Etl.Codecs.Avro.Wire;

/// <summary>Avro's single-object encoding: bytes C3 01, the schema's <see cref="Fingerprint.Crc64(AvroSchema)"/> (low byte first), the datum.</summary>
public static class SingleObject
{
    /// <summary>Bytes before the datum.</summary>
    public const int HeadBytes = 10;

    private const ushort Marker = 0x01C3;

    /// <summary>Splits a message.</summary>
    /// <param name="payload">The datum: a slice of the message.</param>
    /// <returns>Null when done, else <see cref="DecodeFault.InvalidFrame"/> or <see cref="DecodeFault.EndOfData"/>.</returns>
    public static DecodeProblem? Read(ReadOnlySpan<byte> message, out ulong fingerprint, out ReadOnlySpan<byte> payload)
    {
        fingerprint = 0;
        payload = default;
        if (message.Length < HeadBytes) return new(DecodeFault.EndOfData, message.Length, "", $"found {message.Length} bytes, expected a head of {HeadBytes}");
        if (BinaryPrimitives.ReadUInt16LittleEndian(message) is not Marker) return new(DecodeFault.InvalidFrame, 0, "", $"found {Convert.ToHexString(message[..2])}, expected C301");
        fingerprint = BinaryPrimitives.ReadUInt64LittleEndian(message[2..]);
        payload = message[HeadBytes..];
        return null;
    }

    /// <summary>Writes the head and returns its length, <see cref="HeadBytes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The destination is shorter.</exception>
    public static int WriteHead(Span<byte> destination, ulong fingerprint)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination[2..], fingerprint);
        BinaryPrimitives.WriteUInt16LittleEndian(destination, Marker);
        return HeadBytes;
    }
}
