using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Etl.Codecs.Avro;

/// <summary>Numbers in schemas' defaults and in Avro's JSON encoding.</summary>
internal static class JsonNumbers
{
    private const int ExponentDigitsMax = 2;

    /// <summary>A whole number without a point; an exponent is allowed (<c>3e9</c>) while the value is whole and fits.</summary>
    public static bool TryWhole(JsonElement json, out long value)
    {
        value = 0;
        if (json.ValueKind != JsonValueKind.Number) return false;
        if (json.TryGetInt64(out value)) return true;
        string text = json.GetRawText();
        int exponent = text.IndexOfAny(['e', 'E']);
        if (exponent < 0 || text.Contains('.') || text.Length - exponent - 1 > ExponentDigitsMax + 1 || exponent > 20) return false;
        if (!BigInteger.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var whole)) return false;
        if (whole < long.MinValue || whole > long.MaxValue) return false;
        value = (long)whole;
        return true;
    }

    /// <summary>A number, or text as the Java library writes what JSON has no number for: <c>"NaN"</c>, <c>"Infinity"</c>, <c>"-Infinity"</c>.</summary>
    public static bool TryReal(JsonElement json, out double value)
    {
        value = 0;
        if (json.ValueKind == JsonValueKind.Number)
        {
            value = double.Parse(json.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture); // 1e999 is infinite
            return true;
        }
        if (json.ValueKind != JsonValueKind.String) return false;
        string text = json.GetString()!;
        double? named = text switch { "NaN" => double.NaN, "Infinity" or "INF" => double.PositiveInfinity, "-Infinity" or "-INF" => double.NegativeInfinity, _ => null };
        if (named is null) return double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value);
        value = named.Value;
        return true;
    }

    /// <summary>As its neighbour, rounded once to a float (not by way of a double).</summary>
    public static bool TryReal(JsonElement json, out float value)
    {
        value = 0;
        if (json.ValueKind == JsonValueKind.Number)
        {
            value = float.Parse(json.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture);
            return true;
        }
        if (!TryReal(json, out double wide)) return false;
        value = (float)wide;
        return true;
    }
}
