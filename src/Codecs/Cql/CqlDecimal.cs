using System.Globalization;
using System.Numerics;

namespace Etl.Codecs.Cql;

/// <summary>CQL's <c>decimal</c>: <c>Unscaled × 10^-Scale</c>, of any size; the scale may be negative. 1.50 and 1.5 are not equal, as in Cassandra's bytes.</summary>
public readonly record struct CqlDecimal(BigInteger Unscaled, int Scale)
{
    private const int DecimalScaleMax = 28;

    private static readonly BigInteger Mantissa = BigInteger.Pow(2, 96);

    public static implicit operator CqlDecimal(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var unscaled = new BigInteger((uint)bits[2]) << 64 | new BigInteger((ulong)(uint)bits[1] << 32 | (uint)bits[0]);
        return new(bits[3] < 0 ? -unscaled : unscaled, bits[3] >> 16 & 0xFF);
    }

    /// <summary>The same number as <see cref="decimal"/>, with the same scale where it is not negative.</summary>
    /// <returns>false where decimal has no room for all digits.</returns>
    public bool TryToDecimal(out decimal value)
    {
        value = 0;
        if (Unscaled.IsZero) { value = new(0, 0, 0, false, (byte)Math.Clamp(Scale, 0, DecimalScaleMax)); return Scale <= DecimalScaleMax; }
        if (Scale is > DecimalScaleMax or < -DecimalScaleMax) return false;
        var magnitude = BigInteger.Abs(Scale < 0 ? Unscaled * BigInteger.Pow(10, -Scale) : Unscaled);
        if (magnitude >= Mantissa) return false;
        Span<byte> bytes = stackalloc byte[12];
        bytes.Clear();
        magnitude.TryWriteBytes(bytes, out _, isUnsigned: true);
        value = new(BitConverter.ToInt32(bytes), BitConverter.ToInt32(bytes[4..]), BitConverter.ToInt32(bytes[8..]), Unscaled.Sign < 0, (byte)Math.Max(0, Scale));
        return true;
    }

    /// <summary>Reads <c>-1.50</c>, <c>1E+5</c>, <c>1e-30</c> with the scale that is written.</summary>
    /// <exception cref="FormatException">It is not a number, or its scale passes 32 bits.</exception>
    public static CqlDecimal Parse(string text)
    {
        int exponentAt = text.IndexOfAny(['e', 'E']);
        int exponent = exponentAt < 0 ? 0 : int.Parse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string digits = exponentAt < 0 ? text : text[..exponentAt];
        int point = digits.IndexOf('.', StringComparison.Ordinal);
        int fraction = point < 0 ? 0 : digits.Length - point - 1;
        return new(BigInteger.Parse(digits.Replace(".", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), checked(fraction - exponent));
    }

    public override string ToString() => TryToDecimal(out decimal value) && Scale >= 0 ? value.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{Unscaled}E{-(long)Scale:+0;-0;+0}");
}
