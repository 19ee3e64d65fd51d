using Etl.Codecs.Avro.Binary;
using Etl.Codecs.Avro.Values;

namespace Etl.Codecs.Avro.Resolution;

/// <summary>
/// Reads data of one writer's schema as values of one reader's schema (see <see cref="AvroRecord"/>). Made once for each pair, used by any
/// number of threads. Schemas that do not resolve everywhere have a plan too: a fault shows when data gets there.
/// </summary>
public sealed class DecodePlan
{
    private readonly ReadNode root;

    private DecodePlan(AvroSchema writer, AvroSchema reader)
    {
        var compiler = new PlanCompiler();
        root = compiler.Compile(writer, reader);
        (Writer, Reader, Problems) = (writer, reader, compiler.Problems);
    }

    public AvroSchema Writer { get; }

    public AvroSchema Reader { get; }

    /// <summary>What does not resolve; empty when all data can be read (enums' symbols and broken data apart).</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <param name="reader">The writer's schema where it is left out.</param>
    public static DecodePlan Of(AvroSchema writer, AvroSchema? reader = null) => new(writer, reader ?? writer);

    /// <summary>Reads one datum that fills the source: bytes left over are a fault.</summary>
    public Decoded<object?> Decode(ReadOnlySpan<byte> source, DecodeLimits? limits = null)
    {
        var reader = new AvroReader(source, limits);
        return root.TryRead(ref reader, out object? value) && reader.TryEnd() ? Decoded<object?>.Done(value, reader.Position) : Decoded<object?>.Failed(reader.Problem);
    }

    /// <summary>Reads one datum at the reader's position. False leaves the fault in the reader.</summary>
    public bool TryRead(ref AvroReader reader, out object? value)
    {
        reader.BeginDatum();
        return root.TryRead(ref reader, out value);
    }
}
