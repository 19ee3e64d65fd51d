using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Etl.Codecs.Avro;

namespace Etl.Codecs.Columns;

/// <summary>
/// Runs a plan's operations over one datum. A position is a pointer into the datum, never past its end; a null one means that there was a
/// fault, which is noted here.
/// </summary>
internal unsafe ref partial struct ColumnDecoder
{
    private readonly ColumnPlan plan;
    private readonly ColumnVector[] vectors;
    private readonly ByteHeap heap;
    private byte* end;
    private int itemsLeft;
    private int itemsWithoutBytesLeft;
    private int depth;
    private byte* faultAt;
    private long slowNumber;

    public ColumnDecoder(ColumnPlan plan, ColumnBlock block, byte* end)
    {
        (this.plan, vectors, heap) = (plan, block.Vectors, block.Heap);
        this.end = end;
        (itemsLeft, itemsWithoutBytesLeft) = (plan.Limits.ItemsMax, plan.Limits.ItemsWithoutBytesMax);
    }

    public DecodeFault Fault { get; private set; }

    public int FaultOp { get; private set; }

    public readonly byte* FaultAt => faultAt;

    /// <summary>Runs the operations [<paramref name="index"/>, <paramref name="stop"/>) for one row of the vectors.</summary>
    /// <returns>Where the bytes used end; null for a fault.</returns>
    [SkipLocalsInit]
    public byte* Run(int index, int stop, byte* at, int row)
    {
        ref var first = ref MemoryMarshal.GetArrayDataReference(plan.Ops);
        while (index < stop)
        {
            ref readonly var op = ref Unsafe.Add(ref first, index);
            byte* before = at;
            // The commonest operations are asked for by comparison: a switch's indirect jump, guessed wrong, costs more than a whole operation.
            if (op.Code == OpCode.Double)
            {
                at = ReadDoubles(ref first, index, at, row);
                if (at == null) return null;
                index += op.Jump;
                continue;
            }
            if (op.Code <= OpCode.InstantMicros)
            {
                at = ReadNumber(at, op.Narrow, index, out long number);
                if (at == null) return null;
                if (op.Code == OpCode.Int32) To<int>(op.Vector, row) = (int)number;
                else if (op.Code == OpCode.InstantMicros && (ulong)(number - ColumnRange.MicrosMin) > ColumnRange.MicrosSpan) return Fail(DecodeFault.OutOfRange, index, before);
                else To<long>(op.Vector, row) = number;
                index++;
                continue;
            }
            if (op.Code == OpCode.Text)
            {
                at = ReadLength(at, index, out int length);
                if (at == null) return null;
                if (!TryPutText(at, length, op.Vector, row)) return Fail(DecodeFault.InvalidText, index, before);
                at += length;
                index++;
                continue;
            }
            switch (op.Code)
            {
                case OpCode.Optional:
                    at = ReadNumber(at, false, index, out long whole);
                    if (at == null) return null;
                    if ((ulong)whole > 1) return Fail(DecodeFault.UnknownBranch, index, before);
                    if (whole != op.Argument) break;
                    vectors[op.Vector].SetNull(row);
                    index = op.Jump;
                    continue;
                case OpCode.NumberToFloat:
                    at = ReadNumber(at, op.Narrow, index, out whole);
                    if (at == null) return null;
                    To<float>(op.Vector, row) = whole;
                    break;
                case OpCode.NumberToDouble:
                    at = ReadNumber(at, op.Narrow, index, out whole);
                    if (at == null) return null;
                    To<double>(op.Vector, row) = whole;
                    break;
                case >= OpCode.Date and <= OpCode.InstantNanos:
                    at = ReadTime(at, op, index, row);
                    if (at == null) return null;
                    break;
                case >= OpCode.Boolean and <= OpCode.FixedInterval:
                    at = ReadConstant(at, op, index, row);
                    if (at == null) return null;
                    break;
                case >= OpCode.Bytes and <= OpCode.Symbol:
                    at = ReadSized(at, op, index, row);
                    if (at == null) return null;
                    break;
                case OpCode.Null:
                    vectors[op.Vector].SetNull(row);
                    break;
                case OpCode.True:
                    To<byte>(op.Vector, row) = 1;
                    break;
                case OpCode.Branch:
                    PutBranch(op, row);
                    break;
                case OpCode.Default:
                    if (!RunDefault(op, index, at, row)) return null;
                    index = op.Jump;
                    continue;
                case OpCode.Unresolvable:
                    return Fail(DecodeFault.Unresolvable, index, at);
                case OpCode.Select:
                    at = ReadNumber(at, false, index, out whole);
                    if (at == null) return null;
                    int[] targets = plan.Targets[op.Argument];
                    if ((ulong)whole >= (ulong)targets.Length) return Fail(DecodeFault.UnknownBranch, index, before);
                    index = targets[whole];
                    continue;
                case OpCode.Jump:
                    index = op.Jump;
                    continue;
                case OpCode.List or OpCode.Map:
                    at = ReadItems(at, op, index, row);
                    if (at == null) return null;
                    index = op.Jump;
                    continue;
                case OpCode.Return:
                    return at;
                default:
                    at = Skip(at, op, index);
                    if (at == null) return null;
                    if (op.Code != OpCode.SkipItems) break;
                    index = op.Jump;
                    continue;
            }
            index++;
        }
        return at;
    }

    /// <summary>As many doubles as follow each other in the operations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* ReadDoubles(ref ColumnOp first, int index, byte* at, int row)
    {
        int count = Unsafe.Add(ref first, index).Jump;
        if (end - at < (long)count * sizeof(double))
        {
            int whole = (int)(end - at) / sizeof(double);
            return Fail(DecodeFault.EndOfData, index + whole, at + whole * sizeof(double));
        }
        for (int i = 0; i < count; i++, at += sizeof(double)) To<long>(Unsafe.Add(ref first, index + i).Vector, row) = *(long*)at;
        return at;
    }

    private bool RunDefault(in ColumnOp op, int index, byte* at, int row)
    {
        byte* outer = end;
        var bytes = plan.Defaults[op.Argument];
        byte* start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(bytes)); // pinned by its allocation
        end = start + bytes.Length;
        bool done = Run(index + 1, op.Jump, start, row) != null;
        end = outer;
        if (!done) faultAt = at;
        return done;
    }

    private readonly void PutBranch(in ColumnOp op, int row)
    {
        var children = vectors[op.Vector].Children;
        var name = plan.BranchNames[op.Jump];
        ((ColumnText*)children[0].Data)[row] = heap.Keep(name);
        for (int child = 1; child < children.Length; child++)
            if (child != op.Argument) children[child].SetNull(row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ref T To<T>(int vector, int row) where T : unmanaged =>
        ref ((T*)Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(vectors), vector).Data)[row];

    private byte* Fail(DecodeFault fault, int index, byte* at)
    {
        (Fault, FaultOp) = (fault, index);
        faultAt = at;
        return null;
    }
}
