using System.Numerics;

namespace Etl.Tests.EndToEnd;

/// <summary>Doubles as whole numbers, and back by the definition of rounding: no double is nearer, a tie goes to the even one. Slow and plain, to judge what is fast.</summary>
internal static class Exact
{
    /// <summary>One is 2^UnitBits: every double of 1e-25 or more, and 0, is a whole number of units.</summary>
    public const int UnitBits = 140;

    private const int FractionBits = 52, Bias = 1075, StepsMax = 16;

    /// <exception cref="OverflowException">The value has bits below the unit.</exception>
    public static BigInteger Units(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)(bits >> FractionBits) & 0x7FF, shift = exponent - Bias + UnitBits;
        if (value == 0) return BigInteger.Zero;
        if (exponent is 0 or 0x7FF || shift < 0) throw new OverflowException($"{value:R} is no whole number of 2^-{UnitBits}");
        var size = new BigInteger(bits & ((1L << FractionBits) - 1) | 1L << FractionBits) << shift;
        return bits < 0 ? -size : size;
    }

    /// <summary>The double nearest to numerator / denominator, both in the same unit.</summary>
    /// <param name="denominator">Above 0.</param>
    public static double Nearest(BigInteger numerator, BigInteger denominator) => Settle((double)numerator / (double)denominator, middle => Compare(numerator, denominator, middle));

    /// <summary>The double nearest to √(numerator / denominator).</summary>
    /// <param name="numerator">0 or more.</param>
    public static double NearestRoot(BigInteger numerator, BigInteger denominator) =>
        Settle(Math.Sqrt((double)numerator / (double)denominator), middle => Compare(numerator, denominator, middle * middle, 2 * (UnitBits + 1)));

    /// <summary>Moves from a guess to the neighbour while the true value lies beyond the middle between them.</summary>
    /// <param name="compare">Sign of (true value − middle), the middle in units of 2^-(UnitBits + 1).</param>
    private static double Settle(double guess, Func<BigInteger, int> compare)
    {
        for (int step = 0; step < StepsMax; step++)
        {
            double above = Math.BitIncrement(guess), below = Math.BitDecrement(guess);
            bool isOdd = (BitConverter.DoubleToInt64Bits(guess) & 1) != 0;
            int up = guess == 0 ? 0 : compare(Units(guess) + Units(above)), down = guess == 0 ? 0 : compare(Units(guess) + Units(below));
            if (up > 0 || up == 0 && isOdd) guess = above;
            else if (down < 0 || down == 0 && isOdd) guess = below;
            else return guess;
        }
        throw new InvalidOperationException($"the guess {guess:R} is still not the nearest after {StepsMax} steps");
    }

    private static int Compare(BigInteger numerator, BigInteger denominator, BigInteger middle, int unitBits = UnitBits + 1) => (numerator << unitBits).CompareTo(middle * denominator);
}
