using System.Text.Json;

namespace Etl.Codecs.Avro;

/// <summary>
/// Whether a default's JSON is of the field's type. As in the Java library a default may be of any branch of a union, and the length of a
/// fixed and the symbol of an enum are looked at only when the default is used.
/// </summary>
internal static class DefaultCheck
{
    public static void Demand(RecordField field, string path)
    {
        if (!Fits(field.Schema, field.Default!.Value))
            throw SchemaBuilder.Refused($"default {SchemaBuilder.Show(field.Default.Value)}", $"JSON of type {SchemaText.Brief(field.Schema)}", path);
    }

    /// <summary>As deep as the JSON is: fields that the JSON leaves out need a default of their own, which is checked where it stands.</summary>
    public static bool Fits(AvroSchema schema, JsonElement json) => (schema, json.ValueKind) switch
    {
        (UnionSchema union, _) => union.Branches.Any(branch => Fits(branch, json)),
        (RecordSchema record, JsonValueKind.Object) => record.Fields.All(field => json.TryGetProperty(field.Name, out var value) ? Fits(field.Schema, value) : field.HasDefault),
        (ArraySchema array, JsonValueKind.Array) => json.EnumerateArray().All(item => Fits(array.Items, item)),
        (MapSchema map, JsonValueKind.Object) => json.EnumerateObject().All(entry => Fits(map.Values, entry.Value)),
        ({ Kind: AvroKind.Null }, JsonValueKind.Null) => true,
        ({ Kind: AvroKind.Boolean }, JsonValueKind.True or JsonValueKind.False) => true,
        ({ Kind: AvroKind.Int }, JsonValueKind.Number) => JsonNumbers.TryWhole(json, out long whole) && whole == (int)whole,
        ({ Kind: AvroKind.Long }, JsonValueKind.Number) => JsonNumbers.TryWhole(json, out _),
        ({ Kind: AvroKind.Float or AvroKind.Double }, JsonValueKind.Number) => true,
        ({ Kind: AvroKind.Float or AvroKind.Double }, JsonValueKind.String) => JsonNumbers.TryReal(json, out double _),
        ({ Kind: AvroKind.Bytes or AvroKind.String or AvroKind.Enum or AvroKind.Fixed }, JsonValueKind.String) => true,
        _ => false,
    };
}
