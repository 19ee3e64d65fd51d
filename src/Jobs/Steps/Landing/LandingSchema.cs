using Etl.Codecs.Avro;
using Etl.Codecs.Columns;
using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Lake;

namespace Etl.Jobs.Steps.Landing;

/// <summary>A landed dataset's columns, from the Avro schema that the program declares for its topic.</summary>
public sealed class LandingSchema
{
    private LandingSchema(LandStep step, ColumnShape shape, DatasetSchema stored, bool isNew)
    {
        (Shape, Stored, IsNew) = (shape, stored, isNew);
        Fields = [.. shape.Fields, .. DatasetColumns.Origin.Select(column => column.Field)];
        PartitionColumn = shape.Fields.Count;
        TimeColumn = IndexOf(step.Time);
        MeasureColumns = [.. Enumerable.Range(0, shape.Fields.Count).Where(index => shape.Fields[index].Type.Kind is ColumnKind.Double or ColumnKind.Float)];
    }

    public ColumnShape Shape { get; }

    /// <summary>The record's fields, then <see cref="DatasetColumns.Origin"/>.</summary>
    public IReadOnlyList<ColumnField> Fields { get; }

    /// <summary>The version that rows are landed in.</summary>
    public DatasetSchema Stored { get; }

    /// <summary>Whether the store has not this version yet: the first commit with rows brings it.</summary>
    public bool IsNew { get; }

    public int TimeColumn { get; }

    /// <summary>Place of <c>_partition</c>; <c>_offset</c> and <c>_schema</c> follow.</summary>
    public int PartitionColumn { get; }

    /// <summary>Columns of floating-point numbers, which must be finite.</summary>
    internal int[] MeasureColumns { get; }

    /// <param name="declared">Text of the Avro schema that the program knows.</param>
    /// <param name="versions">The dataset's versions in the store, ascending.</param>
    /// <exception cref="WorkException">The step names a field that is not there, or not an instant.</exception>
    public static LandingSchema Of(LandStep step, string declared, IReadOnlyList<DatasetSchema> versions)
    {
        var shape = ColumnShape.Of(SchemaParser.Parse(declared));
        var time = shape.Fields.FirstOrDefault(field => field.Name == step.Time);
        if (time?.Type.Kind != ColumnKind.Timestamp)
            throw Wrong(step, $"time \"{step.Time}\": found {(time is null ? "no such field" : time.Type.ToSql())}, expected one of: {Names(shape.Fields.Where(field => field.Type.Kind == ColumnKind.Timestamp))}");
        if (step.Identity.FirstOrDefault(name => shape.Fields.All(field => field.Name != name)) is { } missing)
            throw Wrong(step, $"identity \"{missing}\": found no such field, expected some of: {Names(shape.Fields)}");

        string columns = DatasetColumns.Write([.. shape.Fields]);
        var last = versions.LastOrDefault();
        return last is not null && last.Columns == columns
            ? new(step, shape, last, isNew: false)
            : new(step, shape, new(step.Dataset, (last?.Version ?? 0) + 1, columns, RegistryId: 0, declared), isNew: true);
    }

    private int IndexOf(string name) => Enumerable.Range(0, Shape.Fields.Count).First(index => Shape.Fields[index].Name == name);

    private static string Names(IEnumerable<ColumnField> fields) => string.Join(", ", fields.Select(field => field.Name));

    private static WorkException Wrong(LandStep step, string what) => new(FailureClass.Contract, $"{step}: {what}");
}
