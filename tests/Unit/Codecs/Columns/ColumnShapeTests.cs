using Etl.Codecs.Avro;
using Etl.Codecs.Columns;

namespace Etl.Tests.Unit.Codecs.Columns;

public sealed class ColumnShapeTests
{
    [Theory]
    [InlineData("\"null\"", "BOOLEAN", true)]
    [InlineData("\"boolean\"", "BOOLEAN", false)]
    [InlineData("\"int\"", "INTEGER", false)]
    [InlineData("\"long\"", "BIGINT", false)]
    [InlineData("\"float\"", "FLOAT", false)]
    [InlineData("\"double\"", "DOUBLE", false)]
    [InlineData("\"string\"", "VARCHAR", false)]
    [InlineData("\"bytes\"", "BLOB", false)]
    [InlineData("""["null", "int"]""", "INTEGER", true)]
    [InlineData("""["int", "null"]""", "INTEGER", true)]
    [InlineData("""["int"]""", "INTEGER", false)]
    [InlineData("""["null"]""", "BOOLEAN", true)]
    [InlineData("""["int", "string"]""", """STRUCT("branch" VARCHAR, "int" INTEGER, "string" VARCHAR)""", false)]
    [InlineData("""["int", "null", "string"]""", """STRUCT("branch" VARCHAR, "int" INTEGER, "string" VARCHAR)""", true)]
    [InlineData("""["int", "long", {"type": "fixed", "name": "Branch", "size": 1}]""", """STRUCT("branch_" VARCHAR, "int" INTEGER, "long" BIGINT, "Branch" BLOB)""", false)]
    [InlineData("""{"type": "fixed", "name": "F", "size": 3}""", "BLOB", false)]
    [InlineData("""{"type": "enum", "name": "E", "symbols": ["A"]}""", "VARCHAR", false)]
    [InlineData("""{"type": "array", "items": ["null", "long"]}""", "BIGINT[]", false)]
    [InlineData("""{"type": "map", "values": {"type": "array", "items": "double"}}""", "MAP(VARCHAR, DOUBLE[])", false)]
    [InlineData("""{"type": "record", "name": "R", "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "string"}]}""", """STRUCT("x" INTEGER, "y" VARCHAR)""", false)]
    [InlineData("""{"type": "record", "name": "R", "fields": []}""", "BOOLEAN", false)]
    [InlineData("""{"type": "int", "logicalType": "date"}""", "DATE", false)]
    [InlineData("""{"type": "int", "logicalType": "time-millis"}""", "TIME", false)]
    [InlineData("""{"type": "long", "logicalType": "time-micros"}""", "TIME", false)]
    [InlineData("""{"type": "long", "logicalType": "timestamp-millis"}""", "TIMESTAMPTZ", false)]
    [InlineData("""{"type": "long", "logicalType": "timestamp-micros"}""", "TIMESTAMPTZ", false)]
    [InlineData("""{"type": "long", "logicalType": "timestamp-nanos"}""", "TIMESTAMPTZ", false)]
    [InlineData("""{"type": "long", "logicalType": "local-timestamp-nanos"}""", "TIMESTAMP", false)]
    [InlineData("""{"type": "string", "logicalType": "uuid"}""", "UUID", false)]
    [InlineData("""{"type": "fixed", "name": "F", "size": 16, "logicalType": "uuid"}""", "UUID", false)]
    [InlineData("""{"type": "fixed", "name": "F", "size": 12, "logicalType": "duration"}""", "INTERVAL", false)]
    [InlineData("""{"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 4}""", "DECIMAL(38,4)", false)]
    [InlineData("""{"type": "bytes", "logicalType": "decimal", "precision": 39, "scale": 4}""", "BLOB", false)]
    [InlineData("""{"type": "bytes", "logicalType": "big-decimal"}""", "BLOB", false)]
    public void Each_schema_has_its_column(string schema, string sql, bool nullable)
    {
        var field = ColumnShape.Of(DecodedColumns.Wrap(schema)).Fields.ShouldHaveSingleItem();

        field.Name.ShouldBe("v");
        field.Type.ToSql().ShouldBe(sql);
        field.Nullable.ShouldBe(nullable);
    }

    [Theory]
    [InlineData("""{"type": "record", "name": "Node", "fields": [{"name": "next", "type": ["null", {"type": "array", "items": "Node"}]}]}""", "v.next[]", "Node, which holds itself")]
    [InlineData("""["null", "Row"]""", "v", "Row, which holds itself")]
    [InlineData("""{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "A", "type": "int"}]}""", "v", "\"a\" and \"A\"")]
    [InlineData("""["int", {"type": "fixed", "name": "Int", "size": 1}, "null"]""", "v", "\"int\" and \"Int\"")]
    public void What_columns_cannot_hold_is_refused_with_its_path(string schema, string path, string found)
    {
        var problem = Should.Throw<SchemaException>(() => ColumnShape.Of(DecodedColumns.Wrap(schema))).Problem;

        problem.Path.ShouldBe(path);
        problem.Found.ShouldBe(found);
    }

    [Fact]
    public void A_schema_that_is_no_record_is_refused() => Should.Throw<SchemaException>(() => ColumnShape.Of(SchemaParser.Parse("\"int\""))).Problem.Expected.ShouldContain("a record");

    [Fact]
    public void A_type_used_twice_side_by_side_is_no_recursion()
    {
        var fields = ColumnShape.Of(DecodedColumns.Record("""{"name": "a", "type": {"type": "record", "name": "P", "fields": [{"name": "x", "type": "int"}]}}, {"name": "b", "type": "P"}""")).Fields;
        fields[1].Type.ShouldBe(fields[0].Type);
    }

    [Fact]
    public void More_or_deeper_columns_than_allowed_are_refused_by_the_limits_name()
    {
        const string Lists = """{"name": "v", "type": {"type": "array", "items": {"type": "array", "items": "int"}}}""";
        Of(new() { VectorsMax = 3, DepthMax = 2 }).Fields.Count.ShouldBe(1);
        Should.Throw<SchemaException>(() => Of(new() { VectorsMax = 2 })).Message.ShouldContain(nameof(ColumnLimits.VectorsMax));
        Should.Throw<SchemaException>(() => Of(new() { DepthMax = 1 })).Message.ShouldContain(nameof(ColumnLimits.DepthMax));

        static ColumnShape Of(ColumnLimits limits) => ColumnShape.Of(DecodedColumns.Record(Lists), limits);
    }
}
