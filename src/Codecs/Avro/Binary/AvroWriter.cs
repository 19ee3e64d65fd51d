using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Etl.Codecs.Avro.Binary;

/// <summary>Writes Avro's binary encoding into a span, one value after the other.</summary>
public ref struct AvroWriter(Span<byte> destination)
{
    private const int ShortCharsMax = 21; // at most 63 bytes of UTF-8, so the length is one byte and can be filled in afterwards

    private readonly Span<byte> destination = destination;
    private int position;

    /// <summary>A writer over a destination that must have room for so many bytes.</summary>
    /// <exception cref="ArgumentException">It has not.</exception>
    public static AvroWriter Over(Span<byte> destination, int bytesMax) =>
        destination.Length >= bytesMax ? new(destination) : throw new ArgumentException($"found room for {destination.Length} bytes, expected {bytesMax} (EncodedBytesMax)", nameof(destination));

    /// <summary>Bytes written.</summary>
    public readonly int Position => position;

    public void WriteBoolean(bool value) => destination[position++] = value ? (byte)1 : (byte)0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteInt(int value) => position += Varint.Write(destination[position..], value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteLong(long value) => position += Varint.Write(destination[position..], value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteFloat(float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(destination[position..], value);
        position += sizeof(float);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteDouble(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(destination[position..], value);
        position += sizeof(double);
    }

    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteLong(value.Length);
        WriteFixed(value);
    }

    /// <summary>Bytes without a length.</summary>
    public void WriteFixed(ReadOnlySpan<byte> value)
    {
        value.CopyTo(destination[position..]);
        position += value.Length;
    }

    /// <summary>Bytes without a length, whose number the schema names.</summary>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public void WriteFixed(ReadOnlySpan<byte> value, int size)
    {
        if (value.Length != size) throw new ArgumentException($"found {value.Length} bytes, expected {size}", nameof(value));
        WriteFixed(value);
    }

    /// <summary>16 bytes in the order of the text.</summary>
    public void WriteUuid(Guid value)
    {
        if (!value.TryWriteBytes(destination[position..], bigEndian: true, out int written)) throw new ArgumentException("expected room for 16 bytes", nameof(value));
        position += written;
    }

    /// <summary>36 characters as a string.</summary>
    public void WriteUuidText(Guid value)
    {
        const int Characters = 36;
        WriteLong(Characters);
        if (!value.TryFormat(destination[position..], out int written, "D")) throw new ArgumentException($"expected room for {Characters} bytes", nameof(value));
        position += written;
    }

    /// <summary>An enum's place.</summary>
    /// <exception cref="ArgumentException">There is no symbol at this place.</exception>
    public void WriteSymbol(int place, int symbols)
    {
        if ((uint)place >= (uint)symbols) throw new ArgumentException($"found symbol {place}, expected 0 to {symbols - 1}", nameof(place));
        WriteInt(place);
    }

    public void WriteString(string value)
    {
        if (value.Length <= ShortCharsMax)
        {
            int length = Encoding.UTF8.GetBytes(value, destination[(position + 1)..]);
            destination[position] = (byte)(length << 1);
            position += 1 + length;
            return;
        }
        WriteLong(Encoding.UTF8.GetByteCount(value));
        position += Encoding.UTF8.GetBytes(value, destination[position..]);
    }

    /// <summary>An upper bound of what <see cref="WriteString"/> takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int StringBytesMax(string value) => Varint.IntBytesMax + 3 * value.Length;
}
