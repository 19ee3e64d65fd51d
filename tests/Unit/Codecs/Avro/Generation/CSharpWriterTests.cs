using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Generation;

namespace Etl.Tests.Unit.Codecs.Avro.Generation;

public sealed class CSharpWriterTests
{
    [Theory]
    [InlineData("schemas", "truck-telemetry", "src/Contracts/Events", "Etl.Contracts.Events")]
    [InlineData("schemas", "device-orientation", "src/Contracts/Events", "Etl.Contracts.Events")]
    [InlineData("schemas", "hourlymetrics", "src/Contracts/Events", "Etl.Contracts.Events")]
    [InlineData("schemas", "dailymetrics", "src/Contracts/Events", "Etl.Contracts.Events")]
    [InlineData("tests/Golden/avro-generation", "everything", "tests/Unit/Codecs/Avro/Generation", "Etl.Tests.Unit.Codecs.Avro.Generation")]
    public void The_records_checked_in_are_those_written_from_the_schemas(string schemas, string subject, string target, string @namespace)
    {
        var kept = new SubjectSchema(subject, 1, File.ReadAllText(Path.Combine(Golden.Root, schemas, subject, "1.avsc")));
        string written = CSharpWriter.Write(kept, @namespace);
        string file = Path.Combine(Golden.Root, target, CSharpWriter.FileNameOf(kept));
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") File.WriteAllText(file, written);
        File.ReadAllText(file).ShouldBe(written, $"{file} is not what the schema says: generate it again");
        CSharpWriter.Write(kept, @namespace).ShouldBe(written);
    }

    [Theory]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a","type":["int","string"]}]}""", "R.a")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a","type":"null"}]}""", "R.a")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a_b","type":"int"},{"name":"aB","type":"int"}]}""", "AB")]
    [InlineData("""{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"enum","name":"x.R","symbols":[]}}]}""", "both R")]
    [InlineData("""{"type":"enum","name":"E","symbols":["A"]}""", "a record at the top")]
    public void What_C_sharp_records_are_not_made_from_is_refused_by_name(string schema, string named) =>
        Should.Throw<SchemaException>(() => CSharpWriter.Write(new("s", 1, schema), "N")).Message.ShouldContain(named);
}
