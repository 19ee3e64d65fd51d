using System.Runtime.CompilerServices;

namespace Etl.Codecs.Avro;

/// <summary>What a schema's text may ask of the reader. A text beyond a limit is refused with the limit's name.</summary>
public sealed record SchemaLimits
{
    public static readonly SchemaLimits Default = new();

    /// <summary>Characters of text, 1 to 2³⁰.</summary>
    public int TextMax { get; init => field = Within(value, 1, 1 << 30); } = 4 * 1024 * 1024;

    /// <summary>Schemas inside each other, names followed once, 1 to 1,000.</summary>
    public int DepthMax { get; init => field = Within(value, 1, 1_000); } = 256;

    /// <summary>Named types in one text, 1 to 1,000,000.</summary>
    public int NamesMax { get; init => field = Within(value, 1, 1_000_000); } = 10_000;

    /// <summary>Fields of one record, symbols of one enum, branches of one union; 1 to 1,000,000.</summary>
    public int FieldsMax { get; init => field = Within(value, 1, 1_000_000); } = 10_000;

    /// <summary>Schemas in the tree that results when each name is replaced by its type (a recursive use counts 1). n records that each use the next one twice make 2ⁿ. At least 1.</summary>
    public long ExpandedMax { get; init => field = Within(value, 1, long.MaxValue); } = 1_000_000;

    /// <summary>Allow only <c>[A-Za-z_][A-Za-z0-9_]*</c> in names, as the specification has it; else any letters and digits, as the Java library and with it the registries have it.</summary>
    public bool StrictNames { get; init; }

    private static int Within(int value, int least, int most, [CallerMemberName] string name = "") => (int)Within((long)value, least, most, name);

    private static long Within(long value, long least, long most, [CallerMemberName] string name = "") => value >= least && value <= most
        ? value
        : throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"schema.{name}: {value:N0} is outside {least:N0} to {most:N0}"));
}
