namespace Etl.Codecs.Cql;

/// <summary>Writes whole requests as envelopes with stream 0; the connection puts the stream in. Versions 4 and 5 differ in the width of flags and in what EXECUTE and PREPARE carry.</summary>
public static class CqlRequest
{
    private const byte V5 = 5;

    public static void Startup(CqlWriter writer, byte version, IReadOnlyCollection<KeyValuePair<string, string>> options)
    {
        int start = Envelope.Begin(writer, version, CqlOpcode.Startup);
        writer.StringMap(options);
        Envelope.End(writer, start);
    }

    public static void Options(CqlWriter writer, byte version) => Envelope.End(writer, Envelope.Begin(writer, version, CqlOpcode.Options));

    public static void AuthResponse(CqlWriter writer, byte version, ReadOnlySpan<byte> token)
    {
        int start = Envelope.Begin(writer, version, CqlOpcode.AuthResponse);
        writer.Bytes(token);
        Envelope.End(writer, start);
    }

    public static void Register(CqlWriter writer, byte version, IReadOnlyCollection<string> eventTypes)
    {
        int start = Envelope.Begin(writer, version, CqlOpcode.Register);
        writer.StringList(eventTypes);
        Envelope.End(writer, start);
    }

    public static void Prepare(CqlWriter writer, byte version, string cql)
    {
        int start = Envelope.Begin(writer, version, CqlOpcode.Prepare);
        writer.LongString(cql);
        if (version >= V5) writer.Int(0);
        Envelope.End(writer, start);
    }

    /// <param name="values">[value]s side by side.</param>
    public static void Query(CqlWriter writer, byte version, string cql, in QueryParameters parameters, ReadOnlySpan<byte> values = default, int valueCount = 0)
    {
        int start = Envelope.Begin(writer, version, CqlOpcode.Query);
        writer.LongString(cql);
        Parameters(writer, version, parameters, values, valueCount);
        Envelope.End(writer, start);
    }

    /// <param name="resultMetadataId">Version 5 only; ignored in version 4.</param>
    public static void Execute(CqlWriter writer, byte version, ReadOnlySpan<byte> id, ReadOnlySpan<byte> resultMetadataId, in QueryParameters parameters, ReadOnlySpan<byte> values, int valueCount)
    {
        int start = Envelope.Begin(writer, version, CqlOpcode.Execute);
        writer.ShortBytes(id);
        if (version >= V5) writer.ShortBytes(resultMetadataId);
        Parameters(writer, version, parameters, values, valueCount);
        Envelope.End(writer, start);
    }

    /// <param name="statements">Written by <see cref="BeginPrepared"/> and <see cref="BeginQuery"/>, each followed by its values.</param>
    public static void Batch(CqlWriter writer, byte version, BatchType type, ReadOnlySpan<byte> statements, int count, in QueryParameters parameters)
    {
        int start = Envelope.Begin(writer, version, CqlOpcode.Batch);
        writer.Byte((byte)type);
        writer.Short(count);
        writer.Raw(statements);
        writer.Short((ushort)parameters.Consistency);
        Flags(writer, version, Flag(parameters.SerialConsistency is not null, QueryFlags.SerialConsistency) | Flag(parameters.Timestamp is not null, QueryFlags.Timestamp));
        if (parameters.SerialConsistency is { } serial) writer.Short((ushort)serial);
        if (parameters.Timestamp is { } timestamp) writer.Long(timestamp);
        Envelope.End(writer, start);
    }

    /// <summary>Begins a prepared statement of a batch.</summary>
    public static void BeginPrepared(CqlWriter writer, ReadOnlySpan<byte> id, int valueCount)
    {
        writer.Byte(1);
        writer.ShortBytes(id);
        writer.Short(valueCount);
    }

    /// <summary>Begins a statement of a batch by its text.</summary>
    public static void BeginQuery(CqlWriter writer, string cql, int valueCount)
    {
        writer.Byte(0);
        writer.LongString(cql);
        writer.Short(valueCount);
    }

    private static void Parameters(CqlWriter writer, byte version, in QueryParameters parameters, ReadOnlySpan<byte> values, int valueCount)
    {
        writer.Short((ushort)parameters.Consistency);
        Flags(writer, version, Flag(valueCount > 0, QueryFlags.Values) | Flag(parameters.SkipMetadata, QueryFlags.SkipMetadata) | Flag(parameters.PageSize > 0, QueryFlags.PageSize)
            | Flag(parameters.PagingState is not null, QueryFlags.PagingState) | Flag(parameters.SerialConsistency is not null, QueryFlags.SerialConsistency)
            | Flag(parameters.Timestamp is not null, QueryFlags.Timestamp));
        if (valueCount > 0)
        {
            writer.Short(valueCount);
            writer.Raw(values);
        }
        if (parameters.PageSize > 0) writer.Int(parameters.PageSize);
        if (parameters.PagingState is { } state) writer.Bytes(state);
        if (parameters.SerialConsistency is { } serial) writer.Short((ushort)serial);
        if (parameters.Timestamp is { } timestamp) writer.Long(timestamp);
    }

    private static QueryFlags Flag(bool isSet, QueryFlags flag) => isSet ? flag : QueryFlags.None;

    private static void Flags(CqlWriter writer, byte version, QueryFlags flags)
    {
        if (version >= V5) writer.Int((int)flags);
        else writer.Byte((byte)flags);
    }

    [Flags]
    private enum QueryFlags : byte
    {
        None = 0,
        Values = 0x01,
        SkipMetadata = 0x02,
        PageSize = 0x04,
        PagingState = 0x08,
        SerialConsistency = 0x10,
        Timestamp = 0x20,
    }
}

/// <summary>What a QUERY, EXECUTE or BATCH carries beside text and values; a batch has no page and no metadata.</summary>
/// <param name="Timestamp">Microseconds since 1970, for cells without one of their own; null: the server's clock.</param>
/// <param name="PageSize">Rows in a page; 0: all at once.</param>
public readonly record struct QueryParameters(ConsistencyLevel Consistency, ConsistencyLevel? SerialConsistency = null, long? Timestamp = null, int PageSize = 0, byte[]? PagingState = null, bool SkipMetadata = false);
