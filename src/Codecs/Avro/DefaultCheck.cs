using System.Text.Json;

namespace Etl.Codecs.Avro;

/// <summary>
/// Whether a default's JSON is of a schema's type. As in the Java library a default may be of any branch of a union, and the length of a
/// fixed and the symbol of an enum are looked at only when the default is used.
/// </summary>
internal sealed class DefaultCheck
{
    /// <summary>Comparisons made in one text. Records in unions in records can make each level try several branches.</summary>
    public const int StepsMax = 1_000_000;

    private const int NamesComparedPerStep = 16;

    private long steps;

    public void Demand(RecordField field, string path)
    {
        if (Fits(field.Schema, field.Default!.Value)) return;
        throw steps > StepsMax
            ? SchemaBuilder.Refused($"defaults that take more than {StepsMax:N0} comparisons", "simpler defaults", path)
            : SchemaBuilder.Refused($"default {SchemaBuilder.Show(field.Default.Value)}", $"JSON of type {SchemaText.Brief(field.Schema)}", path);
    }

    /// <summary>As deep as the JSON is: fields that the JSON leaves out need a default of their own, which is checked where it stands. False too when the comparisons are used up.</summary>
    public bool Fits(AvroSchema schema, JsonElement json) => ++steps <= StepsMax && (schema, json.ValueKind) switch
    {
        (UnionSchema union, _) => union.Branches.Any(branch => Fits(branch, json)),
        (RecordSchema record, JsonValueKind.Object) => FitsRecord(record, json),
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

    private bool FitsRecord(RecordSchema record, JsonElement json)
    {
        steps += (long)record.Fields.Count * json.GetPropertyCount() / NamesComparedPerStep; // a property is found by looking through them
        return steps <= StepsMax && record.Fields.All(field => json.TryGetProperty(field.Name, out var value) ? Fits(field.Schema, value) : field.HasDefault);
    }
}
