namespace Etl.Codecs.Avro.Generation;

/// <summary>Which C# stands for which schema: its type, and how one value without parts is written, read and measured.</summary>
/// <param name="Type">The C# type.</param>
/// <param name="Write">The statement that writes <c>{0}</c>.</param>
/// <param name="Read">The call that reads into <c>{0}</c>, as <c>reader.TryRead…(out {0})</c>.</param>
/// <param name="BytesMax">Bytes at most, without what <paramref name="Measure"/> says.</param>
/// <param name="Measure">An expression of the further bytes of <c>{0}</c>; null where there are none.</param>
internal sealed record CSharpType(string Type, string Write, string Read, int BytesMax, string? Measure = null, bool IsValue = true)
{
    private const int IntMax = 5;
    private const int LongMax = 10;

    /// <summary>The mapping of a schema without parts; null for arrays, maps, unions, records and enums.</summary>
    public static CSharpType? OfLeaf(AvroSchema schema) => OfLogical(schema) ?? (schema switch
    {
        { Kind: AvroKind.Boolean } => new("bool", "writer.WriteBoolean({0});", "reader.TryReadBoolean(out {0})", 1),
        { Kind: AvroKind.Int } => new("int", "writer.WriteInt({0});", "reader.TryReadInt(out {0})", IntMax),
        { Kind: AvroKind.Long } => new("long", "writer.WriteLong({0});", "reader.TryReadLong(out {0})", LongMax),
        { Kind: AvroKind.Float } => new("float", "writer.WriteFloat({0});", "reader.TryReadFloat(out {0})", 4),
        { Kind: AvroKind.Double } => new("double", "writer.WriteDouble({0});", "reader.TryReadDouble(out {0})", 8),
        { Kind: AvroKind.Bytes } => new("byte[]", "writer.WriteBytes({0});", "reader.TryReadBytes(out {0})", IntMax, "{0}.Length", IsValue: false),
        { Kind: AvroKind.String } => new("string", "writer.WriteString({0});", "reader.TryReadString(out {0})", 0, "AvroWriter.StringBytesMax({0})", IsValue: false),
        FixedSchema { Size: var size } => new("byte[]", $"writer.WriteFixed({{0}}, {size});", $"reader.TryReadFixed({size}, out {{0}})", size, IsValue: false),
        _ => null,
    });

    private static CSharpType? OfLogical(AvroSchema schema) => (schema.LogicalType?.Kind, schema) switch
    {
        (LogicalKind.Decimal, FixedSchema { Size: var size, LogicalType: var type }) =>
            new("decimal", $"writer.WriteFixed(LogicalValues.DecimalFixedOf({{0}}, {type!.Precision}, {type.Scale}, {size}));", $"reader.TryReadDecimalFixed({size}, {type.Scale}, out {{0}})", size),
        (LogicalKind.Decimal, { LogicalType: var type }) =>
            new("decimal", $"writer.WriteBytes(LogicalValues.DecimalBytesOf({{0}}, {type!.Precision}, {type.Scale}));", $"reader.TryReadDecimal({type.Scale}, out {{0}})", IntMax + type.Precision / 2 + 2),
        (LogicalKind.Uuid, FixedSchema) => new("Guid", "writer.WriteUuid({0});", "reader.TryReadUuid(out {0})", 16),
        (LogicalKind.Uuid, _) => new("Guid", "writer.WriteUuidText({0});", "reader.TryReadUuidText(out {0})", 38),
        (LogicalKind.Date, _) => Number("DateOnly", "Int", "DaysOf", "Date", IntMax),
        (LogicalKind.TimeMillis, _) => Number("TimeOnly", "Int", "MillisOf", "TimeMillis", IntMax),
        (LogicalKind.TimeMicros, _) => Number("TimeOnly", "Long", "MicrosOf", "TimeMicros", LongMax),
        (LogicalKind.TimestampMillis, _) => Number("DateTimeOffset", "Long", "MillisOf", "InstantMillis", LongMax),
        (LogicalKind.TimestampMicros, _) => Number("DateTimeOffset", "Long", "MicrosOf", "InstantMicros", LongMax),
        (LogicalKind.TimestampNanos, _) => Number("DateTimeOffset", "Long", "NanosOf", "InstantNanos", LongMax),
        (LogicalKind.LocalTimestampMillis, _) => Number("DateTime", "Long", "LocalMillisOf", "LocalMillis", LongMax),
        (LogicalKind.LocalTimestampMicros, _) => Number("DateTime", "Long", "LocalMicrosOf", "LocalMicros", LongMax),
        (LogicalKind.LocalTimestampNanos, _) => Number("DateTime", "Long", "LocalNanosOf", "LocalNanos", LongMax),
        _ => null, // big-decimal and duration have no .NET type that holds them: their bytes
    };

    private static CSharpType Number(string type, string write, string convert, string read, int bytesMax) =>
        new(type, $"writer.Write{write}(LogicalValues.{convert}({{0}}));", $"reader.TryRead{read}(out {{0}})", bytesMax);
}
