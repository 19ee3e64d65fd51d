using System.Text.Json;

namespace Etl.Tests.Unit.Codecs.Kafka;

/// <summary>The files of tests/Golden/kafka.</summary>
internal static class KafkaGolden
{
    public static IEnumerable<JsonElement> Lines(string name) => File.ReadLines(Path.Combine(Folder, name)).Select(line => JsonDocument.Parse(line).RootElement);

    public static IEnumerable<JsonElement> Captures() =>
        Directory.EnumerateFiles(Path.Combine(Folder, "captures"), "*.ndjson").Order(StringComparer.Ordinal).SelectMany(path => Lines(path));

    public static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);

    private static string Folder => SourceTree.PathOf("tests", "Golden", "kafka");
}
