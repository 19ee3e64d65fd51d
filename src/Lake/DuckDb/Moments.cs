using System.Numerics;

namespace Etl.Lake.DuckDb;

/// <summary>Statistics out of exact sums: integers up to the last step, so that nothing cancels and no order shows.</summary>
public static class Moments
{
    private const int SmallestExponent = -1074; // of the smallest double above 0

    /// <param name="rows">At least 1.</param>
    /// <returns>The mean, rounded once.</returns>
    public static double Average(long rows, in ExactSum x) => x.IsFinite ? Ratio(x.ToInteger(out int unit), rows, unit) : x.ToDouble();

    /// <param name="rows">At least 2.</param>
    /// <param name="sums">Of x and x².</param>
    /// <returns>The variance of a sample (divided by rows − 1), rounded once; NaN with a NaN or an infinity.</returns>
    public static double Variance(long rows, ReadOnlySpan<ExactSum> sums) =>
        AllFinite(sums[..2]) ? Ratio(Spread(rows, sums[0], sums[0], sums[1], out int unit), new BigInteger(rows) * (rows - 1), unit) : double.NaN;

    /// <param name="rows">At least 2.</param>
    /// <param name="sums">Of x and x².</param>
    /// <returns>The standard deviation of a sample, rounded once; NaN with a NaN or an infinity.</returns>
    public static double Deviation(long rows, ReadOnlySpan<ExactSum> sums) =>
        AllFinite(sums[..2]) ? Root(Spread(rows, sums[0], sums[0], sums[1], out int unit), new BigInteger(rows) * (rows - 1), unit) : double.NaN;

    /// <param name="rows">At least 2.</param>
    /// <param name="sums">Of x, x², y, y², xy.</param>
    /// <returns>Pearson's r, −1 to 1, rounded once; NaN when x or y does not vary (as DuckDB's <c>corr</c>), or with a NaN or an infinity.</returns>
    public static double Correlation(long rows, ReadOnlySpan<ExactSum> sums)
    {
        if (!AllFinite(sums[..5])) return double.NaN;
        var xx = Spread(rows, sums[0], sums[0], sums[1], out int xUnit);
        var yy = Spread(rows, sums[2], sums[2], sums[3], out int yUnit);
        var xy = Spread(rows, sums[0], sums[2], sums[4], out int xyUnit);
        if (xx.Sign <= 0 || yy.Sign <= 0) return double.NaN; // below 0 only where tiny products lost bits
        return xy.Sign * Math.Min(Root(xy * xy, xx * yy, 2 * xyUnit - xUnit - yUnit), 1);
    }

    /// <summary>√(numerator / denominator · 2^<paramref name="unit"/>), rounded once: the root of a rounded number would be rounded twice.</summary>
    /// <param name="numerator">Below 0 only where tiny products lost bits; counts as 0.</param>
    /// <param name="denominator">Above 0.</param>
    public static double Root(BigInteger numerator, BigInteger denominator, int unit)
    {
        if (numerator.Sign <= 0) return 0;
        int shift = 126 + (int)denominator.GetBitLength() - (int)numerator.GetBitLength(); // the quotient then has 126 to 128 bits, its root 63 or 64
        if ((unit - shift) % 2 != 0) shift++;
        if (shift > 0) numerator <<= shift; else denominator <<= -shift;
        var quotient = (UInt128)BigInteger.DivRem(numerator, denominator, out var rest);
        ulong root = (ulong)Math.Min(Math.Sqrt((double)quotient), ulong.MaxValue - 4_096); // right to 52 bits; one step of Newton's gives the rest, but for the last one
        root = (ulong)UInt128.Min((root + quotient / root) >> 1, ulong.MaxValue);
        while ((UInt128)root * root > quotient) root--;
        while (root < ulong.MaxValue && (UInt128)(root + 1) * (root + 1) <= quotient) root++;
        bool isExact = rest.IsZero && (UInt128)root * root == quotient;
        return Math.ScaleB((double)(root | (isExact ? 0UL : 1UL)), (unit - shift) / 2);    // its last bit then says "and something below"
    }

    /// <summary>numerator / denominator · 2^<paramref name="unit"/>, rounded once to nearest, ties to even; subnormal results too.</summary>
    /// <param name="denominator">Above 0.</param>
    public static double Ratio(BigInteger numerator, BigInteger denominator, int unit)
    {
        if (numerator.IsZero) return 0;
        var size = BigInteger.Abs(numerator);
        int shift = 62 + (int)denominator.GetBitLength() - (int)size.GetBitLength(); // the quotient then has 62 or 63 bits
        bool subnormal = unit - shift + 63 <= SmallestExponent + 53;
        if (subnormal) shift = unit + 2 - SmallestExponent;                           // two bits more than a double has there
        if (shift > 0) size <<= shift; else denominator <<= -shift;
        long quotient = (long)BigInteger.DivRem(size, denominator, out var rest);
        quotient |= rest.IsZero ? 0L : 1L;                                            // its last bit then says "and something below"
        double value = subnormal
            ? BitConverter.Int64BitsToDouble((quotient >> 2) + ((quotient & 3) + (quotient >> 2 & 1) > 2 ? 1 : 0)) // such a double is its bits times 2^-1074
            : Math.ScaleB(quotient, unit - shift);
        return numerator.Sign * value;
    }

    /// <summary>n Σab − Σa Σb: the covariance times n².</summary>
    private static BigInteger Spread(long rows, in ExactSum a, in ExactSum b, in ExactSum ab, out int unit)
    {
        var products = rows * ab.ToInteger(out int unitOfProducts);
        var square = a.ToInteger(out int unitOfA) * b.ToInteger(out int unitOfB);
        unit = Math.Min(unitOfProducts, unitOfA + unitOfB);
        return (products << (unitOfProducts - unit)) - (square << (unitOfA + unitOfB - unit));
    }

    private static bool AllFinite(ReadOnlySpan<ExactSum> sums)
    {
        foreach (ref readonly var sum in sums)
            if (!sum.IsFinite) return false;
        return true;
    }
}
