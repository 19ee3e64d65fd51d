using System.Text.Json;

namespace Etl.Codecs.Avro.Values;

/// <summary>Makes the value that a field's default stands for. A default may be of any branch of its union: the first that its JSON fits.</summary>
public static class DefaultValue
{
    /// <summary>Values that one default may stand for, those of the fields that it leaves out included.</summary>
    public const int ValuesMax = 100_000;

    /// <summary>Values inside each other in one default.</summary>
    public const int DepthMax = 256;

    /// <summary>False where the default does not fit after all (a fixed's length, an enum's symbol), or stands for too many values.</summary>
    /// <param name="fault">Why not, else empty.</param>
    public static bool TryMake(RecordField field, out object? value, out string fault)
    {
        int left = ValuesMax;
        fault = "";
        value = null;
        if (field.Default is { } json && TryMake(field.Schema, json, 0, new(), ref left, out value, ref fault)) return true;
        if (fault.Length == 0) fault = field.HasDefault ? $"the default {SchemaBuilder.Show(field.Default!.Value)} does not fit {SchemaText.Brief(field.Schema)}" : "there is no default";
        return false;
    }

    private static bool TryMake(AvroSchema schema, JsonElement json, int depth, DefaultCheck check, ref int left, out object? value, ref string fault)
    {
        value = null;
        if (--left < 0 || depth > DepthMax)
        {
            fault = $"the default stands for more than {ValuesMax:N0} values or {DepthMax} inside each other";
            return false;
        }
        switch (schema)
        {
            case UnionSchema union:
                return union.Branches.FirstOrDefault(branch => check.Fits(branch, json)) is { } fitting && TryMake(fitting, json, depth, check, ref left, out value, ref fault);
            case RecordSchema record:
                return TryMakeRecord(record, json, depth, check, ref left, out value, ref fault);
            case ArraySchema array when json.ValueKind == JsonValueKind.Array:
                var items = new List<object?>();
                foreach (var element in json.EnumerateArray())
                {
                    if (!TryMake(array.Items, element, depth + 1, check, ref left, out object? item, ref fault)) return false;
                    items.Add(item);
                }
                value = items;
                return true;
            case MapSchema map when json.ValueKind == JsonValueKind.Object:
                var entries = new Dictionary<string, object?>();
                foreach (var property in json.EnumerateObject())
                {
                    if (!TryMake(map.Values, property.Value, depth + 1, check, ref left, out object? entry, ref fault)) return false;
                    entries[property.Name] = entry;
                }
                value = entries;
                return true;
            default:
                return LeafJson.TryRead(schema, json, out value);
        }
    }

    private static bool TryMakeRecord(RecordSchema record, JsonElement json, int depth, DefaultCheck check, ref int left, out object? value, ref string fault)
    {
        value = null;
        if (json.ValueKind != JsonValueKind.Object) return false;
        object?[] values = new object?[record.Fields.Count];
        foreach (var field in record.Fields)
        {
            if (!json.TryGetProperty(field.Name, out var given))
            {
                if (!field.HasDefault) return false;
                given = field.Default!.Value;
            }
            if (!TryMake(field.Schema, given, depth + 1, check, ref left, out values[field.Position], ref fault)) return false;
        }
        value = new AvroRecord(record, values);
        return true;
    }
}
