using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text.Unicode;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Binary;

namespace Etl.Codecs.Columns;

/// <summary>Values without parts.</summary>
internal unsafe ref partial struct ColumnDecoder
{
    private const ulong MoreBits = 0x8080_8080_8080_8080;
    private const int MicrosPerMilli = 1_000;
    private const int NanosPerMicro = 1_000;
    private const int UuidBytes = 16;
    private const int UuidCharacters = 36;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* ReadNumber(byte* at, bool narrow, int index, out long value)
    {
        if (Bmi2.X64.IsSupported && end - at >= sizeof(ulong))
        {
            ulong word = *(ulong*)at;
            ulong stops = ~word & MoreBits;
            if (stops != 0)
            {
                int stop = BitOperations.TrailingZeroCount(stops);
                value = ZigZag.Decode(Bmi2.X64.ParallelBitExtract(word & (ulong.MaxValue >> (63 - stop)), ~MoreBits));
                int length = (stop >> 3) + 1;
                if (!narrow || (length <= Varint.IntBytesMax && value == (int)value)) return at + length;
            }
        }
        at = ReadNumberSlowly(at, narrow, index);
        value = slowNumber; // by way of a field: a caller's local whose address is given away would live in memory
        return at;
    }

    /// <summary>Near the datum's end, numbers of 9 or 10 bytes, and wrong ones.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* ReadNumberSlowly(byte* at, bool narrow, int index)
    {
        var rest = new ReadOnlySpan<byte>(at, (int)Math.Min(end - at, Varint.LongBytesMax));
        OperationStatus status;
        int length;
        if (narrow)
        {
            status = Varint.ReadInt(rest, out int small, out length);
            slowNumber = small;
        }
        else status = Varint.ReadLong(rest, out slowNumber, out length);
        return status == OperationStatus.Done ? at + length : Fail(status == OperationStatus.NeedMoreData ? DecodeFault.EndOfData : DecodeFault.InvalidNumber, index, at);
    }

    /// <summary>The length of a text or blob whose bytes are all there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* ReadLength(byte* at, int index, out int length)
    {
        if (at < end && *at < 0x80 && (*at & 1) == 0)
        {
            length = *at >> 1;
            if (length < end - at) return at + 1;
        }
        at = ReadLengthSlowly(at, index);
        length = (int)slowNumber;
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* ReadLengthSlowly(byte* at, int index)
    {
        byte* start = at;
        at = ReadNumberSlowly(at, false, index);
        if (at == null) return null;
        long found = slowNumber;
        if (found < 0) return Fail(DecodeFault.NegativeLength, index, start);
        if (found > end - at) return Fail(DecodeFault.EndOfData, index, at);
        if (found > plan.Limits.LengthMax) return Fail(DecodeFault.TooLong, index, at);
        return at;
    }

    /// <summary>Puts a text that is UTF-8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool TryPutText(byte* at, int length, int vector, int row)
    {
        if (length <= ColumnText.InlinedMax && end - at >= Vector128<byte>.Count)
        {
            // Length, then up to 12 bytes, the rest 0: the value as it lies in the vector.
            var mask = Vector128.LessThan(Vector128<byte>.Indices, Vector128.Create((byte)length));
            var bytes = Vector128.LoadUnsafe(ref *at) & mask;
            if (bytes.ExtractMostSignificantBits() == 0)
            {
                To<Vector128<uint>>(vector, row) = Vector128.Shuffle(bytes, Vector128.Create((byte)255, 255, 255, 255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)).AsUInt32().WithElement(0, (uint)length);
                return true;
            }
        }
        return TryPutTextSlowly(at, length, vector, row);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly bool TryPutTextSlowly(byte* at, int length, int vector, int row)
    {
        var bytes = new ReadOnlySpan<byte>(at, length);
        if (!Utf8.IsValid(bytes)) return false;
        To<ColumnText>(vector, row) = heap.Keep(bytes);
        return true;
    }

    private byte* ReadTime(byte* at, in ColumnOp op, int index, int row)
    {
        byte* start = at;
        at = ReadNumber(at, op.Narrow, index, out long value);
        if (at == null) return null;
        switch (op.Code)
        {
            case OpCode.Date:
                if (value is < ColumnRange.DayMin or > ColumnRange.DayMax) return Fail(DecodeFault.OutOfRange, index, start);
                To<int>(op.Vector, row) = (int)value;
                return at;
            case OpCode.TimeMillis or OpCode.TimeMicros:
                int factor = op.Code == OpCode.TimeMillis ? MicrosPerMilli : 1;
                if (value < 0 || value > ColumnRange.TimeMax / factor) return Fail(DecodeFault.OutOfRange, index, start);
                To<long>(op.Vector, row) = value * factor;
                return at;
            case OpCode.InstantMillis:
                if (value is < ColumnRange.MicrosMin / MicrosPerMilli or > ColumnRange.MicrosMax / MicrosPerMilli) return Fail(DecodeFault.OutOfRange, index, start);
                To<long>(op.Vector, row) = value * MicrosPerMilli;
                return at;
            default: // nanoseconds: 64 bits of them lie within the range; cut towards the past
                long micros = value / NanosPerMicro;
                To<long>(op.Vector, row) = value - micros * NanosPerMicro < 0 ? micros - 1 : micros;
                return at;
        }
    }

    /// <summary>Values of a constant number of bytes.</summary>
    private byte* ReadConstant(byte* at, in ColumnOp op, int index, int row)
    {
        int size = op.Argument;
        if (end - at < size) return Fail(DecodeFault.EndOfData, index, at);
        switch (op.Code)
        {
            case OpCode.Boolean:
                if (*at > 1) return Fail(DecodeFault.InvalidBoolean, index, at);
                To<byte>(op.Vector, row) = *at;
                break;
            case OpCode.Float:
                To<int>(op.Vector, row) = *(int*)at;
                break;
            case OpCode.FloatToDouble:
                To<double>(op.Vector, row) = *(float*)at;
                break;
            case OpCode.FixedBytes:
                if (size > plan.Limits.LengthMax) return Fail(DecodeFault.TooLong, index, at);
                To<ColumnText>(op.Vector, row) = heap.Keep(new(at, size));
                break;
            case OpCode.FixedDecimal:
                if (!ColumnDecimal.TryPut(new(at, size), vectors[op.Vector], row)) return Fail(DecodeFault.OutOfRange, index, at);
                break;
            case OpCode.FixedUuid:
                PutUuid(at, op.Vector, row);
                break;
            default: // FixedInterval: months, days, milliseconds, unsigned
                long months = ((uint*)at)[0], days = ((uint*)at)[1], millis = ((uint*)at)[2];
                if (months > int.MaxValue || days > int.MaxValue) return Fail(DecodeFault.OutOfRange, index, at);
                PutPair(op.Vector, row, days << 32 | months, millis * MicrosPerMilli);
                break;
        }
        return at + size;
    }

    /// <summary>Values with their length before them, and symbols.</summary>
    private byte* ReadSized(byte* at, in ColumnOp op, int index, int row)
    {
        byte* start = at;
        if (op.Code == OpCode.Symbol)
        {
            at = ReadNumber(at, true, index, out long place);
            if (at == null) return null;
            byte[]?[] symbols = plan.Symbols[op.Argument];
            if ((ulong)place >= (ulong)symbols.Length || symbols[place] is not { } symbol) return Fail(DecodeFault.UnknownSymbol, index, start);
            To<ColumnText>(op.Vector, row) = heap.Keep(symbol);
            return at;
        }
        at = ReadLength(at, index, out int length);
        if (at == null) return null;
        switch (op.Code)
        {
            case OpCode.Bytes:
                To<ColumnText>(op.Vector, row) = heap.Keep(new(at, length));
                break;
            case OpCode.Decimal:
                if (!ColumnDecimal.TryPut(new(at, length), vectors[op.Vector], row)) return Fail(DecodeFault.OutOfRange, index, start);
                break;
            default: // UuidText
                if (length != UuidCharacters || !Utf8Parser.TryParse(new ReadOnlySpan<byte>(at, length), out Guid uuid, out int used, 'D') || used != length)
                    return Fail(DecodeFault.OutOfRange, index, start);
                byte* bytes = stackalloc byte[UuidBytes];
                uuid.TryWriteBytes(new(bytes, UuidBytes), bigEndian: true, out _);
                PutUuid(bytes, op.Vector, row);
                break;
        }
        return at + length;
    }

    private readonly void PutUuid(byte* at, int vector, int row)
    {
        long high = BinaryPrimitives.ReverseEndianness(*(long*)at), low = BinaryPrimitives.ReverseEndianness(((long*)at)[1]);
        PutPair(vector, row, low, high ^ long.MinValue);
    }

    /// <summary>A value of 16 bytes, its halves in the order of memory.</summary>
    private readonly void PutPair(int vector, int row, long first, long second)
    {
        long* to = (long*)vectors[vector].Data + 2L * row;
        to[0] = first;
        to[1] = second;
    }
}
