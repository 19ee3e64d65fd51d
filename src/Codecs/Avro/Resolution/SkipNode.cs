using Etl.Codecs.Avro.Binary;

namespace Etl.Codecs.Avro.Resolution;

/// <summary>Passes over a value that the reader has no field for, as strict with lengths and ends as reading it.</summary>
internal abstract class SkipNode
{
    public abstract bool TrySkip(ref AvroReader reader);
}

/// <summary>A value of a constant number of bytes: also a record of such, however many fields it stands for.</summary>
internal sealed class SkipConstant(long bytes) : SkipNode
{
    public override bool TrySkip(ref AvroReader reader) => reader.TrySkip(bytes);
}

internal sealed class SkipNumber(AvroKind kind) : SkipNode
{
    public override bool TrySkip(ref AvroReader reader) => kind == AvroKind.Int ? reader.TryReadInt(out _) : reader.TryReadLong(out _);
}

internal sealed class SkipSymbol(int symbols) : SkipNode
{
    public override bool TrySkip(ref AvroReader reader) => reader.TryReadSymbol(symbols, out _);
}

/// <summary>String or bytes.</summary>
internal sealed class SkipBytes : SkipNode
{
    public override bool TrySkip(ref AvroReader reader) => reader.TryReadBytes(out ReadOnlySpan<byte> _);
}

internal sealed class SkipUnion(SkipNode[] branches) : SkipNode
{
    public override bool TrySkip(ref AvroReader reader) => reader.TryReadBranch(branches.Length, out int branch) && branches[branch].TrySkip(ref reader);
}

internal sealed class SkipRecord(RecordSchema record) : SkipNode
{
    /// <summary>Set once, after this node is known to the fields that refer back to it.</summary>
    public SkipNode[] Fields { get; set; } = [];

    public override bool TrySkip(ref AvroReader reader)
    {
        if (!reader.TryEnter()) return false;
        for (int place = 0; place < Fields.Length; place++)
        {
            if (!Fields[place].TrySkip(ref reader)) return reader.FailIn(record.Fields[place].Name);
        }
        reader.Leave();
        return true;
    }
}

/// <summary>An array or a map, block by block; a block that names its size is jumped over.</summary>
internal sealed class SkipList(SkipNode item, long itemMin, bool itemConstant, bool isMap) : SkipNode
{
    public override bool TrySkip(ref AvroReader reader)
    {
        if (!reader.TryEnter()) return false;
        while (true)
        {
            if (!reader.TryReadBlock(out long count, out long size)) return false;
            if (count == 0) break;
            if (!(size >= 0 ? reader.TrySkip(size) : TrySkipItems(ref reader, count))) return false;
        }
        reader.Leave();
        return true;
    }

    private bool TrySkipItems(ref AvroReader reader, long count)
    {
        if (itemMin > 0 && count > reader.Remaining / itemMin) return reader.Fail(DecodeFault.EndOfData, $"found a block of {count:N0} items");
        if (itemConstant && !isMap) return reader.TrySkip(count * itemMin);
        for (long place = 0; place < count; place++)
        {
            if (isMap && !reader.TryReadBytes(out ReadOnlySpan<byte> _)) return reader.FailIn(place);
            if (!item.TrySkip(ref reader)) return reader.FailIn(place);
        }
        return true;
    }
}
