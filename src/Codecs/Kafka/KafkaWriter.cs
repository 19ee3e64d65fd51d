using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Etl.Codecs.Kafka;

/// <summary>
/// Writes one Kafka frame, plain or flexible, into a pooled buffer. Records that lie elsewhere are not copied: <see cref="Gap"/> counts them into the
/// frame's length and keeps their place, and the sender puts them there. One thread at a time; <see cref="Dispose"/> gives the buffer back.
/// </summary>
public sealed class KafkaWriter : IDisposable
{
    private const int LengthBytes = 4;

    private readonly List<KafkaGap> _gaps = [];
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(1024);
    private int _length = LengthBytes;
    private long _gapBytes;

    /// <summary>Compact lengths and tagged fields, as the message's version says.</summary>
    public bool Flexible { get; set; }

    /// <summary>Bytes of other owners in the frame, in their order.</summary>
    public IReadOnlyList<KafkaGap> Gaps => _gaps;

    /// <summary>The frame with its length in front, gaps left out. Valid until the next write.</summary>
    /// <exception cref="InvalidOperationException">The frame passes 2 GiB: a bound of the caller failed.</exception>
    public ReadOnlyMemory<byte> Frame()
    {
        long bytes = _length - LengthBytes + _gapBytes;
        if (bytes > int.MaxValue) throw new InvalidOperationException($"A frame of {bytes} bytes cannot be sent; expected at most {int.MaxValue}.");
        BinaryPrimitives.WriteInt32BigEndian(_buffer, (int)bytes);
        return _buffer.AsMemory(0, _length);
    }

    /// <summary>Forgets all that was written.</summary>
    public void Clear()
    {
        _length = LengthBytes;
        _gapBytes = 0;
        _gaps.Clear();
    }

    public void Bool(bool value) => Int8(value ? (sbyte)1 : (sbyte)0);

    public void Int8(sbyte value) => Take(1)[0] = (byte)value;

    public void Int16(short value) => BinaryPrimitives.WriteInt16BigEndian(Take(2), value);

    public void Error(KafkaError error) => Int16((short)error);

    public void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(8), value);

    public void Uuid(Guid value) => value.TryWriteBytes(Take(16), bigEndian: true, out _);

    /// <summary>A string, null allowed.</summary>
    /// <exception cref="ArgumentException">More than 32,767 bytes of UTF-8.</exception>
    public void String(string? value)
    {
        int bytes = value is null ? -1 : Encoding.UTF8.GetByteCount(value);
        if (bytes > short.MaxValue) throw new ArgumentException($"a string of {bytes} bytes; Kafka takes at most {short.MaxValue}", nameof(value));
        if (Flexible) UnsignedVarint((uint)(bytes + 1));
        else Int16((short)bytes);
        if (value is not null) Encoding.UTF8.GetBytes(value, Take(bytes));
    }

    /// <summary>The number of elements that follow; -1 for a null array.</summary>
    public void Count(int count)
    {
        if (Flexible) UnsignedVarint((uint)(count + 1));
        else Int32(count);
    }

    public void Int32Array(IReadOnlyList<int> values)
    {
        Count(values.Count);
        foreach (int value in values) Int32(value);
    }

    /// <summary>The length of records and the place where the sender must put exactly that many bytes; nothing for length 0.</summary>
    public void Gap(int length)
    {
        Count(length); // the length of records is written like a count
        if (length == 0) return;
        _gaps.Add(new(_length, length));
        _gapBytes += length;
    }

    /// <summary>A null in place of records.</summary>
    public void NullRecords() => Count(-1);

    /// <summary>Ends a struct of a flexible message: no tagged fields; nothing otherwise.</summary>
    public void EndStruct()
    {
        if (Flexible) Take(1)[0] = 0;
    }

    public void UnsignedVarint(uint value)
    {
        Reserve(Varint.UnsignedBytesMax);
        _length += Varint.WriteUnsigned(_buffer.AsSpan(_length), value);
    }

    public void Dispose()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private Span<byte> Take(int length)
    {
        Reserve(length);
        _length += length;
        return _buffer.AsSpan(_length - length, length);
    }

    private void Reserve(int length)
    {
        if (_buffer.Length - _length >= length) return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + length, _buffer.Length * 2));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}

/// <summary>Bytes of another owner inside a frame.</summary>
/// <param name="Position">Where they go, counted in the frame without gaps.</param>
/// <param name="Length">How many, at least 1.</param>
public readonly record struct KafkaGap(int Position, int Length);
