namespace Etl.Codecs.Columns;

/// <summary>What schemas and data may ask of columns. A schema beyond a limit is refused; data beyond one is a fault of that datum.</summary>
public sealed record ColumnLimits
{
    public static readonly ColumnLimits Default = new();

    /// <summary>Vectors of one dataset: its columns and all that lies inside them. One takes at least 32 KB a block.</summary>
    public int VectorsMax { get; init; } = 2_000;

    /// <summary>Records, lists and maps of the reader's schema inside each other, 1 to 100.</summary>
    public int DepthMax { get; init; } = 64;

    /// <summary>Operations of one plan, and pairs of schemas compared for it: unions of many records on both sides multiply.</summary>
    public int OpsMax { get; init; } = 200_000;

    /// <summary>Items of all lists and maps of one datum together, 1 to 1,000,000: a block of 2,048 rows counts its items in 31 bits.</summary>
    public int ItemsMax { get; init; } = 1_000_000;

    /// <summary>Those items of one datum that take no byte in it (null, a record without fields), of which a few bytes could ask for millions.</summary>
    public int ItemsWithoutBytesMax { get; init; } = 4_096;

    /// <summary>Bytes of one text or blob.</summary>
    public int LengthMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Records inside each other in a dropped field of a recursive type, 1 to 512.</summary>
    public int DroppedDepthMax { get; init; } = 256;
}
