using System.Text;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Resolution;
using Etl.Codecs.Avro.Values;
using Etl.Codecs.Columns;

namespace Etl.Tests.Unit.Codecs.Columns;

public sealed class ColumnPropertyTests
{
    private const int Schemas = 4_000;
    private const int DataPerSchema = 4;

    /// <summary>Schemas that differ by order, dropped and added fields, aliases, promotions and unions; data whole, cut and with bytes changed.</summary>
    [Fact]
    public void Random_data_of_random_schemas_reads_into_columns_as_it_does_into_values()
    {
        int done = 0, faults = 0;
        for (int seed = 0; seed < Schemas; seed++)
        {
            var random = new Random(seed);
            var (writer, reader) = new SchemaPairs(random).Next();
            var values = DecodePlan.Of(writer, reader);
            using var columns = new DecodedColumns(writer, reader);
            for (int i = 0; i < DataPerSchema; i++)
            {
                byte[] datum = ValueEncoder.Encode(writer, new RandomValues(random).Next(writer));
                Demand(datum);
                if (datum.Length > 0) Demand(datum[..random.Next(datum.Length)]);
                Demand([.. datum, 0]);
                for (int change = 0; change < 3 && datum.Length > 0; change++)
                {
                    byte[] changed = [.. datum];
                    changed[random.Next(changed.Length)] = (byte)random.Next(256);
                    Demand(changed);
                }
                Demand(datum); // after the faults before it: nothing of theirs may be left
            }

            void Demand(byte[] datum)
            {
                int rows = columns.Batch.RowCount;
                string? fault = Agreement.FaultOf(columns, values, datum);
                if (fault is not null) Assert.Fail($"seed {seed}, datum {Convert.ToHexString(datum)}\nwriter {writer}\nreader {reader}\n{fault}");
                if (columns.Batch.RowCount > rows) done++;
                else faults++;
            }
        }
        done.ShouldBeGreaterThan(Schemas * DataPerSchema * 2 - Schemas);
        faults.ShouldBeGreaterThan(Schemas * DataPerSchema);
    }

    [Fact]
    public void Any_bytes_at_all_are_a_value_or_a_fault()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var (writer, reader) = new SchemaPairs(random).Next();
            using var columns = new DecodedColumns(writer, reader);
            for (int i = 0; i < 20; i++)
            {
                byte[] datum = new byte[random.Next(40)];
                random.NextBytes(datum);
                if (Agreement.FaultOf(columns, DecodePlan.Of(writer, reader), datum) is { } fault) Assert.Fail($"seed {seed}, datum {Convert.ToHexString(datum)}\nwriter {writer}\nreader {reader}\n{fault}");
            }
        }
    }
}

/// <summary>A writer's schema and one that reads it.</summary>
internal sealed class SchemaPairs(Random random)
{
    private static readonly (string Writer, string Reader)[] Leaves =
    [
        Same("\"null\""), Same("\"boolean\""), Same("\"int\""), Same("\"long\""), Same("\"float\""), Same("\"double\""), Same("\"string\""), Same("\"bytes\""),
        ("\"int\"", "\"long\""), ("\"int\"", "\"float\""), ("\"int\"", "\"double\""), ("\"long\"", "\"float\""), ("\"long\"", "\"double\""),
        ("\"float\"", "\"double\""), ("\"string\"", "\"bytes\""), ("\"bytes\"", "\"string\""),
        Logical("int", "date"), Logical("int", "time-millis"), Logical("long", "time-micros"), Logical("long", "timestamp-millis"), Logical("long", "timestamp-micros"),
        Logical("long", "timestamp-nanos"), Logical("long", "local-timestamp-millis"), Logical("long", "local-timestamp-micros"), Logical("long", "local-timestamp-nanos"),
        Logical("string", "uuid"), Logical("bytes", "decimal\", \"precision\": 4, \"scale\": \"1"), Same("""{"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}"""),
        Same("""{"type": "bytes", "logicalType": "decimal", "precision": 9}"""), Same("""{"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 18}"""),
        Same("""{"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 30}"""), Same("""{"type": "bytes", "logicalType": "decimal", "precision": 50}"""),
    ];

    private int names;

    public (AvroSchema Writer, AvroSchema Reader) Next()
    {
        var (writer, reader) = Record(3, "Root");
        return (SchemaParser.Parse(writer), SchemaParser.Parse(reader));
    }

    private static (string, string) Same(string schema) => (schema, schema);

    private static (string, string) Logical(string type, string logical) => Same($$"""{"type": "{{type}}", "logicalType": "{{logical}}"}""");

    private (string Writer, string Reader) Any(int depth, bool inUnion = false) => random.Next(depth > 0 ? 14 : 6) switch
    {
        < 4 => Leaves[random.Next(Leaves.Length)],
        4 => Enum(),
        5 => Fixed(),
        6 or 7 => Both(Any(depth - 1), inner => $$"""{"type": "array", "items": {{inner}}}"""),
        8 => Both(Any(depth - 1), inner => $$"""{"type": "map", "values": {{inner}}}"""),
        9 or 10 => Record(depth - 1, $"Record{++names}"),
        11 when !inUnion => Nullable(depth),
        12 when !inUnion => Union(depth),
        13 when !inUnion => Lifted(depth),
        _ => Leaves[random.Next(Leaves.Length)],
    };

    private (string, string) Both((string Writer, string Reader) inner, Func<string, string> wrap) => (wrap(inner.Writer), wrap(inner.Reader));

    private (string, string) Record(int depth, string name)
    {
        var writer = new List<string>();
        var reader = new List<string>();
        for (int count = random.Next(name == "Root" ? 1 : 0, 5); count > 0; count--)
        {
            string field = $"f{++names}";
            var (from, to) = Any(depth);
            writer.Add($$"""{"name": "{{field}}", "type": {{from}}}""");
            switch (random.Next(8))
            {
                case 0:
                    break; // dropped
                case 1:
                    reader.Add($$"""{"name": "renamed_{{field}}", "aliases": ["{{field}}"], "type": {{to}}}""");
                    break;
                default:
                    reader.Add($$"""{"name": "{{field}}", "type": {{to}}}""");
                    break;
            }
        }
        if (random.Next(4) == 0) reader.Add(Added());
        var fields = reader.ToArray();
        if (random.Next(2) == 0) random.Shuffle(fields);
        return ($$"""{"type": "record", "name": "{{name}}", "fields": [{{string.Join(", ", writer)}}]}""", $$"""{"type": "record", "name": "{{name}}", "fields": [{{string.Join(", ", fields)}}]}""");
    }

    private string Added()
    {
        string name = $"\"name\": \"added{++names}\"";
        return random.Next(6) switch
        {
            0 => $$"""{{{name}}, "type": ["null", "string"], "default": null}""",
            1 => $$"""{{{name}}, "type": "string", "default": "a text of more than twelve bytes"}""",
            2 => $$"""{{{name}}, "type": ["double", "null"], "default": 0.1}""",
            3 => $$"""{{{name}}, "type": {"type": "array", "items": ["null", "long"]}, "default": [1, null, 3000000000]}""",
            4 => $$"""{{{name}}, "type": {"type": "map", "values": "bytes"}, "default": {"a": "\u00ff", "b": ""} }""",
            _ => $$"""{{{name}}, "type": {"type": "record", "name": "Added{{names}}", "fields": [{"name": "x", "type": "int", "default": 7}, {"name": "y", "type": ["string", "int", "null"], "default": 2}]}, "default": {} }""",
        };
    }

    private (string, string) Enum()
    {
        string name = $"Enum{++names}";
        string Of(string symbols, string more) => $$"""{"type": "enum", "name": "{{name}}", "symbols": [{{symbols}}]{{more}}}""";
        string writer = Of("\"A\", \"B\", \"A_SYMBOL_OF_SOME_LENGTH\"", "");
        return (writer, random.Next(3) switch { 0 => writer, 1 => Of("\"B\", \"C\", \"A\"", ", \"default\": \"C\""), _ => Of("\"B\", \"A\"", "") });
    }

    private (string, string) Fixed()
    {
        string name = $"Fixed{++names}";
        return Same(random.Next(6) switch
        {
            0 => $$"""{"type": "fixed", "name": "{{name}}", "size": 0}""",
            1 => $$"""{"type": "fixed", "name": "{{name}}", "size": 20}""",
            2 => $$"""{"type": "fixed", "name": "{{name}}", "size": 16, "logicalType": "uuid"}""",
            3 => $$"""{"type": "fixed", "name": "{{name}}", "size": 12, "logicalType": "duration"}""",
            4 => $$"""{"type": "fixed", "name": "{{name}}", "size": 20, "logicalType": "decimal", "precision": 37, "scale": 3}""",
            _ => $$"""{"type": "fixed", "name": "{{name}}", "size": 3, "logicalType": "decimal", "precision": 6, "scale": 2}""",
        });
    }

    private (string, string) Nullable(int depth)
    {
        var inner = Leaf(depth);
        string Of(string schema) => random.Next(2) == 0 ? $"[\"null\", {schema}]" : $"[{schema}, \"null\"]";
        return (Of(inner.Writer), Of(inner.Reader));
    }

    /// <summary>A writer's schema without a union, where the reader has one.</summary>
    private (string, string) Lifted(int depth)
    {
        var inner = Leaf(depth);
        return (inner.Writer, random.Next(2) == 0 ? $"[\"null\", {inner.Reader}]" : $"[{inner.Reader}]");
    }

    private (string Writer, string Reader) Leaf(int depth)
    {
        while (true)
        {
            var inner = Any(depth - 1, inUnion: true);
            if (inner.Writer != "\"null\"" && !inner.Writer.StartsWith('[')) return inner;
        }
    }

    private (string, string) Union(int depth)
    {
        var kinds = new List<(string Writer, string Reader)> { Same("\"null\""), Same("\"int\""), Same("\"string\""), Same("\"double\""), Same("\"boolean\""), Enum(), Fixed(), Record(depth - 1, $"Record{++names}"), Both(Leaf(depth - 1), inner => $$"""{"type": "array", "items": {{inner}}}""") };
        var branches = kinds.ToArray();
        random.Shuffle(branches);
        branches = branches[..random.Next(1, 6)];
        var readers = branches.Select(branch => branch.Reader).ToArray();
        if (random.Next(2) == 0) random.Shuffle(readers);
        return ($"[{string.Join(", ", branches.Select(branch => branch.Writer))}]", $"[{string.Join(", ", readers)}]");
    }
}

/// <summary>Values of a schema, of logical types mostly such that columns can hold.</summary>
internal sealed class RandomValues(Random random)
{
    private const int ItemsMax = 4;

    public object? Next(AvroSchema schema) => schema switch
    {
        UnionSchema union => Next(union.Branches[random.Next(union.Branches.Count)]),
        RecordSchema record => new AvroRecord(record, [.. record.Fields.Select(field => Next(field.Schema))]),
        ArraySchema array => Enumerable.Range(0, random.Next(ItemsMax)).Select(_ => Next(array.Items)).ToList(),
        MapSchema map => Enumerable.Range(0, random.Next(ItemsMax)).ToDictionary(key => $"{Text()}{key}", _ => Next(map.Values)),
        EnumSchema choice => new AvroEnum(choice, random.Next(choice.Symbols.Count)),
        FixedSchema size => new AvroFixed(size, FixedBytes(size)),
        _ => Leaf(schema),
    };

    private object? Leaf(AvroSchema schema) => (schema.Kind, schema.LogicalType?.Kind) switch
    {
        (AvroKind.Null, _) => null,
        (AvroKind.Boolean, _) => random.Next(2) == 0,
        (AvroKind.Int, LogicalKind.Date) => random.Next(ColumnRange.DayMin - 1, ColumnRange.DayMax + 1),
        (AvroKind.Int, LogicalKind.TimeMillis) => random.Next(86_400_001),
        (AvroKind.Int, _) => (int)Number(),
        (AvroKind.Long, LogicalKind.TimeMicros) => random.NextInt64(86_400_000_001),
        (AvroKind.Long, LogicalKind.TimestampMillis or LogicalKind.LocalTimestampMillis) => random.NextInt64(ColumnRange.MicrosMin / 1000 - 1, ColumnRange.MicrosMax / 1000 + 1),
        (AvroKind.Long, LogicalKind.TimestampMicros or LogicalKind.LocalTimestampMicros) => random.NextInt64(ColumnRange.MicrosMin - 1, ColumnRange.MicrosMax + 1),
        (AvroKind.Long, _) => Number(),
        (AvroKind.Float, _) => BitConverter.Int32BitsToSingle(random.Next()),
        (AvroKind.Double, _) => BitConverter.Int64BitsToDouble(random.NextInt64()),
        (AvroKind.String, LogicalKind.Uuid) => new Guid([.. Enumerable.Range(0, 16).Select(_ => (byte)random.Next(256))]).ToString(),
        (AvroKind.String, _) => Text(),
        (AvroKind.Bytes, LogicalKind.Decimal) => Bytes(random.Next(schema.LogicalType!.Precision * 2 / 5 + 2)),
        _ => Encoding.UTF8.GetBytes(Text()), // may be read as text
    };

    private byte[] FixedBytes(FixedSchema schema)
    {
        byte[] bytes = Bytes(schema.Size);
        if (schema.LogicalType?.Kind == LogicalKind.Duration) bytes[3] = bytes[7] = (byte)random.Next(129);
        if (schema.LogicalType?.Kind == LogicalKind.Decimal && random.Next(8) > 0) bytes.AsSpan(0, bytes.Length / 3).Fill(bytes[^1] > 127 ? (byte)255 : (byte)0);
        return bytes;
    }

    private byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private long Number() => random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);

    private string Text()
    {
        const string Letters = "abcdefgh é€😀";
        var text = new StringBuilder();
        for (int left = random.Next(4) == 0 ? random.Next(40) : random.Next(14); left > 0; left--)
            text.Append(random.Next(8) > 0 ? Letters[random.Next(9)].ToString() : Letters.EnumerateRunes().ElementAt(random.Next(12)).ToString());
        return text.ToString();
    }
}
