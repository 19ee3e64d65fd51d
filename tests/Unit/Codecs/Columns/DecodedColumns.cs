using Etl.Codecs.Avro;
using Etl.Codecs.Columns;

namespace Etl.Tests.Unit.Codecs.Columns;

/// <summary>A plan with a batch of its columns: what most tests of this folder need.</summary>
internal sealed class DecodedColumns : IDisposable
{
    public DecodedColumns(AvroSchema writer, AvroSchema reader, ColumnLimits? limits = null)
    {
        Shape = ColumnShape.Of(reader, limits);
        Plan = ColumnPlan.Compile(writer, Shape);
        Batch = new(Shape.Fields);
    }

    public ColumnShape Shape { get; }

    public ColumnPlan Plan { get; }

    public ColumnBatch Batch { get; }

    /// <summary>Of two records given by their fields in JSON; the reader's are the writer's where left out.</summary>
    public static DecodedColumns Of(string writerFields, string? readerFields = null, ColumnLimits? limits = null) =>
        new(Record(writerFields), Record(readerFields ?? writerFields), limits);

    public static AvroSchema Record(string fields) => SchemaParser.Parse($$"""{"type": "record", "name": "Row", "fields": [{{fields}}]}""");

    /// <summary>A writer's and a reader's schema of any kind as the one field <c>v</c> of a record, whose bytes are the same.</summary>
    public static AvroSchema Wrap(string schema) => Record($$"""{"name": "v", "type": {{schema}}}""");

    public DecodeResult Add(params byte[] datum)
    {
        var block = Batch.Open();
        var result = Plan.Decode(datum, block, block.Count);
        if (result.IsDone) block.Count++;
        return result;
    }

    /// <summary>Adds a datum that must decode, and returns its columns' values.</summary>
    public object?[] Row(params byte[] datum)
    {
        var result = Add(datum);
        if (!result.IsDone) throw new InvalidOperationException(Plan.Describe(result).ToString());
        return RowAt(Batch.RowCount - 1);
    }

    public object?[] RowAt(int row) => [.. Enumerable.Range(0, Shape.Fields.Count).Select(column => Batch.GetValue(column, row))];

    public DecodeProblem Fault(params byte[] datum)
    {
        var result = Add(datum);
        result.IsDone.ShouldBeFalse();
        return Plan.Describe(result);
    }

    public void Dispose() => Batch.Dispose();
}
