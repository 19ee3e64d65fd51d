using System.Text.Json;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Binary;
using Etl.Codecs.Avro.Resolution;
using Etl.Codecs.Avro.Values;

namespace Etl.Tests.Unit.Codecs.Avro.Values;

public sealed class MalformedVectorTests
{
    /// <summary>Where we refuse what the Java library reads, and why.</summary>
    private static readonly Dictionary<string, DecodeFault> Stricter = new()
    {
        ["7ccfe61b37750cdf"] = DecodeFault.InvalidNumber, // an int of 33 bits: the Java library drops the top bit
        ["4a37651683a417df"] = DecodeFault.InvalidBoolean, // a boolean of 2: the Java library reads false
        ["9006dd04473e6f75"] = DecodeFault.InvalidText, // half a surrogate pair: the Java library reads U+FFFD
    };

    [Fact]
    public void Every_malformed_datum_is_refused_and_every_sound_one_read() =>
        Golden.Lines("vectors-malformed.ndjson").ShouldHoldForAll(51, line =>
        {
            var plan = DecodePlan.Of(SchemaParser.Parse(line.Text("schema")));
            var reader = new AvroReader(line.Hex("bytes_hex"));
            bool done = plan.TryRead(ref reader, out object? value);
            if (Stricter.TryGetValue(line.Text("id"), out var stricter)) return !done && reader.Fault == stricter ? null : $"{reader.Fault} instead of {stricter}";
            if (done != line.GetProperty("ok").GetBoolean()) return done ? "read, expected a fault" : reader.Problem.ToString();
            if (!done) return reader.Fault == DecodeFault.None ? "no fault named" : null;
            if (reader.Remaining != line.GetProperty("trailing_bytes").GetInt32()) return $"{reader.Remaining} bytes left";
            if (!line.TryGetProperty("value_json", out var expected) || expected.ValueKind == JsonValueKind.Null) return null;
            return JsonElement.DeepEquals(expected, JsonDocument.Parse(AvroJson.Write(plan.Reader, value)).RootElement) ? null : $"{AvroJson.Write(plan.Reader, value)} instead of {expected}";
        });
}
