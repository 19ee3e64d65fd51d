namespace Etl.Sources;

/// <summary>
/// Random numbers by their number: draw n of a stream is a function of (seed, stream, n) alone. So a simulator goes on after any event without
/// replaying those before it, and one truck's numbers do not depend on how many others there are.
/// </summary>
/// <param name="seed">Same seed, same numbers.</param>
/// <param name="stream">What draws, e.g. a truck's number: streams of one seed are independent.</param>
internal readonly struct CounterRandom(ulong seed, ulong stream)
{
    private const ulong Golden = 0x9E3779B97F4A7C15; // 2⁶⁴ / golden ratio: the step of SplitMix64
    private const double Ulp53 = 1.0 / (1L << 53);

    private readonly ulong key = Mix(Mix(seed + Golden) ^ (stream * Golden));

    /// <summary>64 uniform bits.</summary>
    public ulong Bits(ulong number) => Mix(key + number * Golden);

    /// <summary>Uniform in (0, 1), both ends excluded, so that its logarithm is finite.</summary>
    public double Uniform(ulong number) => ((Bits(number) >> 11) + 0.5) * Ulp53;

    /// <summary>Exponential with mean 1.</summary>
    public double Exponential(ulong number) => -Math.Log(Uniform(number));

    /// <summary>Standard normal, by Box and Muller; uses the draws <paramref name="number"/> and the one after it.</summary>
    public double Normal(ulong number) => Math.Sqrt(-2 * Math.Log(Uniform(number))) * Math.Cos(2 * Math.PI * Uniform(number + 1));

    /// <summary>SplitMix64's finaliser: each bit of the result depends on each of the argument.</summary>
    private static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}
