using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace Etl.Codecs.Avro.Binary;

/// <summary>
/// Reads Avro's binary encoding from a span, one value after the other. A method that returns false has left <see cref="Fault"/> and its
/// offset; callers add their place on the way out (<see cref="FailIn(string)"/>), so a path costs nothing until it is needed.
/// </summary>
public ref struct AvroReader(ReadOnlySpan<byte> source, DecodeLimits? limits = null)
{
    private readonly ReadOnlySpan<byte> source = source;
    private readonly DecodeLimits limits = limits ?? DecodeLimits.Default;
    private int position;
    private int depth;
    private long values;
    private int faultOffset;
    private string detail = "";
    private List<string>? places;

    /// <summary>Bytes read.</summary>
    public readonly int Position => position;

    public readonly int Remaining => source.Length - position;

    public DecodeFault Fault { get; private set; }

    public readonly DecodeProblem Problem => new(Fault, faultOffset, PathOf(places), detail);

    public bool TryReadBoolean(out bool value)
    {
        value = false;
        if (position >= source.Length) return Fail(DecodeFault.EndOfData);
        byte found = source[position];
        if (found > 1) return Fail(DecodeFault.InvalidBoolean, $"found {found}, expected 0 or 1");
        value = found == 1;
        position++;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadInt(out int value)
    {
        var status = Varint.ReadInt(source[position..], out value, out int length);
        position += length;
        return status == OperationStatus.Done || FailNumber(status);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadLong(out long value)
    {
        var status = Varint.ReadLong(source[position..], out value, out int length);
        position += length;
        return status == OperationStatus.Done || FailNumber(status);
    }

    public bool TryReadFloat(out float value)
    {
        if (!BinaryPrimitives.TryReadSingleLittleEndian(source[position..], out value)) return Fail(DecodeFault.EndOfData);
        position += sizeof(float);
        return true;
    }

    public bool TryReadDouble(out double value)
    {
        if (!BinaryPrimitives.TryReadDoubleLittleEndian(source[position..], out value)) return Fail(DecodeFault.EndOfData);
        position += sizeof(double);
        return true;
    }

    /// <summary>Bytes with their length before them; a slice of the source.</summary>
    public bool TryReadBytes(out ReadOnlySpan<byte> value)
    {
        value = default;
        int start = position;
        if (!TryReadLong(out long length)) return false;
        if (length >= 0) return TryReadFixed(length, out value);
        position = start;
        return Fail(DecodeFault.NegativeLength, $"found length {length}");
    }

    /// <summary>Bytes without a length; a slice of the source.</summary>
    public bool TryReadFixed(long length, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (length > Remaining) return Fail(DecodeFault.EndOfData, $"expected {length:N0} bytes, {Remaining:N0} are left");
        if (length > limits.LengthMax) return Fail(DecodeFault.TooLong, $"found {length:N0} bytes, expected at most {limits.LengthMax:N0} ({nameof(DecodeLimits.LengthMax)})");
        value = source.Slice(position, (int)length);
        position += (int)length;
        return true;
    }

    public bool TryReadString(out string value)
    {
        value = "";
        int start = position;
        if (!TryReadBytes(out var bytes)) return false;
        return TryMakeText(bytes, start, out value);
    }

    /// <summary>Text of bytes just read, checked as <see cref="TryReadString"/> does.</summary>
    internal bool TryMakeText(ReadOnlySpan<byte> bytes, int start, out string value)
    {
        value = "";
        if (!limits.ReplaceInvalidText && !Utf8.IsValid(bytes))
        {
            position = start;
            return Fail(DecodeFault.InvalidText, "expected UTF-8");
        }
        value = Encoding.UTF8.GetString(bytes);
        return true;
    }

    /// <summary>The head of an array's or map's block.</summary>
    /// <param name="count">Items that follow; 0 ends the array.</param>
    /// <param name="size">Bytes of the block where it says so, to skip it at once; else −1.</param>
    public bool TryReadBlock(out long count, out long size)
    {
        int start = position;
        size = -1;
        if (!TryReadLong(out count)) return false;
        if (count >= 0) return true;
        if (!TryReadLong(out size)) return false;
        count = -count; // −2⁶³ stays negative
        if (count > 0 && size >= 0 && size <= Remaining) return true;
        (count, position) = (0, start);
        return size > Remaining ? Fail(DecodeFault.EndOfData, $"found a block of {size:N0} bytes") : Fail(DecodeFault.InvalidBlock, $"found a block of {size} bytes");
    }

    /// <summary>Jumps over bytes.</summary>
    public bool TrySkip(long bytes)
    {
        if (bytes > Remaining) return Fail(DecodeFault.EndOfData, $"expected {bytes:N0} bytes, {Remaining:N0} are left");
        position += (int)bytes;
        return true;
    }

    /// <summary>To be called on entering a record, array or map; <see cref="Leave"/> on leaving it.</summary>
    public bool TryEnter()
    {
        if (depth >= limits.DepthMax) return Fail(DecodeFault.TooDeep, $"expected at most {limits.DepthMax} values inside each other ({nameof(DecodeLimits.DepthMax)})");
        depth++;
        return true;
    }

    public void Leave() => depth--;

    /// <summary>To be called before values are made whose number the data names.</summary>
    public bool TryCount(long more)
    {
        if (more <= limits.ValuesMax - values)
        {
            values += more;
            return true;
        }
        return Fail(DecodeFault.TooManyValues, $"expected at most {limits.ValuesMax:N0} values in one datum ({nameof(DecodeLimits.ValuesMax)})");
    }

    /// <summary>Starts the next of several data in one source: the limits count afresh.</summary>
    public void BeginDatum() => (values, depth) = (0, 0);

    /// <summary>Bytes left after the value are a fault of their own.</summary>
    public bool TryEnd() => Remaining == 0 || Fail(DecodeFault.TrailingData, $"{Remaining:N0} bytes are left");

    /// <summary>Notes a fault at the present offset. Always false.</summary>
    public bool Fail(DecodeFault fault, string found = "")
    {
        (Fault, faultOffset, detail) = (fault, position, found);
        return false;
    }

    /// <summary>Adds the field that a fault came out of. Always false.</summary>
    public bool FailIn(string field)
    {
        (places ??= []).Add(field);
        return false;
    }

    /// <summary>Adds the item that a fault came out of. Always false.</summary>
    public bool FailIn(long item) => FailIn($"[{item}]");

    private bool FailNumber(OperationStatus status) => Fail(status == OperationStatus.NeedMoreData ? DecodeFault.EndOfData : DecodeFault.InvalidNumber);

    private static string PathOf(List<string>? places)
    {
        if (places is null) return "";
        var path = new StringBuilder();
        for (int place = places.Count - 1; place >= 0; place--)
        {
            if (path.Length > 0 && !places[place].StartsWith('[')) path.Append('.');
            path.Append(places[place]);
        }
        return path.ToString();
    }
}
