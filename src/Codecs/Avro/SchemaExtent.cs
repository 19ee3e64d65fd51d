namespace Etl.Codecs.Avro;

/// <summary>Measures a schema graph as the tree it stands for, without building the tree: how deep, and how many nodes.</summary>
internal sealed class SchemaExtent(SchemaLimits limits)
{
    private readonly Dictionary<NamedSchema, (int Depth, long Nodes)> measured = new(ReferenceEqualityComparer.Instance);

    public void Demand(AvroSchema schema)
    {
        var (depth, nodes) = Measure(schema, 1);
        if (depth > limits.DepthMax) throw TooDeep();
        if (nodes > limits.ExpandedMax)
            throw SchemaBuilder.Refused("a schema whose names stand for too many others", $"at most {limits.ExpandedMax:N0} schemas when names are replaced by their types ({nameof(SchemaLimits.ExpandedMax)})", "$");
    }

    private (int Depth, long Nodes) Measure(AvroSchema schema, int level)
    {
        if (level > limits.DepthMax) throw TooDeep();
        if (schema is not NamedSchema name) return MeasureParts(schema, level);
        if (measured.TryGetValue(name, out var known)) return known;
        measured[name] = (1, 1); // holds while its own parts are measured: a recursive use
        return measured[name] = MeasureParts(schema, level);
    }

    private (int Depth, long Nodes) MeasureParts(AvroSchema schema, int level)
    {
        IEnumerable<AvroSchema> parts = schema switch
        {
            RecordSchema record => record.Fields.Select(field => field.Schema),
            ArraySchema array => [array.Items],
            MapSchema map => [map.Values],
            UnionSchema union => union.Branches,
            _ => [],
        };
        var (depth, nodes) = (0, 1L);
        foreach (var part in parts)
        {
            var inner = Measure(part, level + 1);
            depth = Math.Max(depth, inner.Depth);
            nodes = Math.Min(long.MaxValue / 2, nodes + inner.Nodes);
        }
        return (depth + 1, nodes);
    }

    private SchemaException TooDeep() =>
        SchemaBuilder.Refused("types that hold each other too deep", $"at most {limits.DepthMax} levels ({nameof(SchemaLimits.DepthMax)})", "$");
}
