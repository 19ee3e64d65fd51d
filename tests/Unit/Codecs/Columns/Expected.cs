using System.Buffers.Binary;
using System.Numerics;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Values;
using Etl.Codecs.Columns;

namespace Etl.Tests.Unit.Codecs.Columns;

/// <summary>What a column must hold for a value that the other decoder read: the same rules, written without columns.</summary>
internal static class Expected
{
    /// <summary>The value lies outside what columns hold: the datum must be refused.</summary>
    public sealed class OutOfRange : Exception;

    public static object?[] Row(RecordSchema schema, object? value) => [.. schema.Fields.Select(field => Of(field.Schema, ((AvroRecord)value!)[field.Position]))];

    public static object? Of(AvroSchema schema, object? value) => (schema, value) switch
    {
        (UnionSchema { Branches: [var only] }, _) => Of(only, value),
        (_, null) => null,
        (UnionSchema { Nullable: { } inner }, _) => Of(inner, value),
        (UnionSchema union, _) => Choice(union, value),
        (RecordSchema { Fields.Count: 0 }, _) => true,
        (RecordSchema record, AvroRecord values) => record.Fields.ToDictionary(field => field.Name, field => Of(field.Schema, values[field.Position])),
        (ArraySchema array, IReadOnlyList<object?> items) => items.Select(item => Of(array.Items, item)).ToArray(),
        (MapSchema map, IReadOnlyDictionary<string, object?> entries) =>
            entries.Select(entry => (object?)new Dictionary<string, object?> { ["key"] = entry.Key, ["value"] = Of(map.Values, entry.Value) }).ToArray(),
        (_, AvroEnum symbol) => symbol.Symbol,
        (_, AvroFixed bytes) => Leaf(schema, bytes.Bytes),
        _ => Leaf(schema, value),
    };

    private static Dictionary<string, object?> Choice(UnionSchema union, object value)
    {
        var branch = union.Branches[ValueBranch.Of(union, value)];
        var parts = union.Branches.Where(one => one.Kind != AvroKind.Null).ToDictionary(one => one.BranchName, one => ReferenceEquals(one, branch) ? Of(branch, value) : null);
        parts["branch"] = branch.BranchName;
        return parts;
    }

    private static object? Leaf(AvroSchema schema, object value) => (schema.LogicalType?.Kind, value) switch
    {
        (LogicalKind.Date, int days) => LogicalValues.TryDate(days, out var date) ? date : throw new OutOfRange(),
        (LogicalKind.TimeMillis, int millis) => LogicalValues.TryTimeOfMillis(millis, out var time) ? time : throw new OutOfRange(),
        (LogicalKind.TimeMicros, long micros) => LogicalValues.TryTimeOfMicros(micros, out var time) ? time : throw new OutOfRange(),
        (LogicalKind.TimestampMillis, long millis) => LogicalValues.TryInstantOfMillis(millis, out var instant) ? instant : throw new OutOfRange(),
        (LogicalKind.TimestampMicros, long micros) => LogicalValues.TryInstantOfMicros(micros, out var instant) ? instant : throw new OutOfRange(),
        (LogicalKind.TimestampNanos, long nanos) => LogicalValues.TryInstantOfMicros((long)Math.Floor((decimal)nanos / 1000), out var instant) ? instant : throw new OutOfRange(),
        (LogicalKind.LocalTimestampMillis, long millis) => LogicalValues.TryLocalOfMillis(millis, out var local) ? local : throw new OutOfRange(),
        (LogicalKind.LocalTimestampMicros, long micros) => LogicalValues.TryLocalOfMicros(micros, out var local) ? local : throw new OutOfRange(),
        (LogicalKind.LocalTimestampNanos, long nanos) => LogicalValues.TryLocalOfMicros((long)Math.Floor((decimal)nanos / 1000), out var local) ? local : throw new OutOfRange(),
        (LogicalKind.Decimal, byte[] bytes) when schema.LogicalType!.Precision <= 38 => Decimal(bytes, schema.LogicalType.Precision, schema.LogicalType.Scale),
        (LogicalKind.Uuid, string text) => text.All(one => char.IsAsciiHexDigit(one) || one == '-') && Guid.TryParseExact(text, "D", out var uuid) ? uuid : throw new OutOfRange(),
        (LogicalKind.Uuid, byte[] bytes) => new Guid(bytes, bigEndian: true),
        (LogicalKind.Duration, byte[] bytes) => Duration(bytes),
        _ => value,
    };

    private static object Decimal(byte[] bytes, int precision, int scale)
    {
        var unscaled = new BigInteger(bytes, isUnsigned: false, isBigEndian: true);
        if (BigInteger.Abs(unscaled) >= BigInteger.Pow(10, precision)) throw new OutOfRange();
        if (scale <= 28 && BigInteger.Abs(unscaled) < BigInteger.Pow(2, 96)) return (decimal)unscaled / (decimal)BigInteger.Pow(10, scale);
        string digits = BigInteger.Abs(unscaled).ToString().PadLeft(scale + 1, '0');
        return (unscaled.Sign < 0 ? "-" : "") + digits[..^scale] + (scale > 0 ? "." + digits[^scale..] : "");
    }

    private static string Duration(byte[] bytes)
    {
        uint months = BinaryPrimitives.ReadUInt32LittleEndian(bytes), days = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)), millis = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8));
        if (months > int.MaxValue || days > int.MaxValue) throw new OutOfRange();
        return $"{months} months {days} days {millis * 1000L} us";
    }

    /// <summary>Equal all the way down; numbers bit by bit, so that NaN is NaN and −0 is not 0.</summary>
    public static bool Same(object? left, object? right) => (left, right) switch
    {
        (null, null) => true,
        (double one, double other) => BitConverter.DoubleToInt64Bits(one) == BitConverter.DoubleToInt64Bits(other),
        (float one, float other) => BitConverter.SingleToInt32Bits(one) == BitConverter.SingleToInt32Bits(other),
        (byte[] one, byte[] other) => one.AsSpan().SequenceEqual(other),
        (object?[] one, object?[] other) => one.Length == other.Length && one.Zip(other).All(pair => Same(pair.First, pair.Second)),
        (Dictionary<string, object?> one, Dictionary<string, object?> other) =>
            one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out object? value) && Same(pair.Value, value)),
        _ => left is not null && left.Equals(right),
    };

    public static string Show(object? value) => value switch
    {
        null => "null",
        byte[] bytes => Convert.ToHexString(bytes),
        object?[] items => $"[{string.Join(", ", items.Select(Show))}]",
        Dictionary<string, object?> parts => $"{{{string.Join(", ", parts.OrderBy(part => part.Key, StringComparer.Ordinal).Select(part => $"{part.Key}: {Show(part.Value)}"))}}}",
        string text => $"\"{text}\"",
        _ => $"{value} ({value.GetType().Name})",
    };
}
