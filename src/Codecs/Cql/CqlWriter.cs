using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Etl.Codecs.Cql;

/// <summary>Writes the notations of CQL's native protocol, big-endian, into a pooled buffer that grows. One thread at a time; <see cref="Dispose"/> gives the buffer back.</summary>
public sealed class CqlWriter(int capacity = 256) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>What was written, to be patched; valid until the next write.</summary>
    public Span<byte> Patch => _buffer.AsSpan(0, Length);

    /// <summary>Forgets all that was written; the memory stays.</summary>
    public void Clear() => Length = 0;

    /// <summary>Forgets what was written from <paramref name="length"/> on.</summary>
    public void Cut(int length) => Length = length <= Length ? length : throw new ArgumentOutOfRangeException(nameof(length), length, $"only {Length} bytes are written");

    public void Byte(byte value) => Take(1)[0] = value;

    /// <summary>[short]: unsigned, 16 bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 0 or above 65,535.</exception>
    public void Short(int value)
    {
        if ((uint)value > ushort.MaxValue) throw new ArgumentOutOfRangeException(nameof(value), value, $"found {value}, expected 0 to {ushort.MaxValue}");
        BinaryPrimitives.WriteUInt16BigEndian(Take(2), (ushort)value);
    }

    public void Int(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);

    public void Long(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(8), value);

    public void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>[string]: at most 65,535 bytes of UTF-8.</summary>
    public void String(string value)
    {
        int bytes = Encoding.UTF8.GetByteCount(value);
        Short(bytes);
        Encoding.UTF8.GetBytes(value, Take(bytes));
    }

    /// <summary>[long string]</summary>
    public void LongString(string value)
    {
        int bytes = Encoding.UTF8.GetByteCount(value);
        Int(bytes);
        Encoding.UTF8.GetBytes(value, Take(bytes));
    }

    /// <summary>[bytes]; not null.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Int(value.Length);
        Raw(value);
    }

    /// <summary>[short bytes]</summary>
    public void ShortBytes(ReadOnlySpan<byte> value)
    {
        Short(value.Length);
        Raw(value);
    }

    /// <summary>[string list]</summary>
    public void StringList(IReadOnlyCollection<string> values)
    {
        Short(values.Count);
        foreach (string value in values) String(value);
    }

    /// <summary>[string map]</summary>
    public void StringMap(IReadOnlyCollection<KeyValuePair<string, string>> values)
    {
        Short(values.Count);
        foreach (var (key, value) in values)
        {
            String(key);
            String(value);
        }
    }

    /// <summary>Room for so many bytes, which the caller fills at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Take(int length)
    {
        if (_buffer.Length - Length < length) Grow(length);
        var room = _buffer.AsSpan(Length, length);
        Length += length;
        return room;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, Length) = ([], 0);
    }

    private void Grow(int length)
    {
        long needed = (long)Length + length;
        if (needed > Array.MaxLength) throw new InvalidOperationException($"a message of {needed} bytes; at most {Array.MaxLength} can be held, and servers take far less");
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(needed, _buffer.Length * 2L), Array.MaxLength));
        Written.CopyTo(larger);
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
