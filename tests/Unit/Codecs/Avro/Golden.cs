using System.Text.Json;

namespace Etl.Tests.Unit.Codecs.Avro;

/// <summary>The files of tests/Golden/avro; its README names their sources.</summary>
internal static class Golden
{
    public static string Root => SourceTree.Root;

    public static string PathOf(params string[] parts) => Path.Combine([Root, "tests", "Golden", "avro", .. parts]);

    /// <summary>One JSON object a line.</summary>
    public static IReadOnlyList<JsonElement> Lines(string name) => [.. File.ReadLines(PathOf(name)).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)];

    public static string Text(this JsonElement line, string name) => line.GetProperty(name).GetString()!;

    public static byte[] Hex(this JsonElement line, string name) => Convert.FromHexString(line.Text(name));

    /// <summary>Runs a check for every line and fails with all that are wrong, by id.</summary>
    public static void ShouldHoldForAll(this IReadOnlyCollection<JsonElement> lines, int expected, Func<JsonElement, string?> faultOf)
    {
        lines.Count.ShouldBe(expected);
        var faults = lines.Select(line => (Id: line.Text("id"), Fault: faultOf(line))).Where(one => one.Fault is not null).Select(one => $"{one.Id}: {one.Fault}").ToList();
        faults.ShouldBeEmpty(string.Join("\n", faults.Take(20)));
    }
}
