using Etl.Codecs.Avro;

namespace Etl.Codecs.Columns;

/// <summary>Makes the places of a <see cref="ColumnShape"/>, in the order of the vectors: a parent before its children.</summary>
internal sealed class ShapeBuilder(ColumnLimits limits)
{
    private const int DecimalDigitsMax = 38;

    private readonly HashSet<NamedSchema> open = new(ReferenceEqualityComparer.Instance);
    private int depth;

    public int VectorCount { get; private set; }

    public ShapeNode BuildRoot(RecordSchema record)
    {
        DemandDistinct(record.Fields.Select(field => field.Name), "$");
        open.Add(record);
        var children = record.Fields.Select(field => Build(field.Schema, field.Name)).ToArray();
        return new(record, null, StructOf(record, children), false, -1) { Children = children };
    }

    private ShapeNode Build(AvroSchema schema, string path) => schema switch
    {
        UnionSchema { Branches: [var only] } union => BuildInner(only, union, false, path),
        UnionSchema { Nullable: { } inner } union => BuildInner(inner, union, true, path),
        UnionSchema union => Nest(union, path, () => BuildChoice(union, path)),
        _ => BuildInner(schema, null, false, path),
    };

    private ShapeNode BuildInner(AvroSchema schema, UnionSchema? union, bool nullable, string path)
    {
        switch (schema)
        {
            case RecordSchema { Fields.Count: > 0 } record:
                return Nest(record, path, () =>
                {
                    int place = Take(path);
                    DemandDistinct(record.Fields.Select(field => field.Name), path);
                    var children = record.Fields.Select(field => Build(field.Schema, $"{path}.{field.Name}")).ToArray();
                    return new(record, union, StructOf(record, children), nullable, place) { Children = children };
                });
            case ArraySchema array:
                return Nest(array, path, () =>
                {
                    int place = Take(path);
                    var item = Build(array.Items, $"{path}[]");
                    return new(array, union, ColumnType.List(item.Type, item.Nullable), nullable, place) { Children = [item] };
                });
            case MapSchema map:
                return Nest(map, path, () =>
                {
                    int place = Take(path);
                    Take(path); // the entry
                    Take(path); // its key
                    var value = Build(map.Values, $"{path}[]");
                    return new(map, union, ColumnType.Map(ColumnType.Of(ColumnKind.Text), value.Type, value.Nullable), nullable, place) { Children = [value] };
                });
            default:
                return new(schema, union, LeafOf(schema), nullable || schema.Kind == AvroKind.Null, Take(path));
        }
    }

    private ShapeNode BuildChoice(UnionSchema union, string path)
    {
        int place = Take(path);
        DemandDistinct(union.Branches.Select(branch => branch.BranchName), path);
        string tag = "branch";
        while (union.Branches.Any(branch => branch.BranchName.Equals(tag, StringComparison.OrdinalIgnoreCase))) tag += "_";
        Take(path); // the tag
        var children = union.Branches.Select(branch => branch.Kind == AvroKind.Null ? null! : Build(branch, $"{path}.{branch.BranchName}")).ToArray();
        var fields = children.Where(child => child is not null).Select(child => new ColumnField(child.Schema.BranchName, child.Type, true));
        var type = ColumnType.Struct([new(tag, ColumnType.Of(ColumnKind.Text), true), .. fields]);
        return new(union, union, type, union.NullBranch >= 0, place) { Children = children };
    }

    private static ColumnType StructOf(RecordSchema record, ShapeNode[] children) =>
        ColumnType.Struct([.. children.Select((child, place) => new ColumnField(record.Fields[place].Name, child.Type, child.Nullable))]);

    private static ColumnType LeafOf(AvroSchema schema) => schema.LogicalType is { } logical && LogicalOf(logical) is { } type ? type : ColumnType.Of(schema.Kind switch
    {
        AvroKind.Int => ColumnKind.Int32,
        AvroKind.Long => ColumnKind.Int64,
        AvroKind.Float => ColumnKind.Float,
        AvroKind.Double => ColumnKind.Double,
        AvroKind.String or AvroKind.Enum => ColumnKind.Text,
        AvroKind.Bytes or AvroKind.Fixed => ColumnKind.Bytes,
        _ => ColumnKind.Boolean, // also null, and a record without fields
    });

    private static ColumnType? LogicalOf(LogicalType logical) => logical.Kind switch
    {
        LogicalKind.Decimal => logical.Precision <= DecimalDigitsMax ? ColumnType.Decimal(logical.Precision, logical.Scale) : null,
        LogicalKind.Uuid => ColumnType.Of(ColumnKind.Uuid),
        LogicalKind.Date => ColumnType.Of(ColumnKind.Date),
        LogicalKind.TimeMillis or LogicalKind.TimeMicros => ColumnType.Of(ColumnKind.Time),
        LogicalKind.TimestampMillis or LogicalKind.TimestampMicros or LogicalKind.TimestampNanos => ColumnType.Of(ColumnKind.Timestamp),
        LogicalKind.LocalTimestampMillis or LogicalKind.LocalTimestampMicros or LogicalKind.LocalTimestampNanos => ColumnType.Of(ColumnKind.LocalTimestamp),
        LogicalKind.Duration => ColumnType.Of(ColumnKind.Interval),
        _ => null,
    };

    private ShapeNode Nest(AvroSchema schema, string path, Func<ShapeNode> build)
    {
        if (schema is RecordSchema record && !open.Add(record))
            throw new SchemaException(new($"{record.FullName}, which holds itself", "types of finite depth: columns cannot hold a recursive record; leave the field out of the dataset's schema", path));
        if (++depth > limits.DepthMax)
            throw new SchemaException(new("types inside each other too deep", $"at most {limits.DepthMax} levels ({nameof(ColumnLimits.DepthMax)})", path));
        var node = build();
        depth--;
        if (schema is RecordSchema done) open.Remove(done);
        return node;
    }

    private int Take(string path) => VectorCount < limits.VectorsMax
        ? VectorCount++
        : throw new SchemaException(new("more columns", $"at most {limits.VectorsMax:N0} with those inside others ({nameof(ColumnLimits.VectorsMax)})", path));

    private static void DemandDistinct(IEnumerable<string> names, string path)
    {
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in names)
            if (!seen.TryAdd(name, name))
                throw new SchemaException(new($"\"{seen[name]}\" and \"{name}\"", "names that differ in more than case, as SQL does not tell these apart", path));
    }
}
