namespace Etl.Codecs.Avro.Values;

/// <summary>
/// A record's values in the order of its schema's fields. Values are: null, <see cref="bool"/>, <see cref="int"/>, <see cref="long"/>,
/// <see cref="float"/>, <see cref="double"/>, <see cref="byte"/>[] (bytes), <see cref="string"/>, <see cref="AvroFixed"/>,
/// <see cref="AvroEnum"/>, <see cref="AvroRecord"/>, <see cref="IReadOnlyList{T}"/> and <see cref="IReadOnlyDictionary{TKey,TValue}"/> of
/// object. A union's value is its branch's: each branch shows by its type. Logical types stay as they are encoded (<see cref="LogicalValues"/>).
/// To be treated as read-only: defaults are shared between records.
/// </summary>
public sealed class AvroRecord
{
    private readonly object?[] values;

    /// <exception cref="ArgumentException">There are more or fewer values than fields.</exception>
    public AvroRecord(RecordSchema schema, params object?[] values)
    {
        if (values.Length != schema.Fields.Count) throw new ArgumentException($"found {values.Length} values, expected {schema.Fields.Count} for {schema.FullName}", nameof(values));
        (Schema, this.values) = (schema, values);
    }

    public RecordSchema Schema { get; }

    public IReadOnlyList<object?> Values => values;

    public object? this[int position] => values[position];

    /// <exception cref="KeyNotFoundException">The record has no such field.</exception>
    public object? this[string field] => values[(Schema.Find(field) ?? throw new KeyNotFoundException($"{Schema.FullName} has no field {field}")).Position];

    public override string ToString() => AvroJson.Write(Schema, this);
}

/// <summary>A symbol of an enum.</summary>
public sealed record AvroEnum(EnumSchema Schema, int Place)
{
    public string Symbol => Schema.Symbols[Place];

    public override string ToString() => Symbol;
}

/// <summary>Bytes of a fixed.</summary>
public sealed class AvroFixed
{
    /// <exception cref="ArgumentException">There are more or fewer bytes than the schema says.</exception>
    public AvroFixed(FixedSchema schema, byte[] bytes)
    {
        if (bytes.Length != schema.Size) throw new ArgumentException($"found {bytes.Length} bytes, expected {schema.Size} for {schema.FullName}", nameof(bytes));
        (Schema, Bytes) = (schema, bytes);
    }

    public FixedSchema Schema { get; }

    public byte[] Bytes { get; }
}
