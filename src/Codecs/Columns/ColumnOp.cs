using System.Runtime.InteropServices;

namespace Etl.Codecs.Columns;

/// <summary>What one operation of a <see cref="ColumnPlan"/> does with the bytes.</summary>
internal enum OpCode : byte
{
    // Numbers: a varint (of at most 32 bits where the operation is narrow) into a vector.
    Int32,
    Int64,
    InstantMicros,
    NumberToFloat,
    NumberToDouble,
    Date,
    TimeMillis,
    TimeMicros,
    InstantMillis,
    InstantNanos,

    // Values of a constant size.
    Boolean,
    Float,
    FloatToDouble,
    FixedBytes,
    FixedDecimal,
    FixedUuid,
    FixedInterval,

    /// <summary>Jump: how many doubles follow each other from here on, this one included. Narrow: goes on from the one before.</summary>
    Double,

    // A length, then bytes.
    Text,
    Bytes,
    Decimal,
    UuidText,

    // The writer's symbol; Argument: its table of texts.
    Symbol,

    // No bytes of their own.
    Null,
    True,

    /// <summary>Names the branch in a struct of branches and makes the other branches null. Argument: place of the branch's child; Jump: its name.</summary>
    Branch,

    /// <summary>Runs the operations up to Jump over the bytes of a default. Argument: which.</summary>
    Default,

    /// <summary>Here the schemas do not resolve. Argument: the text why.</summary>
    Unresolvable,

    /// <summary>The writer's union of null and one other. Argument: the null branch's place; null goes to Jump.</summary>
    Optional,

    /// <summary>Any union of the writer. Argument: its table of operations to go on with.</summary>
    Select,

    /// <summary>Goes on at Jump.</summary>
    Jump,

    /// <summary>An array. The operations up to Jump read one item. Argument: its fewest bytes.</summary>
    List,

    /// <summary>A map; as List, the key included.</summary>
    Map,

    // Passing over what is dropped.
    SkipNumber,
    SkipLength,

    /// <summary>Argument: bytes.</summary>
    SkipConstant,

    /// <summary>Argument: how many symbols.</summary>
    SkipSymbol,

    /// <summary>An array or map; the operations up to Jump pass over one item. Argument: its fewest bytes. Narrow: it always has just those.</summary>
    SkipItems,

    /// <summary>Runs a routine, which passes over one record. Argument: which.</summary>
    SkipRecord,

    /// <summary>Ends a routine.</summary>
    Return,
}

/// <summary>One operation. What Argument and Jump mean is written beside the codes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ColumnOp
{
    public OpCode Code;

    /// <summary>Numbers: the writer's kind is int. Others: written beside the codes.</summary>
    public bool Narrow;

    /// <summary>The vector that is written, where one is.</summary>
    public int Vector;

    public int Argument;

    public int Jump;
}
