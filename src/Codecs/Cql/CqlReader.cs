using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Etl.Codecs.Cql;

/// <summary>
/// Reads the notations of CQL's native protocol. A field that does not fit sets <see cref="Failed"/> for good and reads as its empty value,
/// so a message is read straight through and judged once at its end. What follows the fields known is left unread, as the protocol asks.
/// </summary>
public ref struct CqlReader(ReadOnlySpan<byte> source)
{
    private readonly ReadOnlySpan<byte> _source = source;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>A field reached past the end, or a length or count was impossible.</summary>
    public bool Failed { get; private set; }

    public readonly int Left => _source.Length - Position;

    public byte Byte() => Take(1) is [var value] ? value : (byte)0;

    /// <summary>[short]: unsigned, 16 bits.</summary>
    public int Short() => Take(2) is { Length: 2 } bytes ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : 0;

    public int Int() => Take(4) is { Length: 4 } bytes ? BinaryPrimitives.ReadInt32BigEndian(bytes) : 0;

    public long Long() => Take(8) is { Length: 8 } bytes ? BinaryPrimitives.ReadInt64BigEndian(bytes) : 0;

    public Guid Uuid() => Take(16) is { Length: 16 } bytes ? new Guid(bytes, bigEndian: true) : Guid.Empty;

    /// <summary>[string]</summary>
    public string String() => Encoding.UTF8.GetString(Take(Short()));

    /// <summary>[bytes] or [value]; null where the length is negative, and then <paramref name="isNull"/> is set.</summary>
    public ReadOnlySpan<byte> Bytes(out bool isNull)
    {
        int length = Int();
        isNull = length < 0;
        return isNull ? default : Take(length);
    }

    /// <summary>[bytes], null for a negative length.</summary>
    public byte[]? NullableBytes()
    {
        var bytes = Bytes(out bool isNull);
        return isNull ? null : bytes.ToArray();
    }

    /// <summary>[short bytes]</summary>
    public byte[] ShortBytes() => Take(Short()).ToArray();

    public string[] StringList()
    {
        var values = new string[Count(Short(), 2)];
        for (int i = 0; i < values.Length; i++) values[i] = String();
        return values;
    }

    /// <summary>[string multimap]</summary>
    public Dictionary<string, string[]> StringMultimap()
    {
        int count = Count(Short(), 4);
        var values = new Dictionary<string, string[]>(count);
        for (int i = 0; i < count; i++) values[String()] = StringList();
        return values;
    }

    /// <summary>[bytes map]</summary>
    public Dictionary<string, byte[]?> BytesMap()
    {
        int count = Count(Short(), 6);
        var values = new Dictionary<string, byte[]?>(count);
        for (int i = 0; i < count; i++) values[String()] = NullableBytes();
        return values;
    }

    /// <summary>[inet]: address and port; null for an address that is neither 4 nor 16 bytes.</summary>
    public IPEndPoint? Inet()
    {
        var address = Address();
        int port = Int();
        return address is null || port is < 0 or > ushort.MaxValue ? null : new(address, port);
    }

    /// <summary>[inetaddr]</summary>
    public IPAddress? Address()
    {
        int length = Byte();
        var bytes = Take(length);
        if (length is 4 or 16 && bytes.Length == length) return new(bytes);
        Failed = true;
        return null;
    }

    /// <summary>Checks a count against the bytes left before anybody allocates.</summary>
    /// <param name="elementBytesMin">The fewest bytes an element can take.</param>
    public int Count(int count, int elementBytesMin)
    {
        if (!Failed && count >= 0 && (long)count * elementBytesMin <= Left) return count;
        Failed = true;
        return 0;
    }

    /// <summary>Skips so many bytes.</summary>
    public void Skip(int length) => Take(length);

    public ReadOnlySpan<byte> Take(int length)
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
