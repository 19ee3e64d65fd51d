using System.Numerics;
using System.Text.Json;

namespace Etl.Codecs.Avro;

/// <summary>What a value means beyond its encoding.</summary>
public enum LogicalKind
{
    /// <summary>bytes or fixed: two's complement, high byte first, times 10^−scale.</summary>
    Decimal,

    /// <summary>bytes: the unscaled value as <c>bytes</c> of its own (length, then two's complement), then the scale as <c>int</c>.</summary>
    BigDecimal,

    /// <summary>string (text of RFC 4122), or fixed of 16 bytes in the text's order.</summary>
    Uuid,

    /// <summary>int: days since 1970-01-01.</summary>
    Date,

    /// <summary>int: milliseconds since midnight.</summary>
    TimeMillis,

    /// <summary>long: microseconds since midnight.</summary>
    TimeMicros,

    /// <summary>long: an instant, milliseconds since 1970-01-01 UTC.</summary>
    TimestampMillis,

    /// <summary>long: an instant, microseconds since 1970-01-01 UTC.</summary>
    TimestampMicros,

    /// <summary>long: an instant, nanoseconds since 1970-01-01 UTC.</summary>
    TimestampNanos,

    /// <summary>long: a wall clock without a zone, milliseconds since 1970-01-01.</summary>
    LocalTimestampMillis,

    /// <summary>long: a wall clock without a zone, microseconds since 1970-01-01.</summary>
    LocalTimestampMicros,

    /// <summary>long: a wall clock without a zone, nanoseconds since 1970-01-01.</summary>
    LocalTimestampNanos,

    /// <summary>fixed of 12 bytes: months, days, milliseconds, each unsigned 32 bits, low byte first.</summary>
    Duration,
}

/// <summary>A logical type that fits its schema.</summary>
public sealed record LogicalType(LogicalKind Kind)
{
    /// <summary>Digits of a decimal, 1 or more; 0 for other kinds.</summary>
    public int Precision { get; private init; }

    /// <summary>Digits of a decimal behind the point, 0 to <see cref="Precision"/>.</summary>
    public int Scale { get; private init; }

    /// <summary>The logical type that the attributes of this schema name; null when there is none, it is unknown, or it does not fit.</summary>
    internal static LogicalType? Of(AvroSchema schema) =>
        !schema.Attributes.TryGetValue("logicalType", out var name) || name.ValueKind != JsonValueKind.String ? null : (name.GetString(), schema) switch
        {
            ("decimal", { Kind: AvroKind.Bytes } or FixedSchema) => DecimalOf(schema),
            ("big-decimal", { Kind: AvroKind.Bytes }) => new(LogicalKind.BigDecimal),
            ("uuid", { Kind: AvroKind.String } or FixedSchema { Size: 16 }) => new(LogicalKind.Uuid),
            ("duration", FixedSchema { Size: 12 }) => new(LogicalKind.Duration),
            ("date", { Kind: AvroKind.Int }) => new(LogicalKind.Date),
            ("time-millis", { Kind: AvroKind.Int }) => new(LogicalKind.TimeMillis),
            ("time-micros", { Kind: AvroKind.Long }) => new(LogicalKind.TimeMicros),
            ("timestamp-millis", { Kind: AvroKind.Long }) => new(LogicalKind.TimestampMillis),
            ("timestamp-micros", { Kind: AvroKind.Long }) => new(LogicalKind.TimestampMicros),
            ("timestamp-nanos", { Kind: AvroKind.Long }) => new(LogicalKind.TimestampNanos),
            ("local-timestamp-millis", { Kind: AvroKind.Long }) => new(LogicalKind.LocalTimestampMillis),
            ("local-timestamp-micros", { Kind: AvroKind.Long }) => new(LogicalKind.LocalTimestampMicros),
            ("local-timestamp-nanos", { Kind: AvroKind.Long }) => new(LogicalKind.LocalTimestampNanos),
            _ => null,
        };

    private static LogicalType? DecimalOf(AvroSchema schema)
    {
        if (!schema.Attributes.TryGetValue("precision", out var given) || given.ValueKind != JsonValueKind.Number || !given.TryGetInt32(out int precision)) return null;
        int scale = 0;
        if (schema.Attributes.TryGetValue("scale", out given) && (given.ValueKind != JsonValueKind.Number || !given.TryGetInt32(out scale))) return null;
        if (precision < 1 || scale < 0 || scale > precision) return null;
        if (schema is FixedSchema { Size: var size } && precision > DigitsOf(size)) return null;
        return new(LogicalKind.Decimal) { Precision = precision, Scale = scale };
    }

    /// <summary>Decimal digits that always fit into so many bytes of two's complement: ⌊log10(2^(8·bytes − 1) − 1)⌋.</summary>
    public static int DigitsOf(int bytes) => bytes switch
    {
        0 => 0,
        <= 16 => (int)BigInteger.Log10(BigInteger.Pow(2, 8 * bytes - 1) - 1),
        _ => (int)Math.Min(int.MaxValue, Math.Floor((8.0 * bytes - 1) * Math.Log10(2))),
    };
}
