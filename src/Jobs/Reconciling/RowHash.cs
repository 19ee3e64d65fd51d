using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Etl.Jobs.Reconciling;

/// <summary>64 bits of a row's values in the form that the lake, topics and all sinks share: equal rows, equal hash, whichever of them the row was read from. Numbers count with all their bits.</summary>
internal sealed class RowHash
{
    private readonly ArrayBufferWriter<byte> _bytes = new(512);

    /// <param name="columns">Places of the values that count, in an order that is the same on both sides.</param>
    public ulong Of(object?[] row, IReadOnlyList<int> columns)
    {
        _bytes.ResetWrittenCount();
        foreach (int column in columns) Write(row[column]);
        return XxHash3.HashToUInt64(_bytes.WrittenSpan);
    }

    private void Write(object? value)
    {
        switch (value)
        {
            case null: Tag(0); break;
            case bool flag: Put(1, flag ? 1L : 0L); break;
            case int number: Put(2, (long)number); break;
            case long number: Put(2, number); break;
            case Int128 number: Put(3, number); break;
            case float number: Put(4, (double)number); break;
            case double number: Put(4, number); break;
            case decimal number: Put(5, number); break;
            case string text: Text(text); break;
            case byte[] bytes: Bytes(7, bytes); break;
            case DateOnly date: Put(8, (long)date.DayNumber); break;
            case TimeOnly time: Put(9, time.Ticks); break;
            case DateTimeOffset instant: Put(10, instant.UtcTicks); break;
            case DateTime wall: Put(11, wall.Ticks); break;
            case Guid id: Bytes(12, id.ToByteArray(bigEndian: true)); break;
            case object?[] items:
                Put(13, (long)items.Length);
                foreach (object? item in items) Write(item);
                break;
            case Dictionary<string, object?> fields:
                Put(14, (long)fields.Count);
                foreach (var (name, field) in fields)
                {
                    Text(name);
                    Write(field);
                }
                break;
            default: throw new NotSupportedException($"a value of type {value.GetType().Name} has no place in a checksum");
        }
    }

    private void Tag(byte tag) => _bytes.Write([tag]);

    private void Put<T>(byte tag, T value) where T : unmanaged
    {
        Tag(tag);
        _bytes.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
    }

    private void Text(string text)
    {
        Put(6, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, _bytes);
    }

    private void Bytes(byte tag, byte[] bytes)
    {
        Put(tag, bytes.Length);
        _bytes.Write(bytes);
    }
}
