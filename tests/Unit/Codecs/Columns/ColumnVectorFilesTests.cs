using System.Text.Json;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Resolution;
using Etl.Codecs.Columns;
using Etl.Tests.Unit.Codecs.Avro;

namespace Etl.Tests.Unit.Codecs.Columns;

/// <summary>The vectors of tests/Golden/avro, each schema as the one field of a record.</summary>
public sealed class ColumnVectorFilesTests
{
    /// <summary>Vectors whose sides give different logical types: columns convert the unit or refuse, while values stay as they are encoded.</summary>
    private static readonly Dictionary<string, object?> OtherLogicalTypes = new()
    {
        ["e4a012fa6b3cf047"] = DecodeFault.Unresolvable, // an instant as a wall clock
        ["e447554b0b347f47"] = DecodeFault.Unresolvable,
        ["eeb98d23e4329781"] = -431_073_472_003L, // nanoseconds, towards the past
        ["61ff6fcb9c3bd45a"] = 568_830_659_868L,
        ["ef03d1fcbe3b63e7"] = DecodeFault.OutOfRange, // milliseconds of a year before 1
        ["827bcaa83e191f55"] = null,
    };

    [Fact]
    public void Every_resolution_vector_reads_into_columns_as_it_does_into_values()
    {
        int refused = 0, other = 0;
        Golden.Lines("vectors-resolve.ndjson").ShouldHoldForAll(336, line =>
        {
            AvroSchema writer = DecodedColumns.Wrap(line.Text("writer_schema")), reader = DecodedColumns.Wrap(line.Text("reader_schema"));
            if (LogicalOf(writer) is { } from && LogicalOf(reader) is { } to && from != to)
            {
                other++;
                return FaultOfOther(line, writer, reader);
            }
            if (!TryShape(reader))
            {
                refused++;
                return null;
            }
            using var columns = new DecodedColumns(writer, reader);
            return Agreement.FaultOf(columns, DecodePlan.Of(writer, reader), line.Hex("writer_bytes_hex"));
        });
        refused.ShouldBe(12, "recursive readers' schemas: columns cannot hold them");
        other.ShouldBe(OtherLogicalTypes.Count);
    }

    private static string? FaultOfOther(JsonElement line, AvroSchema writer, AvroSchema reader)
    {
        using var columns = new DecodedColumns(writer, reader);
        var result = columns.Add(line.Hex("writer_bytes_hex"));
        object? found = !result.IsDone ? result.Fault : columns.Batch.IsNull(0, 0) ? null : columns.Batch.Get<long>(0, 0);
        object? expected = OtherLogicalTypes[line.Text("id")];
        return Equals(found, expected) ? null : $"found {found}, expected {expected}";
    }

    private static LogicalType? LogicalOf(AvroSchema wrapped) =>
        ((RecordSchema)wrapped).Fields[0].Schema is UnionSchema { Nullable: { } inner } ? inner.LogicalType : ((RecordSchema)wrapped).Fields[0].Schema.LogicalType;

    [Fact]
    public void Every_malformed_vector_is_a_fault_where_the_Java_library_has_one()
    {
        int refused = 0;
        Golden.Lines("vectors-malformed.ndjson").ShouldHoldForAll(51, line =>
        {
            var schema = DecodedColumns.Wrap(line.Text("schema"));
            if (!TryShape(schema))
            {
                refused++;
                return null;
            }
            using var columns = new DecodedColumns(schema, schema);
            byte[] bytes = line.Hex("bytes_hex");
            if (Agreement.FaultOf(columns, DecodePlan.Of(schema), bytes) is { } fault) return fault;
            return !line.GetProperty("ok").GetBoolean() && columns.Batch.RowCount > 0 ? "decoded, expected a fault" : null;
        });
        refused.ShouldBe(1, "recursive schemas: columns cannot hold them");
    }

    private static bool TryShape(AvroSchema schema)
    {
        try
        {
            ColumnShape.Of(schema);
            return true;
        }
        catch (SchemaException recursive) when (recursive.Problem.Found.Contains("which holds itself"))
        {
            return false;
        }
    }
}
