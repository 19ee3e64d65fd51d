using System.Text;
using System.Text.Json;

namespace Etl.Codecs.Avro.Values;

/// <summary>Values without parts in JSON: as in defaults and in Avro's JSON encoding. Bytes are text of the characters U+0000 to U+00FF.</summary>
internal static class LeafJson
{
    /// <summary>False where the JSON is not of the schema's type, or the schema has parts.</summary>
    public static bool TryRead(AvroSchema schema, JsonElement json, out object? value)
    {
        value = null;
        switch (schema.Kind, json.ValueKind)
        {
            case (AvroKind.Null, JsonValueKind.Null):
                return true;
            case (AvroKind.Boolean, JsonValueKind.True or JsonValueKind.False):
                value = json.GetBoolean();
                return true;
            case (AvroKind.Int, _) when JsonNumbers.TryWhole(json, out long whole) && whole == (int)whole:
                value = (int)whole;
                return true;
            case (AvroKind.Long, _) when JsonNumbers.TryWhole(json, out long whole):
                value = whole;
                return true;
            case (AvroKind.Float, _) when JsonNumbers.TryReal(json, out float real):
                value = real;
                return true;
            case (AvroKind.Double, _) when JsonNumbers.TryReal(json, out double real):
                value = real;
                return true;
            case (AvroKind.String, JsonValueKind.String):
                value = json.GetString();
                return true;
            case (AvroKind.Bytes, JsonValueKind.String) when TryBytes(json.GetString()!, out byte[] bytes):
                value = bytes;
                return true;
            case (AvroKind.Fixed, JsonValueKind.String) when schema is FixedSchema size && TryBytes(json.GetString()!, out byte[] bytes) && bytes.Length == size.Size:
                value = new AvroFixed(size, bytes);
                return true;
            case (AvroKind.Enum, JsonValueKind.String) when schema is EnumSchema choice && choice.PlaceOf(json.GetString()!) is >= 0 and var place:
                value = new AvroEnum(choice, place);
                return true;
            default:
                return false;
        }
    }

    public static string TextOf(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    private static bool TryBytes(string text, out byte[] bytes)
    {
        bool fits = text.All(one => one <= '\u00FF');
        bytes = fits ? Encoding.Latin1.GetBytes(text) : [];
        return fits;
    }
}
