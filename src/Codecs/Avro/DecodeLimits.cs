using System.Runtime.CompilerServices;

namespace Etl.Codecs.Avro;

/// <summary>What one datum may ask of its decoder.</summary>
public sealed record DecodeLimits
{
    public static readonly DecodeLimits Default = new();

    /// <summary>Records, arrays and maps inside each other, 1 to 512.</summary>
    public int DepthMax { get; init => field = Within(value, 1, 512); } = 256;

    /// <summary>Values made for one datum. Matters where a value takes no byte: arrays of null, records without fields. At least 1.</summary>
    public int ValuesMax { get; init => field = Within(value, 1, int.MaxValue); } = 1_000_000;

    /// <summary>Bytes of one string, bytes or fixed value, at least 1.</summary>
    public int LengthMax { get; init => field = Within(value, 1, int.MaxValue); } = 256 * 1024 * 1024;

    /// <summary>Read text that is not UTF-8 with U+FFFD in place of what is wrong, as the Java library does; else it is <see cref="DecodeFault.InvalidText"/>.</summary>
    public bool ReplaceInvalidText { get; init; }

    private static int Within(int value, int least, int most, [CallerMemberName] string name = "") => value >= least && value <= most
        ? value
        : throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"decode.{name}: {value:N0} is outside {least:N0} to {most:N0}"));
}
