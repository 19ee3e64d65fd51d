namespace Etl.Codecs.Cql;

/// <summary>What may stand before the body of any response, as the envelope's flags say: tracing id, warnings, custom payload, in this order.</summary>
public readonly record struct ResponsePrefix(Guid? TracingId, IReadOnlyList<string> Warnings)
{
    public static ResponsePrefix Read(ref CqlReader reader, EnvelopeFlags flags)
    {
        Guid? tracing = (flags & EnvelopeFlags.Tracing) != 0 ? reader.Uuid() : null;
        string[] warnings = (flags & EnvelopeFlags.Warning) != 0 ? reader.StringList() : [];
        if ((flags & EnvelopeFlags.CustomPayload) != 0) reader.BytesMap();
        return new(tracing, warnings);
    }
}
