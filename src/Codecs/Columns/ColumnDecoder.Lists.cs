using Etl.Codecs.Avro;

namespace Etl.Codecs.Columns;

/// <summary>Lists, maps, and what is dropped.</summary>
internal unsafe ref partial struct ColumnDecoder
{
    private byte* ReadItems(byte* at, in ColumnOp op, int index, int row)
    {
        byte* start = at;
        var list = vectors[op.Vector];
        int first = list.ChildCount;
        while (true)
        {
            at = ReadBlock(at, op.Argument, index, out int count, out byte* blockEnd);
            if (at == null) return null;
            if (count == 0) break;
            int child = list.ChildCount;
            vectors[op.Vector + 1].Reserve(child + count);
            list.ChildCount = child + count; // before the items: a fault gives them back up to here
            for (int i = 0; i < count; i++)
            {
                at = Run(index + 1, op.Jump, at, child + i);
                if (at == null) return null;
            }
            if (blockEnd != null && at != blockEnd) return Fail(DecodeFault.InvalidBlock, index, at);
        }
        int total = list.ChildCount - first;
        if (op.Code == OpCode.Map && total > 1 && MapKeys.Repeat((ColumnText*)vectors[op.Vector + 2].Data + first, total)) return Fail(DecodeFault.DuplicateKey, index, start);
        PutPair(op.Vector, row, first, total);
        return at;
    }

    /// <summary>The head of a block, whose items are known to fit in the bytes left and within the limits.</summary>
    /// <param name="count">0 at the list's end.</param>
    /// <param name="blockEnd">Where the block says that it ends; null where it does not say.</param>
    private byte* ReadBlock(byte* at, int itemMin, int index, out int count, out byte* blockEnd)
    {
        byte* start = at;
        count = 0;
        blockEnd = null;
        at = ReadNumber(at, false, index, out long found);
        if (at == null || found == 0) return at;
        if (found < 0)
        {
            // A negative count means that the block's size in bytes follows.
            at = ReadNumber(at, false, index, out long size);
            if (at == null) return null;
            if (found == long.MinValue || size < 0) return Fail(DecodeFault.InvalidBlock, index, start);
            if (size > end - at) return Fail(DecodeFault.EndOfData, index, start);
            found = -found;
            blockEnd = at + size;
        }
        if (itemMin > 0 && found > (end - at) / itemMin) return Fail(DecodeFault.EndOfData, index, start);
        if (found > itemsLeft || (itemMin == 0 && found > itemsWithoutBytesLeft)) return Fail(DecodeFault.TooManyValues, index, start);
        count = (int)found;
        itemsLeft -= count;
        if (itemMin == 0) itemsWithoutBytesLeft -= count;
        return at;
    }

    private byte* Skip(byte* at, in ColumnOp op, int index)
    {
        byte* start = at;
        switch (op.Code)
        {
            case OpCode.SkipNumber:
                return ReadNumber(at, op.Narrow, index, out _);
            case OpCode.SkipLength:
                at = ReadLength(at, index, out int length);
                return at == null ? null : at + length;
            case OpCode.SkipConstant:
                return end - at < op.Argument ? Fail(DecodeFault.EndOfData, index, at) : at + op.Argument;
            case OpCode.SkipSymbol:
                at = ReadNumber(at, true, index, out long place);
                return at != null && (ulong)place >= (ulong)op.Argument ? Fail(DecodeFault.UnknownSymbol, index, start) : at;
            case OpCode.SkipItems:
                return SkipItems(at, op, index);
            case OpCode.SkipRecord:
                if (depth >= plan.Limits.DroppedDepthMax) return Fail(DecodeFault.TooDeep, index, at);
                depth++;
                at = Run(plan.Routines[op.Argument], int.MaxValue, at, 0);
                depth--;
                return at;
            default:
                throw new InvalidOperationException($"no way to run {op.Code}");
        }
    }

    /// <summary>Block by block; one that names its size is jumped over. Counts cost nothing here: nothing is kept, and items without bytes are not visited.</summary>
    private byte* SkipItems(byte* at, in ColumnOp op, int index)
    {
        while (true)
        {
            byte* start = at;
            at = ReadNumber(at, false, index, out long count);
            if (at == null || count == 0) return at;
            if (count < 0)
            {
                at = ReadNumber(at, false, index, out long size);
                if (at == null) return null;
                if (count == long.MinValue || size < 0) return Fail(DecodeFault.InvalidBlock, index, start);
                if (size > end - at) return Fail(DecodeFault.EndOfData, index, start);
                at += size;
                continue;
            }
            if (op.Argument > 0 && count > (end - at) / op.Argument) return Fail(DecodeFault.EndOfData, index, start);
            if (op.Narrow)
            {
                at += count * op.Argument;
                continue;
            }
            for (long i = 0; i < count; i++)
            {
                at = Run(index + 1, op.Jump, at, 0);
                if (at == null) return null;
            }
        }
    }
}
