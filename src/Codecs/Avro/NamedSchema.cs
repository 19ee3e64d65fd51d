using System.Text.Json;

namespace Etl.Codecs.Avro;

/// <summary>A record, enum or fixed: a schema that others refer to by name.</summary>
public abstract class NamedSchema : AvroSchema
{
    private protected NamedSchema(AvroKind kind, SchemaName name)
        : base(kind) => (Name, Namespace, FullName) = (name.Name, name.Namespace, name.Full);

    /// <summary>The name without its namespace.</summary>
    public string Name { get; }

    /// <summary>The namespace, dots inside; empty for the null namespace.</summary>
    public string Namespace { get; }

    /// <summary>The namespace, a dot and the name; the name alone in the null namespace.</summary>
    public string FullName { get; }

    /// <summary>Other names, as full names: data written under one of them is read as this type.</summary>
    public IReadOnlyList<string> Aliases { get; internal set; } = [];

    public string? Doc { get; internal set; }

    public override string BranchName => FullName;
}

/// <summary>A record (or <c>error</c>): its fields are written one after the other.</summary>
public sealed class RecordSchema : NamedSchema
{
    private Dictionary<string, RecordField> byName = [];

    internal RecordSchema(SchemaName name, bool isError)
        : base(AvroKind.Record, name) => IsError = isError;

    /// <summary>Declared as <c>error</c>; encoded like any record.</summary>
    public bool IsError { get; }

    public IReadOnlyList<RecordField> Fields
    {
        get;
        internal set => (field, byName) = (value, value.ToDictionary(one => one.Name));
    } = [];

    /// <summary>The field of exactly this name (aliases are not asked), or null.</summary>
    public RecordField? Find(string name) => byName.GetValueOrDefault(name);
}

/// <summary>In which order records are sorted by a field.</summary>
public enum FieldOrder
{
    Ascending,
    Descending,
    Ignore,
}

/// <summary>One field of a record.</summary>
/// <param name="Position">Counted from 0.</param>
public sealed record RecordField(string Name, int Position, AvroSchema Schema)
{
    public string? Doc { get; internal init; }

    /// <summary>Other names, simple ones: a writer's field of one of them is read as this field.</summary>
    public IReadOnlyList<string> Aliases { get; internal init; } = [];

    /// <summary>The default as JSON; null when there is none. A default of <c>null</c> is an element of that kind.</summary>
    public JsonElement? Default { get; internal init; }

    public bool HasDefault => Default is not null;

    public FieldOrder Order { get; internal init; }

    public IReadOnlyDictionary<string, JsonElement> Attributes { get; internal init; } = AvroSchema.NoAttributes;

    public override string ToString() => Name;
}

/// <summary>One of a list of symbols, written as its place.</summary>
public sealed class EnumSchema : NamedSchema
{
    private readonly Dictionary<string, int> places;

    internal EnumSchema(SchemaName name, IReadOnlyList<string> symbols, string? @default)
        : base(AvroKind.Enum, name)
    {
        (Symbols, Default) = (symbols, @default);
        places = symbols.Select((symbol, place) => (symbol, place)).ToDictionary();
    }

    public IReadOnlyList<string> Symbols { get; }

    /// <summary>The symbol a reader takes for one it does not know; null when there is none.</summary>
    public string? Default { get; }

    /// <summary>The symbol's place, or −1.</summary>
    public int PlaceOf(string symbol) => places.GetValueOrDefault(symbol, -1);
}

/// <summary>Bytes of one fixed number.</summary>
public sealed class FixedSchema : NamedSchema
{
    internal FixedSchema(SchemaName name, int size)
        : base(AvroKind.Fixed, name) => Size = size;

    /// <summary>Bytes, 0 to 2³¹ − 1.</summary>
    public int Size { get; }
}
