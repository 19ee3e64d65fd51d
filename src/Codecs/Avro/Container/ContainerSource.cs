using System.Buffers;
using System.Text;
using Etl.Codecs.Avro.Binary;

namespace Etl.Codecs.Avro.Container;

/// <summary>The parts of a container file as bytes: head and blocks. A method that returns false has left <see cref="Problem"/>, or the file has ended.</summary>
internal sealed class ContainerSource(Stream input)
{
    public const int SyncBytes = 16;

    private const int StepBytes = 1024 * 1024;

    public static ReadOnlySpan<byte> Magic => "Obj\u0001"u8;

    /// <summary>Bytes read.</summary>
    public long Position { get; private set; }

    public DecodeProblem? Problem { get; private set; }

    public bool TryReadHead(ContainerLimits limits, out Dictionary<string, byte[]> metadata, out byte[] sync)
    {
        metadata = [];
        sync = [];
        if (!TryReadBytes(Magic.Length, out var magic)) return false;
        if (!magic.Span.SequenceEqual(Magic)) return Fail(DecodeFault.InvalidFrame, $"found {Convert.ToHexString(magic.Span)}, expected {Convert.ToHexString(Magic)}");
        long left = limits.MetadataBytesMax;
        while (true)
        {
            if (!TryReadLong(out long count, out _)) return false;
            if (count == 0) break;
            if (count < 0 && !TryReadLong(out _, out _)) return false; // the block's size
            for (count = Math.Abs(Math.Max(count, -long.MaxValue)); count > 0; count--)
            {
                if (!TryReadPart(ref left, out var key) || !TryReadPart(ref left, out var value)) return false;
                metadata[Encoding.UTF8.GetString(key.Span)] = value.ToArray();
            }
        }
        if (!TryReadBytes(SyncBytes, out var marker)) return false;
        sync = marker.ToArray();
        return true;
    }

    /// <summary>False at the file's end too, with no problem.</summary>
    public bool TryReadBlock(ContainerLimits limits, byte[] sync, out long count, out ReadOnlyMemory<byte> packed)
    {
        packed = default;
        if (!TryReadLong(out count, out bool ended))
        {
            if (ended) Problem = null;
            return false;
        }
        if (count < 0) return Fail(DecodeFault.InvalidBlock, $"found {count} data in a block");
        if (count > limits.BlockItemsMax) return Fail(DecodeFault.TooManyValues, $"found {count:N0} data in a block, expected at most {limits.BlockItemsMax:N0} ({nameof(ContainerLimits.BlockItemsMax)})");
        if (!TryReadLong(out long size, out _)) return false;
        if (size < 0) return Fail(DecodeFault.NegativeLength, $"found a block of {size} bytes");
        if (size > limits.BlockBytesMax) return Fail(DecodeFault.TooLong, $"found a block of {size:N0} bytes, expected at most {limits.BlockBytesMax:N0} ({nameof(ContainerLimits.BlockBytesMax)})");
        if (!TryReadBytes((int)size, out packed) || !TryReadBytes(SyncBytes, out var marker)) return false;
        return marker.Span.SequenceEqual(sync) || Fail(DecodeFault.InvalidBlock, "found another marker behind the block than the file's");
    }

    private bool TryReadPart(ref long left, out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        if (!TryReadLong(out long length, out _)) return false;
        if (length < 0) return Fail(DecodeFault.NegativeLength, $"found length {length}");
        left -= length + 1;
        if (left < 0) return Fail(DecodeFault.TooLong, $"found more metadata than {nameof(ContainerLimits.MetadataBytesMax)}");
        return TryReadBytes((int)length, out bytes);
    }

    private bool TryReadLong(out long value, out bool ended)
    {
        Span<byte> bytes = stackalloc byte[Varint.LongBytesMax];
        (value, ended) = (0, false);
        for (int length = 1; length <= bytes.Length; length++)
        {
            int next = input.ReadByte();
            ended = next < 0 && length == 1;
            if (next < 0) return Fail(DecodeFault.EndOfData);
            Position++;
            bytes[length - 1] = (byte)next;
            if (next < 0x80) return Varint.ReadLong(bytes[..length], out value, out _) == OperationStatus.Done || Fail(DecodeFault.InvalidNumber);
        }
        return Fail(DecodeFault.InvalidNumber);
    }

    private bool TryReadBytes(int length, out ReadOnlyMemory<byte> bytes)
    {
        var target = new ArrayBufferWriter<byte>(Math.Clamp(length, 1, StepBytes));
        while (target.WrittenCount < length)
        {
            int step = Math.Min(StepBytes, length - target.WrittenCount);
            int read = input.Read(target.GetSpan(step)[..step]);
            target.Advance(read);
            Position += read;
            if (read > 0) continue;
            bytes = default;
            return Fail(DecodeFault.EndOfData, $"expected {length:N0} bytes, found {target.WrittenCount:N0}");
        }
        bytes = target.WrittenMemory;
        return true;
    }

    private bool Fail(DecodeFault fault, string detail = "")
    {
        Problem = new(fault, Position, "", detail);
        return false;
    }
}
