using System.Runtime.CompilerServices;

namespace Etl.Codecs.Avro.Container;

/// <summary>What one container file may ask of its reader.</summary>
public sealed record ContainerLimits
{
    public static readonly ContainerLimits Default = new();

    /// <summary>Bytes of the file's metadata, the schema's text included.</summary>
    public int MetadataBytesMax { get; init => field = Within(value, 1, int.MaxValue); } = 16 * 1024 * 1024;

    /// <summary>Bytes of one block, as stored.</summary>
    public int BlockBytesMax { get; init => field = Within(value, 1, int.MaxValue); } = 256 * 1024 * 1024;

    /// <summary>Bytes of one block, unpacked.</summary>
    public int UnpackedBytesMax { get; init => field = Within(value, 1, int.MaxValue); } = 512 * 1024 * 1024;

    /// <summary>Data in one block. Matters where a datum takes no byte.</summary>
    public int BlockItemsMax { get; init => field = Within(value, 0, int.MaxValue); } = 100_000_000;

    public DecodeLimits Datum { get; init; } = DecodeLimits.Default;

    public SchemaLimits Schema { get; init; } = SchemaLimits.Default;

    private static int Within(int value, int least, int most, [CallerMemberName] string name = "") => value >= least && value <= most
        ? value
        : throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"container.{name}: {value:N0} is outside {least:N0} to {most:N0}"));
}
