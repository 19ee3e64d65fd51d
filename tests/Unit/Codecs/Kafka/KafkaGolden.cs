using System.Text.Json;

namespace Etl.Tests.Unit.Codecs.Kafka;

/// <summary>The files of tests/Golden/kafka.</summary>
internal static class KafkaGolden
{
    public static IEnumerable<JsonElement> Lines(string name) => File.ReadLines(Path.Combine(Folder, name)).Select(line => JsonDocument.Parse(line).RootElement);

    public static IEnumerable<JsonElement> Captures() =>
        Directory.EnumerateFiles(Path.Combine(Folder, "captures"), "*.ndjson").Order(StringComparer.Ordinal).SelectMany(path => Lines(path));

    public static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);

    private static string Folder
    {
        get
        {
            string? folder = AppContext.BaseDirectory;
            while (folder is not null && !File.Exists(Path.Combine(folder, "Etl.sln"))) folder = Path.GetDirectoryName(folder);
            return Path.Combine(folder ?? throw new DirectoryNotFoundException("no Etl.sln above the tests"), "tests", "Golden", "kafka");
        }
    }
}
