namespace Etl.Codecs.Avro.Values;

/// <summary>Which branch of a union a value is of: a value's type tells, since a union holds each kind once and named types carry their schema.</summary>
internal static class ValueBranch
{
    /// <exception cref="ArgumentException">No branch takes the value.</exception>
    public static int Of(UnionSchema union, object? value)
    {
        for (int branch = 0; branch < union.Branches.Count; branch++)
        {
            if (Takes(union.Branches[branch], value)) return branch;
        }
        throw Misfit(union, value);
    }

    public static ArgumentException Misfit(AvroSchema schema, object? value) =>
        new($"found {value?.GetType().Name ?? "null"}, expected a value of {SchemaText.Brief(schema)}", nameof(value));

    private static bool Takes(AvroSchema branch, object? value) => (branch, value) switch
    {
        ({ Kind: AvroKind.Null }, null) => true,
        ({ Kind: AvroKind.Boolean }, bool) => true,
        ({ Kind: AvroKind.Int }, int) => true,
        ({ Kind: AvroKind.Long }, long) => true,
        ({ Kind: AvroKind.Float }, float) => true,
        ({ Kind: AvroKind.Double }, double) => true,
        ({ Kind: AvroKind.Bytes }, byte[]) => true,
        ({ Kind: AvroKind.String }, string) => true,
        (FixedSchema schema, AvroFixed found) => schema.FullName == found.Schema.FullName,
        (EnumSchema schema, AvroEnum found) => schema.FullName == found.Schema.FullName,
        (RecordSchema schema, AvroRecord found) => schema.FullName == found.Schema.FullName,
        (MapSchema, IReadOnlyDictionary<string, object?>) => true,
        (ArraySchema, IReadOnlyList<object?>) => true,
        _ => false,
    };
}
