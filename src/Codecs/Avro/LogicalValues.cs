using System.Numerics;
using System.Runtime.CompilerServices;

namespace Etl.Codecs.Avro;

/// <summary>
/// Logical types' numbers and bytes as .NET values and back. Reading (<c>Try…</c>) never throws: what .NET's type cannot hold is false.
/// Writing cuts towards the past what the logical type is too coarse for, and throws on what does not fit.
/// </summary>
public static class LogicalValues
{
    private const long TicksPerMicro = TimeSpan.TicksPerMicrosecond;
    private const long TicksPerMilli = TimeSpan.TicksPerMillisecond;
    private const long NanosPerTick = 100;
    private const int DecimalScaleMax = 28;

    public static bool TryInstantOfMillis(long millis, out DateTimeOffset instant) => TryInstant(millis, TicksPerMilli, out instant);

    public static bool TryInstantOfMicros(long micros, out DateTimeOffset instant) => TryInstant(micros, TicksPerMicro, out instant);

    /// <summary>Cut to 100 ns, towards the past.</summary>
    public static bool TryInstantOfNanos(long nanos, out DateTimeOffset instant) => TryInstant(FloorDivide(nanos, NanosPerTick), 1, out instant);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long MillisOf(DateTimeOffset instant) => FloorDivide(instant.UtcTicks - DateTime.UnixEpoch.Ticks, TicksPerMilli);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long MicrosOf(DateTimeOffset instant) => FloorDivide(instant.UtcTicks - DateTime.UnixEpoch.Ticks, TicksPerMicro);

    /// <exception cref="OverflowException">Outside the years 1677 to 2262.</exception>
    public static long NanosOf(DateTimeOffset instant) => checked((instant.UtcTicks - DateTime.UnixEpoch.Ticks) * NanosPerTick);

    public static bool TryLocalOfMillis(long millis, out DateTime local) => TryLocal(millis, TicksPerMilli, out local);

    public static bool TryLocalOfMicros(long micros, out DateTime local) => TryLocal(micros, TicksPerMicro, out local);

    public static bool TryLocalOfNanos(long nanos, out DateTime local) => TryLocal(FloorDivide(nanos, NanosPerTick), 1, out local);

    public static long LocalMillisOf(DateTime local) => FloorDivide(local.Ticks - DateTime.UnixEpoch.Ticks, TicksPerMilli);

    public static long LocalMicrosOf(DateTime local) => FloorDivide(local.Ticks - DateTime.UnixEpoch.Ticks, TicksPerMicro);

    /// <exception cref="OverflowException">Outside the years 1677 to 2262.</exception>
    public static long LocalNanosOf(DateTime local) => checked((local.Ticks - DateTime.UnixEpoch.Ticks) * NanosPerTick);

    public static bool TryDate(int days, out DateOnly date)
    {
        long number = (long)DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber + days;
        bool fits = number >= 0 && number <= DateOnly.MaxValue.DayNumber;
        date = fits ? DateOnly.FromDayNumber((int)number) : default;
        return fits;
    }

    public static int DaysOf(DateOnly date) => date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    public static bool TryTimeOfMillis(int millis, out TimeOnly time) => TryTime(millis, TicksPerMilli, out time);

    public static bool TryTimeOfMicros(long micros, out TimeOnly time) => TryTime(micros, TicksPerMicro, out time);

    public static int MillisOf(TimeOnly time) => (int)(time.Ticks / TicksPerMilli);

    public static long MicrosOf(TimeOnly time) => time.Ticks / TicksPerMicro;

    /// <summary>False where the value needs more than .NET's 96 bits.</summary>
    public static bool TryDecimal(ReadOnlySpan<byte> bytes, int scale, out decimal value)
    {
        value = 0;
        if (bytes.Length > 2 * sizeof(decimal)) return false;
        var unscaled = new BigInteger(bytes, isUnsigned: false, isBigEndian: true);
        for (; scale > DecimalScaleMax; scale--)
        {
            unscaled = BigInteger.DivRem(unscaled, 10, out var rest);
            if (!rest.IsZero) return false;
        }
        var magnitude = BigInteger.Abs(unscaled);
        if (magnitude > (BigInteger)decimal.MaxValue) return false;
        value = (decimal)magnitude;
        int[] bits = decimal.GetBits(value);
        value = new(bits[0], bits[1], bits[2], unscaled.Sign < 0, (byte)scale);
        return true;
    }

    /// <summary>The value times 10^scale, as the shortest two's complement, high byte first.</summary>
    /// <exception cref="ArgumentException">The value has more digits than precision and scale allow.</exception>
    public static byte[] DecimalBytesOf(decimal value, int precision, int scale) => UnscaledOf(value, precision, scale).ToByteArray(isUnsigned: false, isBigEndian: true);

    /// <summary>As <see cref="DecimalBytesOf"/>, filled up with the sign to <paramref name="size"/> bytes.</summary>
    /// <exception cref="ArgumentException">The value has more digits than precision and scale allow.</exception>
    public static byte[] DecimalFixedOf(decimal value, int precision, int scale, int size)
    {
        byte[] shortest = DecimalBytesOf(value, precision, scale);
        if (shortest.Length > size) throw new ArgumentException($"found {value}, expected a decimal that fits {size} bytes", nameof(value));
        byte[] bytes = new byte[size];
        if (value < 0) Array.Fill(bytes, (byte)0xFF);
        shortest.CopyTo(bytes, size - shortest.Length);
        return bytes;
    }

    /// <summary>16 bytes in the order of the text.</summary>
    public static bool TryUuid(ReadOnlySpan<byte> bytes, out Guid uuid)
    {
        uuid = bytes.Length == 16 ? new(bytes, bigEndian: true) : default;
        return bytes.Length == 16;
    }

    public static bool TryUuid(string text, out Guid uuid) => Guid.TryParseExact(text, "D", out uuid);

    private static BigInteger UnscaledOf(decimal value, int precision, int scale)
    {
        int[] bits = decimal.GetBits(value);
        var unscaled = ((BigInteger)(uint)bits[2] << 64) | ((BigInteger)(uint)bits[1] << 32) | (uint)bits[0];
        int up = scale - value.Scale;
        var rest = BigInteger.Zero;
        unscaled = up >= 0 ? unscaled * BigInteger.Pow(10, up) : BigInteger.DivRem(unscaled, BigInteger.Pow(10, -up), out rest);
        if (!rest.IsZero || unscaled >= BigInteger.Pow(10, precision)) throw new ArgumentException($"found {value}, expected at most {precision} digits, {scale} of them behind the point", nameof(value));
        return value < 0 ? -unscaled : unscaled;
    }

    private static bool TryInstant(long units, long ticksPerUnit, out DateTimeOffset instant)
    {
        bool fits = TryLocal(units, ticksPerUnit, out var wall);
        instant = fits ? new(wall, TimeSpan.Zero) : default;
        return fits;
    }

    private static bool TryLocal(long units, long ticksPerUnit, out DateTime local)
    {
        var ticks = (Int128)units * ticksPerUnit + DateTime.UnixEpoch.Ticks;
        bool fits = ticks >= 0 && ticks <= DateTime.MaxValue.Ticks;
        local = fits ? new((long)ticks) : default;
        return fits;
    }

    private static bool TryTime(long units, long ticksPerUnit, out TimeOnly time)
    {
        bool fits = units >= 0 && units <= TimeOnly.MaxValue.Ticks / ticksPerUnit;
        time = fits ? new(units * ticksPerUnit) : default;
        return fits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long FloorDivide(long dividend, long divisor)
    {
        long quotient = dividend / divisor;
        return dividend - quotient * divisor < 0 ? quotient - 1 : quotient;
    }
}
