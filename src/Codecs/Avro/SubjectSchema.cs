using System.Buffers;

namespace Etl.Codecs.Avro;

/// <summary>A schema as the repository keeps it: <c>schemas/&lt;subject&gt;/&lt;version&gt;.avsc</c>.</summary>
/// <param name="Version">1 or more.</param>
/// <param name="Text">The schema's text: what a registry is sent.</param>
public sealed record SubjectSchema(string Subject, int Version, string Text);

/// <summary>A generated record that writes itself in Avro's binary encoding, without reflection.</summary>
public interface IAvroRecord
{
    /// <summary>The schema whose bytes <see cref="Encode(Span{byte})"/> writes.</summary>
    static abstract SubjectSchema SubjectSchema { get; }

    /// <summary>An upper bound of the bytes that encoding takes.</summary>
    int EncodedBytesMax { get; }

    /// <summary>Writes the record and returns the bytes used.</summary>
    /// <param name="destination">At least <see cref="EncodedBytesMax"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination is too short, or a value does not fit its schema.</exception>
    int Encode(Span<byte> destination);

    /// <summary>Appends the record.</summary>
    void Encode(IBufferWriter<byte> output);
}

/// <summary>A generated record that also reads itself.</summary>
public interface IAvroRecord<TSelf> : IAvroRecord
    where TSelf : IAvroRecord<TSelf>
{
    /// <summary>Reads bytes written with exactly <see cref="IAvroRecord.SubjectSchema"/>. Bytes left over are a fault.</summary>
    static abstract Decoded<TSelf> Decode(ReadOnlySpan<byte> source);
}
