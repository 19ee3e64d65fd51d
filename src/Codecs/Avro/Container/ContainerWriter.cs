using System.Buffers;
using System.Text;
using Etl.Codecs.Avro.Binary;
using Etl.Codecs.Avro.Values;

namespace Etl.Codecs.Avro.Container;

/// <summary>Writes an object container file. Dispose writes the last block; the stream stays open.</summary>
public sealed class ContainerWriter : IDisposable
{
    /// <summary>Bytes after which a block is closed, where the caller does not choose.</summary>
    public const int BlockBytesDefault = 64 * 1024;

    private readonly ArrayBufferWriter<byte> block = new();
    private readonly Stream output;
    private readonly AvroSchema schema;
    private readonly ContainerCodec codec;
    private readonly byte[] sync;
    private readonly int blockBytes;
    private long count;

    /// <param name="schema">Its text, where it was parsed from one, is what the file holds.</param>
    /// <param name="sync">16 bytes that end each block: random ones, or any that are unlikely in the data.</param>
    /// <param name="metadata">More of it; keys beginning with <c>avro.</c> are Avro's own.</param>
    /// <exception cref="ArgumentException">The marker has another length, or a key is Avro's own.</exception>
    public ContainerWriter(
        Stream output, AvroSchema schema, ContainerCodec codec, ReadOnlySpan<byte> sync, IReadOnlyDictionary<string, byte[]>? metadata = null, int blockBytes = BlockBytesDefault)
    {
        if (sync.Length != ContainerSource.SyncBytes) throw new ArgumentException($"found {sync.Length} bytes, expected {ContainerSource.SyncBytes}", nameof(sync));
        (this.output, this.schema, this.codec, this.sync, this.blockBytes) = (output, schema, codec, sync.ToArray(), blockBytes);
        WriteHead(metadata ?? new Dictionary<string, byte[]>());
    }

    /// <exception cref="ArgumentException">The value does not fit the schema.</exception>
    public void Write(object? value)
    {
        byte[] datum = ValueEncoder.Encode(schema, value); // on its own first, so that a misfit leaves the block whole
        WriteEncoded(datum);
    }

    /// <summary>A datum that is encoded already, with the file's schema.</summary>
    public void WriteEncoded(ReadOnlySpan<byte> datum)
    {
        block.Write(datum);
        count++;
        if (block.WrittenCount >= blockBytes) Flush();
    }

    /// <summary>Closes the block begun.</summary>
    public void Flush()
    {
        if (count == 0) return;
        byte[] packed = ContainerCodecs.Pack(codec, block.WrittenSpan);
        WriteLong(count);
        WriteBytes(packed);
        output.Write(sync);
        block.ResetWrittenCount();
        count = 0;
    }

    public void Dispose() => Flush();

    private void WriteHead(IReadOnlyDictionary<string, byte[]> metadata)
    {
        var all = new Dictionary<string, byte[]> { ["avro.schema"] = Encoding.UTF8.GetBytes(schema.Text ?? SchemaText.Write(schema)), ["avro.codec"] = Encoding.UTF8.GetBytes(ContainerCodecs.NameOf(codec)) };
        foreach (var (key, value) in metadata)
        {
            if (key.StartsWith("avro.", StringComparison.Ordinal)) throw new ArgumentException($"found key {key}, expected none that begins with avro.", nameof(metadata));
            all[key] = value;
        }
        output.Write(ContainerSource.Magic);
        WriteLong(all.Count);
        foreach (var (key, value) in all)
        {
            WriteBytes(Encoding.UTF8.GetBytes(key));
            WriteBytes(value);
        }
        WriteLong(0);
        output.Write(sync);
    }

    private void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteLong(bytes.Length);
        output.Write(bytes);
    }

    private void WriteLong(long value)
    {
        Span<byte> bytes = stackalloc byte[Varint.LongBytesMax];
        output.Write(bytes[..Varint.Write(bytes, value)]);
    }
}
