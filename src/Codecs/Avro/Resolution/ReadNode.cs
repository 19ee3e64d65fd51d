using Etl.Codecs.Avro.Binary;
using Etl.Codecs.Avro.Values;

namespace Etl.Codecs.Avro.Resolution;

/// <summary>Reads bytes of one writer's schema as a value of one reader's schema.</summary>
internal abstract class ReadNode
{
    public abstract bool TryRead(ref AvroReader reader, out object? value);
}

/// <summary>A place where the schemas do not resolve: a fault when data gets there, as a branch or an item may never do.</summary>
internal sealed class ReadNothing(string why) : ReadNode
{
    public string Why => why;

    public override bool TryRead(ref AvroReader reader, out object? value)
    {
        value = null;
        return reader.Fail(DecodeFault.Unresolvable, why);
    }
}

/// <summary>A value without parts, promoted where the reader's kind is another.</summary>
internal sealed class ReadLeaf(AvroKind writer, AvroKind reader) : ReadNode
{
    private static readonly object True = true;
    private static readonly object False = false;

    public override bool TryRead(ref AvroReader source, out object? value)
    {
        value = null;
        switch (writer)
        {
            case AvroKind.Null:
                return true;
            case AvroKind.Boolean:
                if (!source.TryReadBoolean(out bool boolean)) return false;
                value = boolean ? True : False;
                return true;
            case AvroKind.Int:
                if (!source.TryReadInt(out int small)) return false;
                value = reader switch { AvroKind.Int => small, AvroKind.Long => (long)small, AvroKind.Float => (float)small, _ => (object)(double)small };
                return true;
            case AvroKind.Long:
                if (!source.TryReadLong(out long whole)) return false;
                value = reader switch { AvroKind.Long => whole, AvroKind.Float => (float)whole, _ => (object)(double)whole };
                return true;
            case AvroKind.Float:
                if (!source.TryReadFloat(out float real)) return false;
                value = reader == AvroKind.Float ? real : (object)(double)real;
                return true;
            case AvroKind.Double:
                if (!source.TryReadDouble(out double wide)) return false;
                value = wide;
                return true;
            case AvroKind.Bytes or AvroKind.String when reader == AvroKind.String:
                if (!source.TryReadString(out string text)) return false;
                value = text;
                return true;
            default:
                if (!source.TryReadBytes(out byte[] bytes)) return false;
                value = bytes;
                return true;
        }
    }
}

internal sealed class ReadFixed(FixedSchema schema) : ReadNode
{
    public override bool TryRead(ref AvroReader reader, out object? value)
    {
        bool read = reader.TryReadFixed(schema.Size, out ReadOnlySpan<byte> bytes);
        value = read ? new AvroFixed(schema, bytes.ToArray()) : null;
        return read;
    }
}

/// <param name="symbols">For each of the writer's symbols the reader's value; null where there is none and no default.</param>
internal sealed class ReadEnum(EnumSchema writer, AvroEnum?[] symbols) : ReadNode
{
    public override bool TryRead(ref AvroReader reader, out object? value)
    {
        value = null;
        if (!reader.TryReadSymbol(symbols.Length, out int place)) return false;
        value = symbols[place];
        return value is not null || reader.Fail(DecodeFault.UnknownSymbol, $"found {writer.Symbols[place]}, expected one of the reader's symbols");
    }
}

internal sealed class ReadUnion(ReadNode[] branches) : ReadNode
{
    public override bool TryRead(ref AvroReader reader, out object? value)
    {
        value = null;
        return reader.TryReadBranch(branches.Length, out int branch) && branches[branch].TryRead(ref reader, out value);
    }
}

internal sealed class ReadRecord(RecordSchema writer, RecordSchema reader) : ReadNode
{
    /// <summary>In the writer's order; a field has a node to read it or one to pass over it. Set once, after this node is known to the fields that refer back to it.</summary>
    public (ReadNode? Read, SkipNode? Skip, int Position)[] Fields { get; set; } = [];

    public (object? Value, int Position)[] Defaults { get; set; } = [];

    public override bool TryRead(ref AvroReader source, out object? value)
    {
        value = null;
        if (!source.TryEnter() || !source.TryCount(1 + reader.Fields.Count)) return false;
        object?[] values = new object?[reader.Fields.Count];
        for (int place = 0; place < Fields.Length; place++)
        {
            var (read, skip, position) = Fields[place];
            bool done = read is not null ? read.TryRead(ref source, out values[position]) : skip!.TrySkip(ref source);
            if (!done) return source.FailIn(writer.Fields[place].Name);
        }
        foreach (var (given, position) in Defaults) values[position] = given;
        source.Leave();
        value = new AvroRecord(reader, values);
        return true;
    }
}

/// <param name="itemMin">The fewest bytes of an item, so that a count beyond the data is seen before memory is taken for it.</param>
internal sealed class ReadArray(ReadNode item, long itemMin) : ReadNode
{
    private const int FirstCapacityMax = 1_024;

    public override bool TryRead(ref AvroReader reader, out object? value)
    {
        List<object?>? items = null;
        value = null;
        if (!reader.TryEnter()) return false;
        while (true)
        {
            if (!ReadBlocks.TryBegin(ref reader, itemMin, out long count, out long end)) return false;
            if (count == 0) break;
            items ??= new((int)Math.Min(count, FirstCapacityMax));
            for (long place = 0; place < count; place++)
            {
                if (!item.TryRead(ref reader, out object? one)) return reader.FailIn(items.Count);
                items.Add(one);
            }
            if (!ReadBlocks.TryEnd(ref reader, end)) return false;
        }
        reader.Leave();
        value = items ?? [];
        return true;
    }
}

internal sealed class ReadMap(ReadNode entry, long entryMin) : ReadNode
{
    public override bool TryRead(ref AvroReader reader, out object? value)
    {
        var entries = new Dictionary<string, object?>();
        value = entries;
        if (!reader.TryEnter()) return false;
        while (true)
        {
            if (!ReadBlocks.TryBegin(ref reader, entryMin + 1, out long count, out long end)) return false;
            if (count == 0) break;
            for (long place = 0; place < count; place++)
            {
                if (!reader.TryReadString(out string key)) return reader.FailIn(place);
                if (!entry.TryRead(ref reader, out object? one)) return reader.FailIn($"[\"{key}\"]");
                entries[key] = one;
            }
            if (!ReadBlocks.TryEnd(ref reader, end)) return false;
        }
        reader.Leave();
        return true;
    }
}

internal static class ReadBlocks
{
    /// <param name="end">Where a block that names its size must end; else −1.</param>
    public static bool TryBegin(ref AvroReader reader, long itemMin, out long count, out long end)
    {
        end = -1;
        if (!reader.TryReadBlock(out count, out long size)) return false;
        if (size >= 0) end = reader.Position + size;
        if (itemMin > 0 && count > reader.Remaining / itemMin) return reader.Fail(DecodeFault.EndOfData, $"found a block of {count:N0} items");
        return reader.TryCount(count);
    }

    public static bool TryEnd(ref AvroReader reader, long end) =>
        end < 0 || reader.Position == end || reader.Fail(DecodeFault.InvalidBlock, $"found a block's end at byte {reader.Position}, expected it at {end}");
}
