namespace Etl.Codecs.Avro;

/// <summary>What is wrong with bytes that should be Avro data.</summary>
public enum DecodeFault
{
    None,

    /// <summary>The data ends inside a value, or a length points past its end.</summary>
    EndOfData,

    /// <summary>A number longer than 10 bytes (int: 5), or past 64 (32) bits.</summary>
    InvalidNumber,

    /// <summary>A boolean that is neither 0 nor 1.</summary>
    InvalidBoolean,

    /// <summary>Text that is not UTF-8.</summary>
    InvalidText,

    /// <summary>A length below 0.</summary>
    NegativeLength,

    /// <summary>A block of an array or map whose count or size cannot be.</summary>
    InvalidBlock,

    /// <summary>A union's branch that is not there.</summary>
    UnknownBranch,

    /// <summary>An enum's place that is not there, or a symbol the reader does not know and has no default for.</summary>
    UnknownSymbol,

    /// <summary>A map that has a key twice, where that cannot be kept.</summary>
    DuplicateKey,

    /// <summary>Beyond <see cref="DecodeLimits.DepthMax"/>.</summary>
    TooDeep,

    /// <summary>Beyond <see cref="DecodeLimits.ValuesMax"/>.</summary>
    TooManyValues,

    /// <summary>Beyond <see cref="DecodeLimits.LengthMax"/>.</summary>
    TooLong,

    /// <summary>The writer's schema cannot be read with the reader's at this place.</summary>
    Unresolvable,

    /// <summary>A number that its logical type's .NET type cannot hold.</summary>
    OutOfRange,

    /// <summary>Bytes left after the value.</summary>
    TrailingData,

    /// <summary>A frame (wire format, single object, container) that does not begin as it must.</summary>
    InvalidFrame,
}

/// <summary>Trouble in data, with its place.</summary>
/// <param name="Offset">Bytes from the start of the data.</param>
/// <param name="Path">Field names with dots, <c>[3]</c> for an item, <c>["key"]</c> for a map's value; empty at the top.</param>
/// <param name="Detail">What was found and what was expected; may be empty where the fault says all.</param>
public sealed record DecodeProblem(DecodeFault Fault, long Offset, string Path, string Detail)
{
    /// <summary>Place and detail, for who has told the fault already.</summary>
    public string Place => $"at byte {Offset}{(Path.Length > 0 ? $" in {Path}" : "")}{(Detail.Length > 0 ? $": {Detail}" : "")}";

    public override string ToString() => $"{Fault} {Place}";
}

/// <summary>A value read from bytes, or what is wrong with them.</summary>
/// <param name="Value">Meaningful when <see cref="IsDone"/> only.</param>
/// <param name="Length">Bytes used.</param>
public readonly record struct Decoded<T>(T? Value, int Length, DecodeProblem? Problem)
{
    public bool IsDone => Problem is null;

    public DecodeFault Fault => Problem?.Fault ?? DecodeFault.None;

    public static Decoded<T> Done(T value, int length) => new(value, length, null);

    public static Decoded<T> Failed(DecodeProblem problem) => new(default, 0, problem);
}
