using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Etl.Codecs.Avro.Values;

/// <summary>
/// Avro's JSON encoding of values (see <see cref="AvroRecord"/>): a union's value that is not null is an object of one member named for its
/// branch, bytes and fixed are text of U+0000 to U+00FF. What JSON has no number for is text: "NaN", "Infinity", "-Infinity".
/// </summary>
public static class AvroJson
{
    private const int DepthMax = 2_000;

    /// <exception cref="ArgumentException">The value does not fit the schema.</exception>
    public static string Write(AvroSchema schema, object? value)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = DepthMax })) Write(schema, value, json);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <exception cref="ArgumentException">The value does not fit the schema.</exception>
    public static void Write(AvroSchema schema, object? value, Utf8JsonWriter json)
    {
        switch (schema, value)
        {
            case ({ Kind: AvroKind.Null }, null):
                json.WriteNullValue();
                break;
            case ({ Kind: AvroKind.Boolean }, bool boolean):
                json.WriteBooleanValue(boolean);
                break;
            case ({ Kind: AvroKind.Int }, int number):
                json.WriteNumberValue(number);
                break;
            case ({ Kind: AvroKind.Long }, long number):
                json.WriteNumberValue(number);
                break;
            case ({ Kind: AvroKind.Float }, float number):
                if (float.IsFinite(number)) json.WriteNumberValue(number);
                else json.WriteStringValue(NameOf(number));
                break;
            case ({ Kind: AvroKind.Double }, double number):
                if (double.IsFinite(number)) json.WriteNumberValue(number);
                else json.WriteStringValue(NameOf(number));
                break;
            case ({ Kind: AvroKind.Bytes }, byte[] bytes):
                json.WriteStringValue(LeafJson.TextOf(bytes));
                break;
            case ({ Kind: AvroKind.String }, string text):
                json.WriteStringValue(text);
                break;
            case (FixedSchema, AvroFixed bytes):
                json.WriteStringValue(LeafJson.TextOf(bytes.Bytes));
                break;
            case (EnumSchema, AvroEnum symbol):
                json.WriteStringValue(symbol.Symbol);
                break;
            case (RecordSchema record, AvroRecord values) when record.Fields.Count == values.Values.Count:
                json.WriteStartObject();
                foreach (var field in record.Fields) WriteMember(json, field.Name, field.Schema, values[field.Position]);
                json.WriteEndObject();
                break;
            case (ArraySchema array, IReadOnlyList<object?> items):
                json.WriteStartArray();
                foreach (object? item in items) Write(array.Items, item, json);
                json.WriteEndArray();
                break;
            case (MapSchema map, IReadOnlyDictionary<string, object?> entries):
                json.WriteStartObject();
                foreach (var (key, entry) in entries) WriteMember(json, key, map.Values, entry);
                json.WriteEndObject();
                break;
            case (UnionSchema, null):
                json.WriteNullValue();
                break;
            case (UnionSchema union, _):
                var branch = union.Branches[ValueBranch.Of(union, value)];
                json.WriteStartObject();
                WriteMember(json, branch.BranchName, branch, value);
                json.WriteEndObject();
                break;
            default:
                throw ValueBranch.Misfit(schema, value);
        }
    }

    /// <summary>Reads a value.</summary>
    /// <param name="fault">What was found where, and what was expected; null when done.</param>
    public static bool TryRead(AvroSchema schema, string text, out object? value, [NotNullWhen(false)] out string? fault)
    {
        value = null;
        try
        {
            using var document = JsonDocument.Parse(text, new() { MaxDepth = DepthMax });
            fault = Read(schema, document.RootElement, "$", 0, out value);
        }
        catch (Exception cause) when (cause is JsonException or ArgumentException or InvalidOperationException)
        {
            fault = cause.Message; // the last two are what System.Text.Json says to half a surrogate pair
        }
        return fault is null;
    }

    private static string? Read(AvroSchema schema, JsonElement json, string path, int depth, out object? value)
    {
        value = null;
        if (depth > DecodeLimits.Default.DepthMax) return $"values inside each other at {path}: expected at most {DecodeLimits.Default.DepthMax}";
        switch (schema, json.ValueKind)
        {
            case (UnionSchema union, JsonValueKind.Null) when union.NullBranch >= 0:
                return null;
            case (UnionSchema union, JsonValueKind.Object):
                if (json.EnumerateObject().Count() != 1) break;
                var member = json.EnumerateObject().First();
                var branch = union.Branches.FirstOrDefault(one => one.BranchName == member.Name);
                return branch is null ? $"found branch \"{member.Name}\" at {path}, expected one of {SchemaText.Brief(union)}" : Read(branch, member.Value, path, depth, out value);
            case (RecordSchema record, JsonValueKind.Object):
                object?[] values = new object?[record.Fields.Count];
                foreach (var field in record.Fields)
                {
                    if (!json.TryGetProperty(field.Name, out var given)) return $"no \"{field.Name}\" at {path}";
                    if (Read(field.Schema, given, $"{path}.{field.Name}", depth + 1, out values[field.Position]) is { } inside) return inside;
                }
                value = new AvroRecord(record, values);
                return null;
            case (ArraySchema array, JsonValueKind.Array):
                var items = new List<object?>();
                foreach (var element in json.EnumerateArray())
                {
                    if (Read(array.Items, element, $"{path}[{items.Count}]", depth + 1, out object? item) is { } inside) return inside;
                    items.Add(item);
                }
                value = items;
                return null;
            case (MapSchema map, JsonValueKind.Object):
                var entries = new Dictionary<string, object?>();
                foreach (var property in json.EnumerateObject())
                {
                    if (Read(map.Values, property.Value, $"{path}[\"{property.Name}\"]", depth + 1, out object? entry) is { } inside) return inside;
                    entries[property.Name] = entry;
                }
                value = entries;
                return null;
            default:
                if (LeafJson.TryRead(schema, json, out value)) return null;
                break;
        }
        return $"found {SchemaBuilder.Show(json)} at {path}, expected {SchemaText.Brief(schema)}";
    }

    private static void WriteMember(Utf8JsonWriter json, string name, AvroSchema schema, object? value)
    {
        json.WritePropertyName(name);
        Write(schema, value, json);
    }

    private static string NameOf(double number) => double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
}
