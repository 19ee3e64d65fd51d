using System.Text.Json;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Resolution;
using Etl.Codecs.Avro.Values;

namespace Etl.Tests.Unit.Codecs.Avro.Resolution;

public sealed class ResolutionVectorTests
{
    /// <summary>Bytes read as a string that are not UTF-8: a fault here, U+FFFD in the Java library (and here when asked for).</summary>
    private static readonly HashSet<string> InvalidText = ["2836c8aedac29a87", "87664dc504fdb5a2", "9319ef43f220ad54"];

    [Fact]
    public void Every_datum_resolves_to_the_value_or_the_error_of_the_Java_library() =>
        Golden.Lines("vectors-resolve.ndjson").ShouldHoldForAll(336, line =>
        {
            var plan = PlanOf(line);
            var limits = new DecodeLimits { ReplaceInvalidText = InvalidText.Contains(line.Text("id")) };
            var read = plan.Decode(line.Hex("writer_bytes_hex"), limits);
            if (line.GetProperty("error").ValueKind != JsonValueKind.Null) return read.IsDone ? $"read {AvroJson.Write(plan.Reader, read.Value)}, expected {line.GetProperty("error")}" : null;
            if (!read.IsDone) return $"{read.Problem}, expected {line.GetProperty("resolved_json")}";
            string json = AvroJson.Write(plan.Reader, read.Value);
            if (!SameJson(plan.Reader, json, line.GetProperty("resolved_json"))) return $"{json} instead of {line.GetProperty("resolved_json")}";
            // The Java library writes maps in the order of its hash table, so bytes are compared as the values they hold.
            var expected = DecodePlan.Of(plan.Reader).Decode(line.Hex("resolved_bytes_hex"), limits);
            if (!expected.IsDone) return $"the resolved bytes: {expected.Problem}";
            byte[] written = ValueEncoder.Encode(plan.Reader, read.Value);
            bool keepsBytes = limits.ReplaceInvalidText; // the Java library writes the bytes it could not show as text
            if (!keepsBytes && written.Length != line.Hex("resolved_bytes_hex").Length) return "the resolved value takes another number of bytes";
            return SameJson(plan.Reader, json, JsonDocument.Parse(AvroJson.Write(plan.Reader, expected.Value)).RootElement) ? null : "the resolved bytes hold another value";
        });

    [Fact]
    public void Text_that_is_not_UTF8_is_a_fault_unless_replacing_is_asked_for() =>
        Golden.Lines("vectors-resolve.ndjson").Where(line => InvalidText.Contains(line.Text("id"))).ToList().ShouldHoldForAll(InvalidText.Count, line =>
            PlanOf(line).Decode(line.Hex("writer_bytes_hex")).Fault == DecodeFault.InvalidText ? null : "no fault");

    [Fact]
    public void Every_datum_is_read_from_and_written_to_its_JSON_and_its_bytes() =>
        Golden.Lines("vectors-resolve.ndjson").ShouldHoldForAll(336, line =>
        {
            var schema = SchemaParser.Parse(line.Text("writer_schema"));
            var datum = line.GetProperty("datum_json");
            if (schema is RecordSchema { Fields.Count: 0 }) datum = JsonDocument.Parse("{}").RootElement; // the file says null
            if (!AvroJson.TryRead(schema, datum.GetRawText(), out object? value, out string? fault)) return fault;
            if (!SameJson(schema, AvroJson.Write(schema, value), datum)) return $"{AvroJson.Write(schema, value)} instead of {datum}";
            var read = DecodePlan.Of(schema).Decode(line.Hex("writer_bytes_hex"));
            if (!read.IsDone) return read.Problem!.ToString();
            if (!SameJson(schema, AvroJson.Write(schema, read.Value), datum)) return $"from bytes {AvroJson.Write(schema, read.Value)} instead of {datum}";
            if (line.GetProperty("blocking_encoder").GetBoolean()) return null;
            byte[] written = ValueEncoder.Encode(schema, read.Value); // not from the JSON, which has lost the sign of -0.0
            return written.AsSpan().SequenceEqual(line.Hex("writer_bytes_hex")) ? null : $"{Convert.ToHexStringLower(written)} instead of {line.Text("writer_bytes_hex")}";
        });

    [Fact]
    public void Every_datum_that_is_dropped_takes_exactly_its_bytes_and_cut_ones_are_faults() =>
        Golden.Lines("vectors-resolve.ndjson").ShouldHoldForAll(336, line =>
        {
            string dropped = $$"""{"type":"record","name":"Outer","fields":[{"name":"gone","type":{{line.Text("writer_schema")}}},{"name":"kept","type":"int"}]}""";
            var plan = DecodePlan.Of(SchemaParser.Parse(dropped), SchemaParser.Parse("""{"type":"record","name":"Outer","fields":[{"name":"kept","type":"int"}]}"""));
            byte[] bytes = [.. line.Hex("writer_bytes_hex"), 0x54];
            var read = plan.Decode(bytes);
            if (!read.IsDone || !Equals(((AvroRecord)read.Value!)["kept"], 42)) return $"{read.Problem}";
            for (int cut = 0; cut < bytes.Length; cut++)
            {
                if (plan.Decode(bytes.AsSpan(0, cut)).IsDone) return $"cut at {cut} and still read";
            }
            return null;
        });

    private static DecodePlan PlanOf(JsonElement line) => DecodePlan.Of(SchemaParser.Parse(line.Text("writer_schema")), SchemaParser.Parse(line.Text("reader_schema")));

    /// <summary>By value: 1.0 and 1 are one number, and a float's shortest text may differ from the Java library's.</summary>
    private static bool SameJson(AvroSchema schema, string ours, JsonElement theirs) =>
        AvroJson.TryRead(schema, theirs.GetRawText(), out object? value, out _) && JsonElement.DeepEquals(JsonDocument.Parse(ours).RootElement, JsonDocument.Parse(AvroJson.Write(schema, value)).RootElement);
}
