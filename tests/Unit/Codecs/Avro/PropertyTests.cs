using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Resolution;
using Etl.Codecs.Avro.Values;
using FsCheck.Xunit;

namespace Etl.Tests.Unit.Codecs.Avro;

/// <summary>Random schemas, values and bytes; a failure prints the seed, which makes all of them again.</summary>
public sealed class PropertyTests
{
    [Property(MaxTest = 300)]
    public void A_value_is_read_back_from_its_bytes_and_from_its_JSON(int seed)
    {
        var made = new RandomAvro(seed);
        var schema = SchemaParser.Parse(made.SchemaText());
        object? value = made.Value(schema);
        byte[] bytes = ValueEncoder.Encode(schema, value);
        var read = DecodePlan.Of(schema).Decode(bytes);
        read.Problem.ShouldBeNull();
        read.Length.ShouldBe(bytes.Length);
        ValueEncoder.Encode(schema, read.Value).ShouldBe(bytes);
        string json = AvroJson.Write(schema, value);
        AvroJson.Write(schema, read.Value).ShouldBe(json);
        AvroJson.TryRead(schema, json, out object? fromJson, out string? fault).ShouldBeTrue(fault);
        ValueEncoder.Encode(schema, fromJson).ShouldBe(bytes);
    }

    [Property(MaxTest = 300)]
    public void A_schema_written_and_parsed_again_reads_the_same_bytes(int seed)
    {
        var made = new RandomAvro(seed);
        var schema = SchemaParser.Parse(made.SchemaText());
        var again = SchemaParser.Parse(SchemaText.Write(schema));
        Fingerprint.Crc64(again).ShouldBe(Fingerprint.Crc64(schema));
        Fingerprint.Crc64(SchemaParser.Parse(CanonicalForm.Of(schema))).ShouldBe(Fingerprint.Crc64(schema));
        byte[] bytes = ValueEncoder.Encode(schema, made.Value(schema));
        DecodePlan.Of(schema, again).Decode(bytes).Problem.ShouldBeNull();
    }

    [Property(MaxTest = 300)]
    public void Changed_cut_and_random_bytes_never_throw_whether_kept_or_dropped(int seed)
    {
        var made = new RandomAvro(seed);
        string text = made.SchemaText();
        var schema = SchemaParser.Parse(text);
        var dropping = DecodePlan.Of(SchemaParser.Parse($$"""{"type":"record","name":"Outer","fields":[{"name":"gone","type":{{text}}}]}"""), SchemaParser.Parse("""{"type":"record","name":"Outer","fields":[]}"""));
        var keeping = DecodePlan.Of(schema);
        byte[] bytes = ValueEncoder.Encode(schema, made.Value(schema));
        for (int round = 0; round < 20; round++)
        {
            byte[] changed = made.Change(bytes);
            var (kept, dropped) = (keeping.Decode(changed), dropping.Decode(changed));
            if (kept.IsDone) dropped.Problem.ShouldBeNull(); // what can be read can be passed over
            if (!kept.IsDone) kept.Problem!.Offset.ShouldBeInRange(0, changed.Length);
        }
    }

    [Property(MaxTest = 300)]
    public void Data_read_with_another_schema_is_a_value_or_a_fault_and_fits_that_schema(int seed)
    {
        var (left, right) = (new RandomAvro(seed), new RandomAvro(seed + 1));
        var (writer, reader) = (SchemaParser.Parse(left.SchemaText()), SchemaParser.Parse(right.SchemaText()));
        var read = DecodePlan.Of(writer, reader).Decode(ValueEncoder.Encode(writer, left.Value(writer)));
        if (read.IsDone) DecodePlan.Of(reader).Decode(ValueEncoder.Encode(reader, read.Value)).Problem.ShouldBeNull();
        else read.Fault.ShouldBeOneOf(DecodeFault.Unresolvable, DecodeFault.UnknownSymbol, DecodeFault.InvalidText);
    }

    [Property(MaxTest = 300)]
    public void A_changed_schema_text_is_a_schema_or_a_problem(int seed)
    {
        var made = new RandomAvro(seed);
        string text = made.SchemaText();
        for (int round = 0; round < 10; round++)
        {
            if (SchemaParser.TryParse(made.Change(text), out var schema, out var problem)) CanonicalForm.Of(schema).ShouldNotBeEmpty();
            else problem.Path.ShouldStartWith("$");
        }
    }

    [Property(MaxTest = 500)]
    public void Any_text_is_a_schema_or_a_problem(string text) => SchemaParser.TryParse(text ?? "", out _, out _);
}
