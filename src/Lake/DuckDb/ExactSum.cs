using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Etl.Lake.DuckDb;

/// <summary>The exact sum of any doubles: a fixed-point number of 32-bit digits, each held in 64 bits so that carries can wait (Neal's small superaccumulator).</summary>
/// <remarks>
/// All zeros is the empty sum. Its bytes may be moved (DuckDB's hash tables do); <see cref="Free"/> gives back what a wide sum holds outside.
/// Most data stays in a window of ten digits that slides to where the values are; only sums over a wider range take <see cref="FarDigits"/>.
/// </remarks>
public unsafe struct ExactSum
{
    /// <summary>The longest form that <see cref="WriteTo"/> writes.</summary>
    public const int BytesMax = HeaderBytes + sizeof(uint) * (FarDigits + 2);

    private const int HeaderBytes = 3;           // flags, number of the lowest digit, how many digits
    private const int NearDigits = 10;           // 320 bits: enough for one kind of measurement and its squares
    private const int FarDigits = 72;            // digits 0 to 64 for every double, 66 with 2^63 of them, and room for the carries of what AddFrom lets in
    private const int StoredDigitsEnd = 68;      // no honest state has a digit here or above
    private const int AddsPerCarry = 1023;       // an add puts less than 2^53 on a digit
    private const long Fraction = (1L << 52) - 1;

    [InlineArray(NearDigits)]
    private struct Near { private long _first; }

    [Flags]
    private enum Special { NaN = 1, Plus = 2, Minus = 4 }

    private long* _far;     // null while the near window is wide enough
    private int _base;      // number of the first near digit; digit d weighs 2^(32 d - 1075)
    private int _addsLeft;
    private Special _seen;
    private Near _near;

    /// <summary>Whether no NaN and no infinity was added.</summary>
    public readonly bool IsFinite => _seen == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)(bits >> 52) & 0x7FF;
        if ((uint)(exponent - 1) < 0x7FE) Add(bits & Fraction | Fraction + 1, exponent, bits >> 63);
        else if (value != 0) AddUnusual(value, bits);
    }

    /// <summary>Adds x·y without rounding it first. A product past the range of a double counts as infinite; one below 2^-969 may lose what lies under 2^-1074.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddProduct(double x, double y)
    {
        double product = x * y;
        Add(product);
        if (double.IsFinite(product)) Add(Math.FusedMultiplyAdd(x, y, -product));
    }

    /// <summary>Adds another sum and only reads it: several threads may do so at once.</summary>
    public void Add(in ExactSum other)
    {
        _seen |= other._seen;
        ref long from = ref other.Digits(out int count, out int first);
        for (int i = 0; i < count; i++)
        {
            long value = Unsafe.Add(ref from, i);
            if (value == 0) continue;
            ref long to = ref Room(first + i);
            to += value & uint.MaxValue;
            Unsafe.Add(ref to, 1) += value >> 32;
        }
    }

    public void Free()
    {
        NativeMemory.Free(_far);
        _far = null;
    }

    /// <summary>The sum, rounded once: to nearest, ties to even. NaN with a NaN or with both infinities; 0, not −0.</summary>
    public readonly double ToDouble() => _seen switch
    {
        0 => Moments.Ratio(ToInteger(out int unit), BigInteger.One, unit),
        Special.Plus => double.PositiveInfinity,
        Special.Minus => double.NegativeInfinity,
        _ => double.NaN,
    };

    /// <summary>The finite part as an integer, in units of 2^<paramref name="unit"/>.</summary>
    public readonly BigInteger ToInteger(out int unit)
    {
        Span<uint> digits = stackalloc uint[FarDigits + 2];
        int count = Carry(digits, out bool negative, out int first);
        unit = 32 * first - 1075;
        var value = new BigInteger(MemoryMarshal.AsBytes(digits[..count]), isUnsigned: true);
        return negative ? -value : value;
    }

    /// <summary>Writes the sum in its one form: equal sums have equal bytes.</summary>
    /// <param name="to">At least <see cref="BytesMax"/> long.</param>
    /// <returns>Bytes written.</returns>
    public readonly int WriteTo(Span<byte> to)
    {
        Span<uint> digits = stackalloc uint[FarDigits + 2];
        int count = Carry(digits, out bool negative, out int first), zeros = 0;
        while (zeros < count && digits[zeros] == 0) zeros++;
        if (_seen != 0 || zeros == count) (count, zeros, first, negative) = (0, 0, 0, false);
        (to[0], to[1], to[2]) = ((byte)((int)_seen | (negative ? 8 : 0)), (byte)(first + zeros), (byte)(count - zeros));
        MemoryMarshal.AsBytes(digits[zeros..count]).CopyTo(to[HeaderBytes..]);
        return HeaderBytes + sizeof(uint) * (count - zeros);
    }

    /// <summary>Adds what <see cref="WriteTo"/> wrote.</summary>
    /// <returns>Bytes used.</returns>
    /// <exception cref="InvalidDataException">The bytes are no such sum. This one is then as it was.</exception>
    public int AddFrom(ReadOnlySpan<byte> from)
    {
        if (from.Length < HeaderBytes || from.Length < HeaderBytes + sizeof(uint) * from[2] || from[0] > 15 || from[1] + from[2] > StoredDigitsEnd)
            throw new InvalidDataException("these bytes are no exact state, or one of fewer sums; expected what exact_state made");
        var digits = MemoryMarshal.Cast<byte, uint>(from.Slice(HeaderBytes, sizeof(uint) * from[2]));
        _seen |= (Special)(from[0] & 7);
        for (int i = 0; i < digits.Length; i++)
            if (digits[i] != 0) Room(from[1] + i) += (from[0] & 8) != 0 ? -(long)digits[i] : digits[i];
        return HeaderBytes + sizeof(uint) * digits.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(long mantissa, int exponent, long sign)
    {
        int shift = exponent & 31;
        ref long at = ref Room(exponent >> 5);
        at += ((mantissa << shift & uint.MaxValue) ^ sign) - sign;
        Unsafe.Add(ref at, 1) += ((mantissa >> (32 - shift)) ^ sign) - sign;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddUnusual(double value, long bits)
    {
        if (double.IsFinite(value)) Add(bits & Fraction, 1, bits >> 63);
        else _seen |= double.IsNaN(value) ? Special.NaN : value > 0 ? Special.Plus : Special.Minus;
    }

    /// <summary>The place of a digit, where it and the next one can take an add.</summary>
    [UnscopedRef, MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref long Room(int digit)
    {
        int at = digit - _base;
        if (_far != null || (uint)at > NearDigits - 3 || --_addsLeft < 0) return ref MakeRoom(digit);
        return ref Unsafe.Add(ref Unsafe.As<Near, long>(ref _near), at);
    }

    [UnscopedRef, MethodImpl(MethodImplOptions.NoInlining)]
    private ref long MakeRoom(int digit)
    {
        if (_far != null && --_addsLeft >= 0) return ref _far[digit];
        _addsLeft = AddsPerCarry - 1;
        ref long digits = ref Digits(out int count, out _);
        var (low, high) = CarryInPlace(ref digits, count);
        if (_far != null) return ref _far[digit];
        int at = digit - _base;
        if (high < 0) (low, high) = (at, at);
        (low, high) = (Math.Min(low, at), Math.Max(high, at + 1));
        int spare = NearDigits - 2 - (high - low);
        if (spare < 0) return ref GoFar()[digit];
        if (low < 0 || high > NearDigits - 2) Slide(low - spare / 2);
        return ref Unsafe.Add(ref digits, digit - _base);
    }

    /// <returns>Lowest and highest digit in use; (max, -1) if none is.</returns>
    private static (int Low, int High) CarryInPlace(ref long digits, int count)
    {
        var (low, high) = (int.MaxValue, -1);
        for (int i = 0; i < count; i++)
        {
            ref long value = ref Unsafe.Add(ref digits, i);
            if (i < count - 1)
            {
                long carry = (value + (value >> 63 & uint.MaxValue)) >> 32; // toward zero: -1 must not fill every higher digit
                value -= carry << 32;
                Unsafe.Add(ref digits, i + 1) += carry;
            }
            if (value != 0) (low, high) = (Math.Min(low, i), i);
        }
        return (low, high);
    }

    private void Slide(int places)
    {
        var old = _near;
        _near = default;
        for (int i = 0; i < NearDigits; i++)
            if (old[i] != 0) _near[i - places] = old[i];
        _base += places;
    }

    private long* GoFar()
    {
        _far = (long*)NativeMemory.AllocZeroed(FarDigits, sizeof(long));
        for (int i = 0; i < NearDigits; i++)
            if (_near[i] != 0) _far[_base + i] = _near[i];
        return _far;
    }

    [UnscopedRef]
    private readonly ref long Digits(out int count, out int first)
    {
        (count, first) = _far != null ? (FarDigits, 0) : (NearDigits, _base);
        return ref _far != null ? ref *_far : ref Unsafe.As<Near, long>(ref Unsafe.AsRef(in _near));
    }

    /// <summary>The magnitude in plain 32-bit digits, carries done, without changing the sum.</summary>
    /// <returns>How many digits; the last is not 0.</returns>
    private readonly int Carry(Span<uint> to, out bool negative, out int first)
    {
        ref long digits = ref Digits(out int count, out first);
        long carry;
        for (int sign = 1; ; sign = -1) // once more with the other sign if the top is negative
        {
            carry = 0;
            for (int i = 0; i < count; i++, carry >>= 32) to[i] = (uint)(carry += sign * Unsafe.Add(ref digits, i));
            negative = sign < 0;
            if (carry >= 0) break;
        }
        for (; carry != 0; carry >>= 32) to[count++] = (uint)carry;
        while (count > 0 && to[count - 1] == 0) count--;
        return count;
    }
}
