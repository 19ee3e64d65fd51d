using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using Snappier;

namespace Etl.Codecs.Avro.Container;

/// <summary>How a container file's blocks are packed. Its name stands in the file's <c>avro.codec</c>.</summary>
public enum ContainerCodec
{
    Null,

    /// <summary>RFC 1951, without zlib's head.</summary>
    Deflate,

    /// <summary>Snappy's raw form, then the CRC-32 of the unpacked bytes, high byte first.</summary>
    Snappy,

    /// <summary>RFC 8878.</summary>
    Zstandard,
}

internal static class ContainerCodecs
{
    private const int ChecksumBytes = 4;
    private const int StepBytes = 81_920;

    public static string NameOf(ContainerCodec codec) => codec switch
    {
        ContainerCodec.Null => "null",
        ContainerCodec.Deflate => "deflate",
        ContainerCodec.Snappy => "snappy",
        _ => "zstandard",
    };

    public static ContainerCodec? Of(string name) => Enum.GetValues<ContainerCodec>().Cast<ContainerCodec?>().FirstOrDefault(codec => NameOf(codec!.Value) == name);

    public static byte[] Pack(ContainerCodec codec, ReadOnlySpan<byte> bytes)
    {
        switch (codec)
        {
            case ContainerCodec.Null:
                return bytes.ToArray();
            case ContainerCodec.Snappy:
                byte[] packed = Snappy.CompressToArray(bytes);
                Array.Resize(ref packed, packed.Length + ChecksumBytes);
                BinaryPrimitives.WriteUInt32BigEndian(packed.AsSpan(packed.Length - ChecksumBytes), Crc32.HashToUInt32(bytes));
                return packed;
            case ContainerCodec.Zstandard:
                using (var compressor = new ZstdSharp.Compressor()) return compressor.Wrap(bytes).ToArray();
            default:
                using (var target = new MemoryStream())
                {
                    using (var deflate = new DeflateStream(target, CompressionLevel.Optimal, leaveOpen: true)) deflate.Write(bytes);
                    return target.ToArray();
                }
        }
    }

    /// <summary>Null when done, else what is wrong.</summary>
    public static string? Unpack(ContainerCodec codec, ReadOnlyMemory<byte> packed, int bytesMax, out ReadOnlyMemory<byte> bytes)
    {
        bytes = packed;
        try
        {
            switch (codec)
            {
                case ContainerCodec.Null:
                    return null;
                case ContainerCodec.Snappy:
                    return UnpackSnappy(packed.Span, bytesMax, out bytes);
                case ContainerCodec.Zstandard:
                    using (var source = new ZstdSharp.DecompressionStream(StreamOver(packed))) return ReadAll(source, bytesMax, out bytes);
                default:
                    using (var source = new DeflateStream(StreamOver(packed), CompressionMode.Decompress)) return ReadAll(source, bytesMax, out bytes);
            }
        }
        catch (Exception cause) when (cause is InvalidDataException or EndOfStreamException or ArgumentException or ZstdSharp.ZstdException)
        {
            return $"{NameOf(codec)} cannot unpack it: {cause.Message}";
        }
    }

    private static string? UnpackSnappy(ReadOnlySpan<byte> packed, int bytesMax, out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        if (packed.Length < ChecksumBytes) return $"found {packed.Length} bytes, expected at least the checksum's {ChecksumBytes}";
        uint expected = BinaryPrimitives.ReadUInt32BigEndian(packed[^ChecksumBytes..]);
        packed = packed[..^ChecksumBytes];
        const int RatioMax = 64; // a snappy copy of 2 or 3 bytes makes 64 at most
        int length = Snappy.GetUncompressedLength(packed);
        if (length < 0 || length > bytesMax || length > (long)packed.Length * RatioMax) return $"found {length:N0} bytes unpacked of {packed.Length:N0}, expected at most {bytesMax:N0}";
        byte[] unpacked = Snappy.DecompressToArray(packed);
        bytes = unpacked;
        uint found = Crc32.HashToUInt32(unpacked);
        return found == expected ? null : $"found checksum {found:X8}, expected {expected:X8}";
    }

    private static string? ReadAll(Stream source, int bytesMax, out ReadOnlyMemory<byte> bytes)
    {
        var target = new ArrayBufferWriter<byte>();
        while (source.Read(target.GetSpan(StepBytes)) is > 0 and var read)
        {
            target.Advance(read);
            if (target.WrittenCount <= bytesMax) continue;
            bytes = default;
            return $"found more than {bytesMax:N0} bytes unpacked ({nameof(ContainerLimits.UnpackedBytesMax)})";
        }
        bytes = target.WrittenMemory;
        return null;
    }

    private static MemoryStream StreamOver(ReadOnlyMemory<byte> bytes) => new(bytes.ToArray(), writable: false);
}
