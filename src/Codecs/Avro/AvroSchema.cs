using System.Text.Json;

namespace Etl.Codecs.Avro;

/// <summary>
/// One Avro schema as parsed by <see cref="SchemaParser"/>: immutable, and a graph rather than a tree, since a name refers to the very
/// object that its definition made (a recursive record holds itself).
/// </summary>
public abstract class AvroSchema
{
    private protected AvroSchema(AvroKind kind) => Kind = kind;

    public AvroKind Kind { get; }

    /// <summary>The logical type, or null. One that does not fit its schema is ignored, as the specification asks; its attributes stay.</summary>
    public LogicalType? LogicalType { get; internal set; }

    /// <summary>What the specification does not name, and the logical type's attributes, in the text's order.</summary>
    public IReadOnlyDictionary<string, JsonElement> Attributes { get; internal set; } = NoAttributes;

    /// <summary>The text this schema was parsed from, unchanged; null for a schema inside another.</summary>
    public string? Text { get; internal set; }

    /// <summary>How a union tells this branch from the others: the kind's name, for named types the full name.</summary>
    public virtual string BranchName => Kind.ToName();

    internal static readonly IReadOnlyDictionary<string, JsonElement> NoAttributes = new Dictionary<string, JsonElement>();

    /// <summary>The schema in JSON with its attributes, as <see cref="SchemaText"/> writes it.</summary>
    public override string ToString() => SchemaText.Write(this);
}

/// <summary>null, boolean, int, long, float, double, bytes or string.</summary>
public sealed class PrimitiveSchema : AvroSchema
{
    public PrimitiveSchema(AvroKind kind)
        : base(kind)
    {
        if (kind > AvroKind.String) throw new ArgumentOutOfRangeException(nameof(kind), kind, "expected a primitive kind");
    }
}

/// <summary>A list of values of one schema.</summary>
public sealed class ArraySchema(AvroSchema items) : AvroSchema(AvroKind.Array)
{
    public AvroSchema Items { get; } = items;
}

/// <summary>Values of one schema, found by text keys.</summary>
public sealed class MapSchema(AvroSchema values) : AvroSchema(AvroKind.Map)
{
    public AvroSchema Values { get; } = values;
}

/// <summary>A choice of schemas: no union directly inside, and no two branches of one <see cref="AvroSchema.BranchName"/>.</summary>
public sealed class UnionSchema(IReadOnlyList<AvroSchema> branches) : AvroSchema(AvroKind.Union)
{
    public IReadOnlyList<AvroSchema> Branches { get; } = branches;

    /// <summary>The place of the <c>null</c> branch, or −1.</summary>
    public int NullBranch { get; } = branches.TakeWhile(branch => branch.Kind != AvroKind.Null).Count() is var place && place < branches.Count ? place : -1;

    /// <summary>X of a union of exactly null and X, in either order; else null.</summary>
    public AvroSchema? Nullable => Branches.Count == 2 && NullBranch >= 0 ? Branches[1 - NullBranch] : null;
}

internal static class AvroKindNames
{
    private static readonly string[] Names =
        ["null", "boolean", "int", "long", "float", "double", "bytes", "string", "record", "enum", "array", "map", "fixed", "union"];

    private static readonly Dictionary<string, AvroKind> Primitives = Names.Take(8).Select((name, place) => (name, (AvroKind)place)).ToDictionary();

    public static string ToName(this AvroKind kind) => Names[(int)kind];

    public static bool TryPrimitive(string name, out AvroKind kind) => Primitives.TryGetValue(name, out kind);
}
