using Etl.Codecs.Avro;

namespace Etl.Codecs.Columns;

/// <summary>
/// The columns of a dataset, from its Avro schema: one column for each field of the record.
/// <list type="bullet">
/// <item>boolean, int, long, float, double, string, bytes: the kind of that name; fixed: Bytes; enum: Text, its symbol.</item>
/// <item>timestamp-millis, -micros, -nanos: Timestamp; local-timestamp-*: LocalTimestamp; time-*: Time; date: Date. Nanoseconds are cut to
/// microseconds, towards the past. What lies outside the years 1 to 9999, or a day's 24 hours, is a fault of the data.</item>
/// <item>decimal of up to 38 digits: Decimal; wider ones and big-decimal: Bytes. uuid: Uuid. duration: Interval.</item>
/// <item>array: List; map: Map (a key given twice is a fault); record: Struct, one without fields: Boolean, always true.</item>
/// <item>null: nullable Boolean, always null. A union of null and X in either order: X, nullable.</item>
/// <item>Any other union: a Struct of the text <c>branch</c> (the branch's name: the kind, or the type's full name) and one nullable field
/// for each branch but null, named alike; the Struct itself is null for the null branch. Underscores are added to <c>branch</c> where a
/// type has that name.</item>
/// </list>
/// Names are kept; two that differ in case only are refused, since SQL would not tell them apart.
/// </summary>
public sealed class ColumnShape
{
    private ColumnShape(RecordSchema schema, ShapeNode root, int vectorCount, ColumnLimits limits)
    {
        (Schema, Root, VectorCount, Limits) = (schema, root, vectorCount, limits);
        Fields = [.. root.Children.Select((child, place) => new ColumnField(schema.Fields[place].Name, child.Type, child.Nullable))];
    }

    /// <summary>The dataset's schema: what writers' data is read as.</summary>
    public RecordSchema Schema { get; }

    /// <summary>The columns in the order of the record's fields.</summary>
    public IReadOnlyList<ColumnField> Fields { get; }

    public ColumnLimits Limits { get; }

    internal ShapeNode Root { get; }

    /// <summary>Columns and all that lies inside them.</summary>
    internal int VectorCount { get; }

    /// <param name="schema">A record, parsed.</param>
    /// <exception cref="SchemaException">Not a record, one that holds itself, names that differ in case only, or beyond the limits.</exception>
    public static ColumnShape Of(AvroSchema schema, ColumnLimits? limits = null)
    {
        if (schema is not RecordSchema record) throw new SchemaException(new(schema.BranchName, "a record, whose fields become the columns", "$"));
        var builder = new ShapeBuilder(limits ?? ColumnLimits.Default);
        var root = builder.BuildRoot(record);
        return new(record, root, builder.VectorCount, limits ?? ColumnLimits.Default);
    }
}

/// <summary>One place of a shape: the schema read there, and the vector its values go to.</summary>
/// <param name="Schema">Never a union of null and one other, nor of one branch: those are their inner schema here.</param>
/// <param name="Union">The union as written, where the place has one.</param>
/// <param name="Vector">Place in <see cref="ColumnBlock.Vectors"/>; −1 for the record that holds the columns.</param>
internal sealed record ShapeNode(AvroSchema Schema, UnionSchema? Union, ColumnType Type, bool Nullable, int Vector)
{
    /// <summary>Record: its fields. Array, map: the item or value. General union: for each branch its place, null for the null branch. Else empty.</summary>
    public ShapeNode[] Children { get; init; } = [];

    /// <summary>Whether the place has a struct of branches.</summary>
    public bool IsChoice => Schema is UnionSchema;
}
