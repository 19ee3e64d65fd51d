namespace Etl.Codecs.Avro;

/// <summary>The fourteen kinds of Avro schema. <c>error</c> counts as <see cref="Record"/>.</summary>
public enum AvroKind
{
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Record,
    Enum,
    Array,
    Map,
    Fixed,
    Union,
}
