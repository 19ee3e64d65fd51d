using System.Text;
using System.Text.Json;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Binary;
using Etl.Codecs.Avro.Container;
using Etl.Codecs.Avro.Resolution;
using Etl.Codecs.Avro.Values;

namespace Etl.Tests.Unit.Codecs.Avro.Container;

public sealed class ContainerFileTests
{
    private static readonly byte[] Sync = [.. Enumerable.Range(1, 16).Select(one => (byte)one)];

    [Theory]
    [InlineData("weather.avro", ContainerCodec.Null)]
    [InlineData("weather-deflate.avro", ContainerCodec.Deflate)]
    [InlineData("weather-snappy.avro", ContainerCodec.Snappy)]
    [InlineData("weather-zstd.avro", ContainerCodec.Zstandard)]
    public void The_weather_is_the_same_in_every_codec(string file, ContainerCodec codec)
    {
        var (reader, data) = ReadAll(file);
        reader.Codec.ShouldBe(codec);
        string[] expected = File.ReadAllLines(Golden.PathOf("container-files", "weather.json"));
        data.Select(value => AvroJson.Write(reader.Schema, value)).ShouldBe(expected.Select(line => JsonSerializer.Serialize(JsonDocument.Parse(line).RootElement)));
    }

    [Theory]
    [InlineData("weather-sorted.avro", 5)]
    [InlineData("syncInMeta.avro", 0)]
    [InlineData("simple/data.avro", 0)]
    [InlineData("withUnion/data.avro", 0)]
    [InlineData("avro-1237-good.avro", 0)]
    [InlineData("avro-1238-good.avro", 0)]
    [InlineData("avro-1279-codec.avro", 0)]
    [InlineData("avro-1279-no-codec.avro", 0)]
    [InlineData("person-10.avro", 10)]
    public void Every_sound_file_is_read_to_its_end_and_written_again(string file, int expected)
    {
        var (reader, data) = ReadAll(file);
        data.Count.ShouldBe(expected > 0 ? expected : data.Count);
        foreach (var codec in Enum.GetValues<ContainerCodec>())
        {
            using var copy = Write(reader.Schema, codec, data);
            var again = ContainerReader.Open(copy).Value!;
            again.Codec.ShouldBe(codec);
            again.Read().Select(datum => AvroJson.Write(again.Schema, datum.Value)).ShouldBe(data.Select(value => AvroJson.Write(reader.Schema, value)));
        }
    }

    [Theory]
    [InlineData("avro-1237-bad-union-discriminant.avro", DecodeFault.UnknownBranch)]
    [InlineData("avro-1238-truncated.avro", DecodeFault.EndOfData)]
    [InlineData("test.avro12", DecodeFault.InvalidFrame)] // the format before 1.3, with another head
    public void Every_broken_file_ends_in_its_fault(string file, DecodeFault fault)
    {
        using var stream = File.OpenRead(Golden.PathOf("container-files", file));
        var opened = ContainerReader.Open(stream);
        (opened.IsDone ? opened.Value!.Read().Last().Fault : opened.Fault).ShouldBe(fault);
    }

    [Fact]
    public void The_raw_persons_are_ten_data_in_a_row()
    {
        byte[] raw = File.ReadAllBytes(Golden.PathOf("container-files", "person-10.avro.raw"));
        var plan = DecodePlan.Of(SchemaParser.Parse(File.ReadAllText(Golden.PathOf("container-files", "Person.avsc"))));
        var reader = new AvroReader(raw);
        var written = new List<byte>();
        while (reader.Remaining > 0)
        {
            plan.TryRead(ref reader, out object? value).ShouldBeTrue(reader.Problem.ToString());
            written.AddRange(ValueEncoder.Encode(plan.Reader, value));
        }
        written.ToArray().ShouldBe(raw);
    }

    [Fact]
    public void A_file_with_a_line_feed_behind_its_last_block_gives_its_ten_data_and_then_a_fault()
    {
        using var stream = File.OpenRead(Golden.PathOf("container-files", "person-10.no-codec.avro"));
        var data = ContainerReader.Open(stream).Value!.Read().ToList();
        data.Select(datum => datum.Fault).ShouldBe([.. Enumerable.Repeat(DecodeFault.None, 10), DecodeFault.EndOfData]);
    }

    [Fact]
    public void A_file_is_read_as_another_schema()
    {
        using var stream = File.OpenRead(Golden.PathOf("container-files", "weather.avro"));
        var asked = SchemaParser.Parse("""{"type":"record","name":"W","aliases":["test.Weather"],"fields":[{"name":"temperature","type":"double","aliases":["temp"]},{"name":"wind","type":"int","default":7}]}""");
        ContainerReader.Open(stream, asked).Value!.Read().Select(datum => datum.Value!.ToString()).First().ShouldBe("""{"temperature":0,"wind":7}""");
    }

    [Theory]
    [InlineData(ContainerCodec.Null)]
    [InlineData(ContainerCodec.Deflate)]
    [InlineData(ContainerCodec.Snappy)]
    [InlineData(ContainerCodec.Zstandard)]
    public void A_file_cut_or_changed_anywhere_never_throws_and_never_ends_well_inside_a_block(ContainerCodec codec)
    {
        var schema = SchemaParser.Parse("""{"type":"record","name":"R","fields":[{"name":"a","type":"string"},{"name":"b","type":"long"}]}""");
        using var whole = Write(schema, codec, [.. Enumerable.Range(0, 30).Select(one => new AvroRecord((RecordSchema)schema, "text", (long)one))], blockBytes: 100);
        byte[] bytes = whole.ToArray();
        for (int cut = 0; cut < bytes.Length; cut++)
        {
            var opened = ContainerReader.Open(new MemoryStream(bytes, 0, cut));
            if (!opened.IsDone) continue;
            var data = opened.Value!.Read().ToList();
            bool atBlock = bytes.AsSpan(cut - 16, 16).SequenceEqual(Sync);
            data.All(datum => datum.IsDone).ShouldBe(atBlock, $"cut at {cut}");
        }
        for (int place = 0; place < bytes.Length; place++)
        {
            byte[] changed = [.. bytes];
            changed[place] ^= 0xFF;
            var opened = ContainerReader.Open(new MemoryStream(changed));
            if (opened.IsDone) _ = opened.Value!.Read().Count();
        }
    }

    [Fact]
    public void Blocks_and_metadata_beyond_the_limits_are_refused_by_name()
    {
        var schema = SchemaParser.Parse("\"string\"");
        using var file = Write(schema, ContainerCodec.Zstandard, [new string('a', 100_000)]);
        Fault(new() { MetadataBytesMax = 5 }).Detail.ShouldContain("MetadataBytesMax");
        Fault(new() { BlockBytesMax = 5 }).Detail.ShouldContain("BlockBytesMax");
        Fault(new() { BlockItemsMax = 0 }).Detail.ShouldContain("BlockItemsMax");
        Fault(new() { UnpackedBytesMax = 50_000 }).Detail.ShouldContain("UnpackedBytesMax");

        DecodeProblem Fault(ContainerLimits limits)
        {
            file.Position = 0;
            var opened = ContainerReader.Open(file, limits: limits);
            return (opened.IsDone ? opened.Value!.Read().Last().Problem : opened.Problem).ShouldNotBeNull();
        }
    }

    [Fact]
    public void A_codec_that_is_not_ours_is_named()
    {
        using var file = Write(SchemaParser.Parse("\"int\""), ContainerCodec.Deflate, [1]);
        byte[] bytes = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(file.ToArray()).Replace("deflate", "xzxzxzx", StringComparison.Ordinal));
        ContainerReader.Open(new MemoryStream(bytes)).Problem!.Detail.ShouldContain("found codec xzxzxzx");
    }

    private static MemoryStream Write(AvroSchema schema, ContainerCodec codec, IReadOnlyList<object?> data, int blockBytes = ContainerWriter.BlockBytesDefault)
    {
        var stream = new MemoryStream();
        using (var writer = new ContainerWriter(stream, schema, codec, Sync, new Dictionary<string, byte[]> { ["made.by"] = [1] }, blockBytes))
        {
            foreach (object? value in data) writer.Write(value);
        }
        stream.Position = 0;
        return stream;
    }

    private static (ContainerReader Reader, List<object?> Data) ReadAll(string file)
    {
        using var stream = File.OpenRead(Golden.PathOf("container-files", file));
        var opened = ContainerReader.Open(stream);
        opened.Problem.ShouldBeNull();
        var data = opened.Value!.Read().ToList();
        data.ShouldNotBeEmpty();
        data.Select(datum => datum.Problem).ShouldAllBe(problem => problem == null);
        return (opened.Value, [.. data.Select(datum => datum.Value)]);
    }
}
