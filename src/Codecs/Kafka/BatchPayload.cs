using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using K4os.Compression.LZ4;
using Snappier;
using ZstdSharp;

namespace Etl.Codecs.Kafka;

/// <summary>The unpacked records of a batch in a pooled buffer; <see cref="Dispose"/> gives it back.</summary>
public sealed class BatchPayload : IDisposable
{
    /// <summary>Largest unpacked payload; more is a fault.</summary>
    public const int BytesMax = 128 << 20;

    private const uint Lz4Magic = 0x184D2204;
    private const byte Lz4Independent = 0x20, Lz4BlockChecksum = 0x10, Lz4ContentSize = 0x08, Lz4Dictionary = 0x01;
    private const int XerialHeaderBytes = 16;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4096);
    private int _length;

    private BatchPayload()
    {
    }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>The bytes could not be unpacked; <see cref="Bytes"/> then holds what came before the fault.</summary>
    public bool IsFaulty { get; private set; }

    /// <summary>Unpacks what follows a batch's header.</summary>
    public static BatchPayload Unpack(ReadOnlySpan<byte> packed, KafkaCodec codec)
    {
        var payload = new BatchPayload();
        try
        {
            payload.IsFaulty = !(codec switch
            {
                KafkaCodec.None => payload.Append(packed),
                KafkaCodec.Gzip => payload.Stream(packed, input => new GZipStream(input, CompressionMode.Decompress)),
                KafkaCodec.Zstd => payload.Stream(packed, input => new DecompressionStream(input)),
                KafkaCodec.Snappy => payload.Snappy(packed),
                KafkaCodec.Lz4 => payload.Lz4(packed),
                _ => false,
            });
        }
        catch (Exception error) when (error is InvalidDataException or ZstdException or EndOfStreamException or ArgumentException or IOException)
        {
            payload.IsFaulty = true; // how the libraries say that bytes are not theirs
        }
        return payload;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private bool Append(ReadOnlySpan<byte> bytes)
    {
        if (!Reserve(bytes.Length)) return false;
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
        return true;
    }

    private unsafe bool Stream(ReadOnlySpan<byte> packed, Func<Stream, Stream> open)
    {
        fixed (byte* start = packed)
        {
            using var input = new UnmanagedMemoryStream(start, packed.Length);
            using var output = open(input);
            while (Reserve(1))
            {
                int read = output.Read(_buffer, _length, Math.Min(_buffer.Length, BytesMax) - _length);
                if (read == 0) return true;
                _length += read;
            }
        }
        return false;
    }

    // Raw, or in the framing of the Java library: a magic of 8 bytes, two versions, then blocks with their lengths.
    private bool Snappy(ReadOnlySpan<byte> packed)
    {
        if (!packed.StartsWith((ReadOnlySpan<byte>)[0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0])) return SnappyBlock(packed);
        if (packed.Length < XerialHeaderBytes) return false;
        for (packed = packed[XerialHeaderBytes..]; packed.Length > 0;)
        {
            if (packed.Length < 4) return false;
            int length = BinaryPrimitives.ReadInt32BigEndian(packed);
            if (length < 0 || length > packed.Length - 4 || !SnappyBlock(packed.Slice(4, length))) return false;
            packed = packed[(4 + length)..];
        }
        return true;
    }

    private bool SnappyBlock(ReadOnlySpan<byte> block)
    {
        int length = Snappier.Snappy.GetUncompressedLength(block);
        if (!Reserve(length)) return false;
        _length += Snappier.Snappy.Decompress(block, _buffer.AsSpan(_length));
        return true;
    }

    private bool Lz4(ReadOnlySpan<byte> packed)
    {
        if (packed.Length < 7 || BinaryPrimitives.ReadUInt32LittleEndian(packed) != Lz4Magic) return false;
        byte flags = packed[4];
        int blockMax = 1 << (8 + (2 * ((packed[5] >> 4) & 7))); // 4 is 64 KiB, 7 is 4 MiB
        if ((flags & Lz4Independent) == 0 || blockMax < 1 << 16) return false; // Kafka's clients write independent blocks only
        int header = 7 + ((flags & Lz4ContentSize) != 0 ? 8 : 0) + ((flags & Lz4Dictionary) != 0 ? 4 : 0);
        for (packed = packed[Math.Min(header, packed.Length)..]; packed.Length >= 4;)
        {
            uint word = BinaryPrimitives.ReadUInt32LittleEndian(packed);
            if (word == 0) return true; // the end mark
            int length = (int)(word & int.MaxValue);
            if (length > packed.Length - 4) return false;
            var block = packed.Slice(4, length);
            if (!(word > int.MaxValue ? Append(block) : Lz4Block(block, blockMax))) return false;
            packed = packed[(4 + length)..];
            if ((flags & Lz4BlockChecksum) != 0) packed = packed[Math.Min(4, packed.Length)..];
        }
        return false;
    }

    private bool Lz4Block(ReadOnlySpan<byte> block, int bytesMax)
    {
        if (!Reserve(bytesMax)) return false;
        int written = LZ4Codec.Decode(block, _buffer.AsSpan(_length, bytesMax));
        if (written < 0) return false;
        _length += written;
        return true;
    }

    private bool Reserve(int length)
    {
        if (length < 0 || (long)_length + length > BytesMax) return false;
        if (_buffer.Length - _length >= length) return true;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + length, _buffer.Length * 2));
        Bytes.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
        return true;
    }
}
