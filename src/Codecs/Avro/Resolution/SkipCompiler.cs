namespace Etl.Codecs.Avro.Resolution;

/// <summary>Makes the nodes that pass over a writer's schema; one for each record type, however often it is used.</summary>
internal sealed class SkipCompiler(SchemaSize sizes)
{
    private readonly Dictionary<RecordSchema, SkipRecord> records = new(ReferenceEqualityComparer.Instance);

    public SkipNode Compile(AvroSchema schema) => sizes.Of(schema) is (var bytes, true) ? new SkipConstant(bytes) : schema switch
    {
        { Kind: AvroKind.Int or AvroKind.Long } => new SkipNumber(schema.Kind),
        EnumSchema choice => new SkipSymbol(choice.Symbols.Count),
        UnionSchema union => new SkipUnion([.. union.Branches.Select(Compile)]),
        ArraySchema array => List(array.Items, isMap: false),
        MapSchema map => List(map.Values, isMap: true),
        RecordSchema record => Record(record),
        _ => new SkipBytes(),
    };

    private SkipList List(AvroSchema item, bool isMap)
    {
        var (min, constant) = sizes.Of(item);
        return new(Compile(item), isMap ? min + 1 : min, constant, isMap);
    }

    private SkipRecord Record(RecordSchema record)
    {
        if (records.TryGetValue(record, out var known)) return known;
        var node = records[record] = new SkipRecord(record);
        node.Fields = [.. record.Fields.Select(field => Compile(field.Schema))];
        return node;
    }
}
