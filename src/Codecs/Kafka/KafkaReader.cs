using System.Buffers.Binary;
using System.Text;

namespace Etl.Codecs.Kafka;

/// <summary>
/// Reads the fields of one Kafka message, plain or flexible. A field that does not fit sets <see cref="Failed"/> for good and reads as its empty value,
/// so a message is read straight through and judged once at its end.
/// </summary>
/// <param name="source">The frame without its length.</param>
/// <param name="flexible">Compact lengths and tagged fields, as the message's version says.</param>
public ref struct KafkaReader(ReadOnlySpan<byte> source, bool flexible)
{
    /// <summary>Elements in one array, at most: far above what clients send, and it keeps a hostile frame from growing in memory.</summary>
    public const int ElementsMax = 100_000;

    private readonly ReadOnlySpan<byte> _source = source;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>A field reached past the end, or a length or count was impossible.</summary>
    public bool Failed { get; private set; }

    /// <summary>Compact lengths and tagged fields; a request's header switches it after the client id.</summary>
    public bool Flexible { get; set; } = flexible;

    public readonly int Left => _source.Length - Position;

    public bool Bool() => Int8() != 0;

    public sbyte Int8() => Take(1) is [var value] ? (sbyte)value : (sbyte)0;

    public short Int16() => Take(2) is { Length: 2 } bytes ? BinaryPrimitives.ReadInt16BigEndian(bytes) : (short)0;

    public int Int32() => Take(4) is { Length: 4 } bytes ? BinaryPrimitives.ReadInt32BigEndian(bytes) : 0;

    public long Int64() => Take(8) is { Length: 8 } bytes ? BinaryPrimitives.ReadInt64BigEndian(bytes) : 0;

    public Guid Uuid() => Take(16) is { Length: 16 } bytes ? new Guid(bytes, bigEndian: true) : Guid.Empty;

    /// <summary>A string; null on the wire is a fault.</summary>
    public string String()
    {
        if (NullableString() is { } text) return text;
        Failed = true;
        return "";
    }

    public string? NullableString() => Text(Flexible ? CompactLength() : Int16());

    /// <summary>The old string with a 16-bit length, whatever the version: the client id of a request's header.</summary>
    public string? PlainNullableString() => Text(Int16());

    /// <summary>Bytes or records as a place in the source; a null has length 0.</summary>
    public (int Start, int Length) Bytes()
    {
        int length = Flexible ? CompactLength() : Int32();
        if (length == -1) return (Position, 0);
        int start = Position;
        Take(length);
        return Failed ? (0, 0) : (start, length);
    }

    /// <summary>The number of elements that follow, -1 for null. It is checked against the bytes left before anybody allocates.</summary>
    /// <param name="elementBytesMin">The fewest bytes an element can take, at least 1.</param>
    public int Count(int elementBytesMin = 1)
    {
        int count = Flexible ? CompactLength() : Int32();
        if (!Failed && count is >= -1 and <= ElementsMax && (long)count * elementBytesMin <= Left) return count;
        Failed = true;
        return 0;
    }

    /// <summary>An array of integers; null reads as empty.</summary>
    public int[] Int32Array()
    {
        var values = new int[Math.Max(0, Count(elementBytesMin: 4))];
        for (int i = 0; i < values.Length; i++) values[i] = Int32();
        return values;
    }

    /// <summary>An array of strings, null if it is null on the wire.</summary>
    public string[]? NullableStringArray()
    {
        int count = Count();
        if (count < 0) return null;
        var values = new string[count];
        for (int i = 0; i < count; i++) values[i] = String();
        return values;
    }

    /// <summary>Skips the tagged fields that end every struct of a flexible message; nothing otherwise.</summary>
    public void EndStruct()
    {
        if (!Flexible) return;
        uint fields = UnsignedVarint();
        for (uint i = 0; i < fields && !Failed; i++)
        {
            UnsignedVarint();
            uint size = UnsignedVarint();
            if (size > (uint)Left) Failed = true;
            else Position += (int)size;
        }
    }

    public uint UnsignedVarint()
    {
        int length = Varint.ReadUnsigned(_source[Position..], out uint value);
        if (length == 0) Failed = true;
        Position += length;
        return value;
    }

    // Length + 1 as an unsigned varint; 0 is null.
    private int CompactLength()
    {
        uint value = UnsignedVarint();
        if (value <= int.MaxValue) return (int)value - 1;
        Failed = true;
        return 0;
    }

    private string? Text(int length)
    {
        if (length == -1) return null;
        return Encoding.UTF8.GetString(Take(length));
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (Failed || length < 0 || length > Left)
        {
            Failed = true;
            return default;
        }
        var bytes = _source.Slice(Position, length);
        Position += length;
        return bytes;
    }
}
