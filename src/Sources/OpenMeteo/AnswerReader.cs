using System.Globalization;
using System.Text.Json;

namespace Etl.Sources.OpenMeteo;

/// <summary>
/// Reads an answer in one pass: an object for one place, a list for several. Members that nobody asked for are passed over. Both forms of time are
/// taken: local wall clock (<c>2024-03-31T02:00</c>, <c>2024-03-31</c>) and seconds since 1970 UTC.
/// </summary>
internal ref struct AnswerReader
{
    private readonly string section;
    private readonly string unitsSection;
    private Utf8JsonReader json;

    private AnswerReader(ReadOnlySpan<byte> body, string section)
    {
        json = new(body);
        this.section = section;
        unitsSection = section + "_units";
    }

    /// <summary>The places of an answer, in its order.</summary>
    /// <param name="section"><c>hourly</c> or <c>daily</c>.</param>
    /// <exception cref="JsonException">The bytes are no JSON: cut off, or something else altogether.</exception>
    /// <exception cref="AnswerShapeException">They are JSON of another shape.</exception>
    public static List<PlaceAnswer> Read(ReadOnlySpan<byte> body, string section)
    {
        var reader = new AnswerReader(body, section);
        var places = new List<PlaceAnswer>();
        reader.json.Read();
        if (reader.json.TokenType == JsonTokenType.StartArray)
            while (reader.json.Read() && reader.json.TokenType != JsonTokenType.EndArray) places.Add(reader.ReadPlace());
        else places.Add(reader.ReadPlace());
        reader.json.Read(); // refuses what stands behind the end
        return places;
    }

    private PlaceAnswer ReadPlace()
    {
        var place = new PlaceAnswer();
        bool isLocalTime = true, isError = false;
        string reason = "";
        Expect(JsonTokenType.StartObject, "an answer");
        while (NextName() is { } name)
        {
            if (name == "latitude") place.Latitude = Number(name);
            else if (name == "longitude") place.Longitude = Number(name);
            else if (name == "utc_offset_seconds") place.UtcOffsetSeconds = (int)Math.Clamp(Number(name) ?? 0, int.MinValue, int.MaxValue);
            else if (name == unitsSection) place.Units = ReadUnits();
            else if (name == section) ReadColumns(place, out isLocalTime);
            else if (name == "error") isError = json.TokenType == JsonTokenType.True;
            else if (name == "reason") reason = json.TokenType == JsonTokenType.String ? Text() : "";
            else json.Skip();
        }
        if (isError) throw new AnswerShapeException($"found an error in the answer, \"{reason}\", expected data");
        if (!isLocalTime && place.Times is { } times)
            for (int index = 0; index < times.Count; index++) times[index] += place.UtcOffsetSeconds;
        return place;
    }

    private Dictionary<string, string> ReadUnits()
    {
        var units = new Dictionary<string, string>();
        Expect(JsonTokenType.StartObject, unitsSection);
        while (NextName() is { } name) units[name] = json.TokenType == JsonTokenType.String ? Text() : throw Unexpected($"{unitsSection}.{name}", "a text");
        return units;
    }

    private void ReadColumns(PlaceAnswer place, out bool isLocalTime)
    {
        isLocalTime = true;
        Expect(JsonTokenType.StartObject, section);
        while (NextName() is { } name)
        {
            Expect(JsonTokenType.StartArray, $"{section}.{name}");
            if (name == "time") place.Times = ReadTimes(out isLocalTime);
            else place.Columns[name] = ReadValues(name);
        }
    }

    private List<double?> ReadValues(string name)
    {
        var values = new List<double?>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            // Sunrise and its like are texts: no column that is asked for here, but of a variable by mistake.
            if (json.TokenType is not (JsonTokenType.Number or JsonTokenType.Null)) throw Unexpected($"{section}.{name}[{values.Count}]", "a number or null");
            values.Add(Number(name));
        }
        return values;
    }

    private List<long> ReadTimes(out bool isLocalTime)
    {
        var times = new List<long>();
        isLocalTime = true;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.Number && json.TryGetInt64(out long seconds))
            {
                isLocalTime = false;
                times.Add(seconds);
            }
            else if (json.TokenType == JsonTokenType.String && DateTime.TryParseExact(
                Text(), ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
                times.Add(new DateTimeOffset(time).ToUnixTimeSeconds());
            else throw Unexpected($"{section}.time[{times.Count}]", "a time such as 2024-03-31T02:00, 2024-03-31 or 1711843200");
        }
        return times;
    }

    /// <summary>Reads on to a member's value; null at the object's end.</summary>
    private string? NextName()
    {
        json.Read();
        if (json.TokenType == JsonTokenType.EndObject) return null;
        string name = Text();
        json.Read();
        return name;
    }

    private readonly string Text()
    {
        try { return json.GetString()!; }
        catch (InvalidOperationException noText) { throw new JsonException($"a text at byte {json.TokenStartIndex:N0} is no UTF-8", noText); } // damaged on the way, as a cut body is
    }

    private readonly double? Number(string name) =>
        json.TokenType == JsonTokenType.Null ? null
        : json.TokenType == JsonTokenType.Number && json.TryGetDouble(out double value) && double.IsFinite(value) ? value
        : throw Unexpected(name, "a number");

    private readonly void Expect(JsonTokenType type, string where)
    {
        if (json.TokenType != type) throw Unexpected(where, type == JsonTokenType.StartObject ? "an object" : "a list");
    }

    private readonly AnswerShapeException Unexpected(string where, string expected) => new($"{where}: found {json.TokenType} at byte {json.TokenStartIndex:N0}, expected {expected}");
}

/// <summary>An answer is JSON, but not of the agreed shape.</summary>
internal sealed class AnswerShapeException(string message) : Exception(message);
