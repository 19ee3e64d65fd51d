using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Values;

namespace Etl.Cli.Output;

/// <summary>Avro values as people and JSON know them: times as text, bytes as hex, a union as the value of its branch.</summary>
internal static class AvroView
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static string Text(object? plain) => JsonSerializer.Serialize(plain, OneLine);

    /// <returns>null, bool, number, string, list or dictionary in the order of the fields.</returns>
    public static object? Plain(AvroSchema schema, object? value) => (schema, value) switch
    {
        (_, null) => null,
        (UnionSchema union, _) => union.Nullable is { } branch ? Plain(branch, value) : Untyped(value),
        (RecordSchema record, AvroRecord fields) => record.Fields.ToDictionary(field => field.Name, field => Plain(field.Schema, fields[field.Position])),
        (ArraySchema array, IReadOnlyList<object?> items) => items.Select(item => Plain(array.Items, item)).ToList(),
        (MapSchema map, IReadOnlyDictionary<string, object?> entries) => entries.ToDictionary(entry => entry.Key, entry => Plain(map.Values, entry.Value)),
        ({ LogicalType: { } logical }, _) => Logical(logical, value) ?? Untyped(value),
        _ => Untyped(value),
    };

    private static object? Logical(LogicalType type, object value) => (type.Kind, value) switch
    {
        (LogicalKind.TimestampMillis, long number) when LogicalValues.TryInstantOfMillis(number, out var instant) => Instant(instant.UtcDateTime) + "Z",
        (LogicalKind.TimestampMicros, long number) when LogicalValues.TryInstantOfMicros(number, out var instant) => Instant(instant.UtcDateTime) + "Z",
        (LogicalKind.TimestampNanos, long number) when LogicalValues.TryInstantOfNanos(number, out var instant) => Instant(instant.UtcDateTime) + "Z",
        (LogicalKind.LocalTimestampMillis, long number) when LogicalValues.TryLocalOfMillis(number, out var local) => Instant(local),
        (LogicalKind.LocalTimestampMicros, long number) when LogicalValues.TryLocalOfMicros(number, out var local) => Instant(local),
        (LogicalKind.LocalTimestampNanos, long number) when LogicalValues.TryLocalOfNanos(number, out var local) => Instant(local),
        (LogicalKind.Date, int days) when LogicalValues.TryDate(days, out var date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        (LogicalKind.TimeMillis, int millis) when LogicalValues.TryTimeOfMillis(millis, out var time) => time.ToString("HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        (LogicalKind.TimeMicros, long micros) when LogicalValues.TryTimeOfMicros(micros, out var time) => time.ToString("HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        (LogicalKind.Decimal, byte[] bytes) when LogicalValues.TryDecimal(bytes, type.Scale, out decimal number) => number,
        (LogicalKind.Decimal, AvroFixed kept) when LogicalValues.TryDecimal(kept.Bytes, type.Scale, out decimal number) => number,
        (LogicalKind.Uuid, AvroFixed kept) when LogicalValues.TryUuid(kept.Bytes, out var uuid) => uuid.ToString("D"),
        _ => null,
    };

    private static object Untyped(object value) => value switch
    {
        byte[] bytes => Convert.ToHexStringLower(bytes),
        AvroFixed kept => Convert.ToHexStringLower(kept.Bytes),
        AvroEnum symbol => symbol.Symbol,
        AvroRecord record => Plain(record.Schema, record)!,
        IReadOnlyList<object?> items => items.Select(item => item is null ? null : Untyped(item)).ToList(),
        IReadOnlyDictionary<string, object?> entries => entries.ToDictionary(entry => entry.Key, entry => entry.Value is null ? null : Untyped(entry.Value)),
        _ => value,
    };

    private static string Instant(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);
}
