using System.Text;
using Etl.Codecs.Avro.Binary;
using Etl.Codecs.Avro.Resolution;

namespace Etl.Codecs.Avro.Container;

/// <summary>
/// Reads an object container file from a stream, block by block: memory is taken for bytes that are there, never for a length alone. The
/// stream stays open. What is wrong with the file is a value; what is wrong with the stream comes through as its exception.
/// </summary>
public sealed class ContainerReader
{
    private readonly ContainerSource source;
    private readonly ContainerLimits limits;
    private readonly DecodePlan plan;
    private readonly byte[] sync;

    private ContainerReader(ContainerSource source, ContainerLimits limits, DecodePlan plan, ContainerCodec codec, IReadOnlyDictionary<string, byte[]> metadata, byte[] sync) =>
        (this.source, this.limits, this.plan, Codec, Metadata, this.sync) = (source, limits, plan, codec, metadata, sync);

    /// <summary>The schema that the file's data was written with.</summary>
    public AvroSchema Schema => plan.Writer;

    public ContainerCodec Codec { get; }

    /// <summary>All of the file's metadata, <c>avro.schema</c> and <c>avro.codec</c> included.</summary>
    public IReadOnlyDictionary<string, byte[]> Metadata { get; }

    /// <summary>Reads the file's head.</summary>
    /// <param name="reader">The schema to read the data as; the file's own where it is left out.</param>
    public static Decoded<ContainerReader> Open(Stream input, AvroSchema? reader = null, ContainerLimits? limits = null)
    {
        limits ??= ContainerLimits.Default;
        var source = new ContainerSource(input);
        if (!source.TryReadHead(limits, out var metadata, out byte[] sync)) return Decoded<ContainerReader>.Failed(source.Problem!);
        if (!metadata.TryGetValue("avro.schema", out byte[]? text)) return Fail("found no avro.schema in the metadata, expected the schema's text");
        if (!SchemaParser.TryParse(Encoding.UTF8.GetString(text), out var schema, out var problem, limits.Schema)) return Fail(problem.ToString());
        string name = metadata.TryGetValue("avro.codec", out byte[]? codecName) ? Encoding.UTF8.GetString(codecName) : "null";
        if (ContainerCodecs.Of(name) is not { } codec) return Fail($"found codec {name}, expected null, deflate, snappy or zstandard");
        return Decoded<ContainerReader>.Done(new(source, limits, DecodePlan.Of(schema, reader), codec, metadata, sync), (int)source.Position);

        Decoded<ContainerReader> Fail(string detail) => Decoded<ContainerReader>.Failed(new(DecodeFault.InvalidFrame, source.Position, "", detail));
    }

    /// <summary>The data in the file's order, once. A fault is the last element: offsets count from the file's start (in a packed block, from the block's).</summary>
    public IEnumerable<Decoded<object?>> Read()
    {
        while (source.TryReadBlock(limits, sync, out long count, out var packed))
        {
            long start = Codec == ContainerCodec.Null ? source.Position - sync.Length - packed.Length : 0;
            if (ContainerCodecs.Unpack(Codec, packed, limits.UnpackedBytesMax, out var bytes) is { } fault)
            {
                yield return Decoded<object?>.Failed(new(DecodeFault.InvalidBlock, source.Position, "", fault));
                yield break;
            }
            int offset = 0;
            for (long place = 0; place < count; place++)
            {
                var datum = ReadDatum(bytes.Span, offset, start, isLast: place == count - 1);
                yield return datum;
                if (!datum.IsDone) yield break;
                offset += datum.Length;
            }
        }
        if (source.Problem is { } problem) yield return Decoded<object?>.Failed(problem);
    }

    private Decoded<object?> ReadDatum(ReadOnlySpan<byte> block, int offset, long start, bool isLast)
    {
        var reader = new AvroReader(block[offset..], limits.Datum);
        if (plan.TryRead(ref reader, out object? value) && (!isLast || reader.TryEnd())) return Decoded<object?>.Done(value, reader.Position);
        return Decoded<object?>.Failed(reader.Problem with { Offset = start + offset + reader.Problem.Offset });
    }
}
