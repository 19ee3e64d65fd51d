using System.Text.Json;
using Avro.File;
using Avro.Generic;
using Avro.IO;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Container;
using Etl.Codecs.Avro.Resolution;
using Etl.Codecs.Avro.Values;
using Etl.Contracts.Events;

namespace Etl.Tests.Conformance.Codecs.Avro;

/// <summary>Apache.Avro reads what we write and we read what it writes. It judges the encoding only: resolution is judged by the Java library's vectors, which it gets wrong.</summary>
public sealed class ApacheAvroPeerTests
{
    private const int WithoutLogicalTypes = 258;

    [Fact]
    public void Bytes_of_every_vector_come_back_from_Apache_Avro_as_the_same_value()
    {
        int compared = 0;
        foreach (var line in File.ReadLines(GoldenFile("vectors-resolve.ndjson")).Select(text => JsonDocument.Parse(text).RootElement))
        {
            string text = line.GetProperty("writer_schema").GetString()!;
            if (text.Contains("logicalType", StringComparison.Ordinal)) continue; // it makes DateTime of them and throws on far ones
            var plan = DecodePlan.Of(SchemaParser.Parse(text));
            object? value = plan.Decode(Convert.FromHexString(line.GetProperty("writer_bytes_hex").GetString()!)).Value;
            byte[] ours = ValueEncoder.Encode(plan.Writer, value);

            var schema = global::Avro.Schema.Parse(text);
            object theirs = new GenericReader<object>(schema, schema).Read(null!, new BinaryDecoder(new MemoryStream(ours)));
            using var written = new MemoryStream();
            new GenericWriter<object>(schema).Write(theirs, new BinaryEncoder(written));
            var read = plan.Decode(written.ToArray());
            read.Problem.ShouldBeNull(line.GetProperty("id").GetString());
            Sorted(AvroJson.Write(plan.Writer, read.Value)).ShouldBe(Sorted(AvroJson.Write(plan.Writer, value)), line.GetProperty("id").GetString());
            compared++;
        }
        compared.ShouldBeGreaterThanOrEqualTo(WithoutLogicalTypes);
    }

    [Fact]
    public void A_generated_record_is_read_by_Apache_Avro()
    {
        var truck = new TruckTelemetry { TruckId = "truck-1", Sequence = -5, Timestamp = new(2026, 11, 25, 1, 2, 3, TimeSpan.Zero), EngineSpeed = 80.5, DistanceCovered = 0.1, FuelConsumed = 0.01 };
        byte[] bytes = new byte[truck.EncodedBytesMax];
        int length = truck.Encode(bytes);
        var schema = global::Avro.Schema.Parse(TruckTelemetry.Schema);
        var read = new GenericReader<GenericRecord>(schema, schema).Read(null!, new BinaryDecoder(new MemoryStream(bytes, 0, length)));
        read["truck_id"].ShouldBe(truck.TruckId);
        read["sequence"].ShouldBe(truck.Sequence);
        read["timestamp"].ShouldBe(truck.Timestamp.UtcDateTime);
        read["engine_speed"].ShouldBe(truck.EngineSpeed);
        read["fuel_consumed"].ShouldBe(truck.FuelConsumed);
    }

    [Theory]
    [InlineData(ContainerCodec.Null)]
    [InlineData(ContainerCodec.Deflate)]
    public void A_container_file_goes_both_ways(ContainerCodec codec)
    {
        var schema = (RecordSchema)SchemaParser.Parse("""{"type":"record","name":"R","fields":[{"name":"a","type":"string"},{"name":"b","type":["null","long"]}]}""");
        List<object?> data = [.. Enumerable.Range(0, 1_000).Select(one => new AvroRecord(schema, $"text {one}", one % 3 == 0 ? null : (long)one))];
        using var ours = new MemoryStream();
        using (var writer = new ContainerWriter(ours, schema, codec, new byte[16], blockBytes: 1_000))
            foreach (object? datum in data) writer.Write(datum);
        ours.Position = 0;

        var theirSchema = global::Avro.Schema.Parse(schema.Text);
        using var read = DataFileReader<GenericRecord>.OpenReader(ours, theirSchema);
        using var theirs = new MemoryStream();
        var theirWriter = DataFileWriter<GenericRecord>.OpenWriter(new GenericDatumWriter<GenericRecord>(theirSchema), theirs, codec == ContainerCodec.Null ? Codec.CreateCodec(Codec.Type.Null) : Codec.CreateCodec(Codec.Type.Deflate));
        foreach (var record in read.NextEntries) theirWriter.Append(record);
        theirWriter.Flush();

        var again = ContainerReader.Open(new MemoryStream(theirs.ToArray())).Value!;
        again.Codec.ShouldBe(codec);
        again.Read().Select(datum => datum.Value?.ToString()).ShouldBe(data.Select(datum => datum!.ToString()));
    }

    [Fact]
    public void Fingerprints_are_those_of_Apache_Avro()
    {
        var (compared, refused) = (0, new List<string>());
        foreach (var line in File.ReadLines(GoldenFile("vectors-schemas.ndjson")).Select(text => JsonDocument.Parse(text).RootElement))
        {
            string text = line.GetProperty("schema").GetString()!;
            if (text.Contains("logicalType", StringComparison.Ordinal)) continue; // it leaves them in the canonical form of a fixed; the Java library's vectors judge these
            try
            {
                var theirs = global::Avro.Schema.Parse(text);
                Fingerprint.Crc64(SchemaParser.Parse(text)).ShouldBe((ulong)global::Avro.SchemaNormalization.ParsingFingerprint64(theirs), text);
                compared++;
            }
            catch (global::Avro.SchemaParseException)
            {
                refused.Add(text);
            }
        }
        // It allows no alias that another field has as alias or name, and takes an empty namespace for the enclosing one.
        refused.ShouldAllBe(text => text.Contains("\"aliases\":[\"a\"", StringComparison.Ordinal) || text.Contains("\"namespace\": \"\"", StringComparison.Ordinal));
        refused.Count.ShouldBeLessThanOrEqualTo(4);
        compared.ShouldBeGreaterThan(150);
    }

    /// <summary>Apache.Avro writes maps in the order of its hash table.</summary>
    private static string Sorted(string json) => Sorted(JsonDocument.Parse(json).RootElement);

    private static string Sorted(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(',', json.EnumerateObject().OrderBy(one => one.Name, StringComparer.Ordinal).Select(one => $"{one.Name}:{Sorted(one.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(',', json.EnumerateArray().Select(Sorted)) + "]",
        _ => json.GetRawText(),
    };

    private static string GoldenFile(string name) => SourceTree.PathOf("tests", "Golden", "avro", name);
}
