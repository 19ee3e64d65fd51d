using System.Runtime.CompilerServices;

namespace Etl.Codecs.Columns;

/// <summary>What schemas and data may ask of columns. A schema beyond a limit is refused; data beyond one is a fault of that datum.</summary>
public sealed record ColumnLimits
{
    public static readonly ColumnLimits Default = new();

    /// <summary>Vectors of one dataset: its columns and all that lies inside them, 1 to 100,000. One takes up to 32 KB a block.</summary>
    public int VectorsMax { get; init => field = Within(value, 1, 100_000); } = 2_000;

    /// <summary>Records, lists and maps of the reader's schema inside each other, 1 to 100.</summary>
    public int DepthMax { get; init => field = Within(value, 1, 100); } = 64;

    /// <summary>Operations of one plan, and pairs of records compared for it, 1 to 1,000,000: unions of many records on both sides multiply.</summary>
    public int OpsMax { get; init => field = Within(value, 1, 1_000_000); } = 200_000;

    /// <summary>Items of all lists and maps of one datum together, 1 to 1,000,000: a block of 2,048 rows counts its items in 31 bits.</summary>
    public int ItemsMax { get; init => field = Within(value, 1, 1_000_000); } = 1_000_000;

    /// <summary>Those items of one datum that take no byte in it (null, a record without fields), of which a few bytes could ask for millions; 0 to 1,000,000.</summary>
    public int ItemsWithoutBytesMax { get; init => field = Within(value, 0, 1_000_000); } = 4_096;

    /// <summary>Bytes of one text or blob, 64 to 2³⁰.</summary>
    public int LengthMax { get; init => field = Within(value, ShortLengthMax, 1 << 30); } = 64 * 1024 * 1024;

    /// <summary>Records inside each other in a dropped field of a recursive type, 1 to 512.</summary>
    public int DroppedDepthMax { get; init => field = Within(value, 1, 512); } = 256;

    /// <summary>Lengths of one byte end before this, so they are never compared with <see cref="LengthMax"/>.</summary>
    private const int ShortLengthMax = 64;

    private static int Within(int value, int least, int most, [CallerMemberName] string name = "") => value >= least && value <= most
        ? value
        : throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"columns.{name}: {value:N0} is outside {least:N0} to {most:N0}"));
}
