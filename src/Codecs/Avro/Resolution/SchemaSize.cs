namespace Etl.Codecs.Avro.Resolution;

/// <summary>How few bytes a value takes, and whether it always takes just those. Saturates; a recursive use counts 0 and is never constant.</summary>
internal sealed class SchemaSize
{
    private const long Saturated = long.MaxValue / 4;

    private readonly Dictionary<AvroSchema, (long Min, bool Constant)> known = new(ReferenceEqualityComparer.Instance);

    public (long Min, bool Constant) Of(AvroSchema schema) => schema switch
    {
        { Kind: AvroKind.Null } => (0, true),
        { Kind: AvroKind.Boolean } => (1, true),
        { Kind: AvroKind.Float } => (4, true),
        { Kind: AvroKind.Double } => (8, true),
        FixedSchema { Size: var size } => (size, true),
        RecordSchema record => OfRecord(record),
        _ => (1, false),
    };

    private (long, bool) OfRecord(RecordSchema record)
    {
        if (known.TryGetValue(record, out var before)) return before;
        known[record] = (0, false);
        var (min, constant) = (0L, true);
        foreach (var field in record.Fields)
        {
            var part = Of(field.Schema);
            (min, constant) = (Math.Min(Saturated, min + part.Min), constant && part.Constant);
        }
        return known[record] = (min, constant);
    }
}
