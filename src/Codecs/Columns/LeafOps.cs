using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Resolution;

namespace Etl.Codecs.Columns;

/// <summary>The operation for a value without parts.</summary>
internal static class LeafOps
{
    /// <summary>Null where the schemas do not resolve: by kind, or because two logical types mean different things.</summary>
    public static ColumnOp? Of(AvroSchema writer, ShapeNode to)
    {
        if (!KindsResolve(writer, to.Schema) || !Agree(writer.LogicalType, to.Schema.LogicalType)) return null;
        return CodeOf(writer, to) is { } code
            ? new() { Code = code, Vector = to.Vector, Narrow = writer.Kind == AvroKind.Int, Argument = SizeOf(code, writer) }
            : null;
    }

    /// <summary>A schema for messages: its name, and its logical type where it has one.</summary>
    public static string Brief(AvroSchema schema) => schema.LogicalType switch
    {
        null => SchemaText.Brief(schema),
        { Kind: LogicalKind.Decimal } number => $"{SchemaText.Brief(schema)} as decimal({number.Precision},{number.Scale})",
        { Kind: var kind } => $"{SchemaText.Brief(schema)} as {kind}",
    };

    private static bool KindsResolve(AvroSchema writer, AvroSchema reader) => (writer, reader) switch
    {
        (FixedSchema from, FixedSchema to) => SchemaMatch.Names(from, to) && from.Size == to.Size,
        _ => writer.Kind == reader.Kind || SchemaMatch.Promotes(writer.Kind, reader.Kind),
    };

    /// <summary>A logical type on one side only says what the numbers always meant.</summary>
    private static bool Agree(LogicalType? writer, LogicalType? reader) =>
        writer is null || reader is null || (FamilyOf(writer.Kind) == FamilyOf(reader.Kind) && writer.Scale == reader.Scale);

    private static LogicalKind FamilyOf(LogicalKind kind) => kind switch
    {
        LogicalKind.TimestampMillis or LogicalKind.TimestampNanos => LogicalKind.TimestampMicros,
        LogicalKind.LocalTimestampMillis or LogicalKind.LocalTimestampNanos => LogicalKind.LocalTimestampMicros,
        LogicalKind.TimeMillis => LogicalKind.TimeMicros,
        _ => kind,
    };

    private static OpCode? CodeOf(AvroSchema writer, ShapeNode to) => to.Type.Kind switch
    {
        ColumnKind.Boolean => writer.Kind == AvroKind.Null ? OpCode.Null : OpCode.Boolean,
        ColumnKind.Int32 => OpCode.Int32,
        ColumnKind.Int64 => OpCode.Int64,
        ColumnKind.Float => writer.Kind == AvroKind.Float ? OpCode.Float : OpCode.NumberToFloat,
        ColumnKind.Double => writer.Kind switch { AvroKind.Double => OpCode.Double, AvroKind.Float => OpCode.FloatToDouble, _ => OpCode.NumberToDouble },
        ColumnKind.Date => OpCode.Date,
        ColumnKind.Time or ColumnKind.Timestamp or ColumnKind.LocalTimestamp => TimeOf((writer.LogicalType ?? to.Schema.LogicalType)!.Kind),
        ColumnKind.Text => OpCode.Text,
        ColumnKind.Bytes => writer is FixedSchema ? OpCode.FixedBytes : OpCode.Bytes,
        ColumnKind.Decimal => writer is FixedSchema ? OpCode.FixedDecimal : OpCode.Decimal,
        ColumnKind.Uuid => writer is FixedSchema ? OpCode.FixedUuid : OpCode.UuidText,
        ColumnKind.Interval => OpCode.FixedInterval,
        _ => null,
    };

    /// <summary>By the writer's unit where it names one.</summary>
    private static OpCode TimeOf(LogicalKind kind) => kind switch
    {
        LogicalKind.TimeMillis => OpCode.TimeMillis,
        LogicalKind.TimeMicros => OpCode.TimeMicros,
        LogicalKind.TimestampMillis or LogicalKind.LocalTimestampMillis => OpCode.InstantMillis,
        LogicalKind.TimestampMicros or LogicalKind.LocalTimestampMicros => OpCode.InstantMicros,
        _ => OpCode.InstantNanos,
    };

    private static int SizeOf(OpCode code, AvroSchema writer) => code switch
    {
        OpCode.Boolean => sizeof(bool),
        OpCode.Float or OpCode.FloatToDouble => sizeof(float),
        OpCode.Double => sizeof(double),
        _ => writer is FixedSchema { Size: var size } ? size : 0,
    };
}
