using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Etl.Codecs.Avro;
using Etl.Embedded.Registry;

namespace Etl.Tests.Conformance.Registry;

/// <summary>Replays the exchanges recorded from a genuine registry, in their order, against the embedded one.</summary>
public sealed class GoldenExchangeTests
{
    private const int Exchanges = 101;

    /// <summary>What the embedded registry does not have; the numbers are those of the recording.</summary>
    private static readonly Dictionary<int, string> LeftOut = new (int From, int To, string Reason)[]
    {
        (8, 8, "compatibility is not checked yet"), (18, 18, "Avro alone"), (44, 52, "levels cannot be set"), (53, 60, "compatibility is not checked yet"), (62, 62, "compatibility is not checked yet"),
        (64, 65, "compatibility is not checked yet"), (67, 67, "compatibility is not checked yet"), (70, 77, "no modes but READWRITE"), (81, 84, "no references"),
    }.SelectMany(range => Enumerable.Range(range.From, range.To - range.From + 1), (range, number) => (number, range.Reason)).ToDictionary();

    private readonly Dictionary<int, int> ids = []; // theirs to ours: left-out registrations used some up

    [Fact]
    public async Task Every_recorded_exchange_of_an_implemented_call_is_answered_alike()
    {
        string folder = Directory.CreateTempSubdirectory("etl-registry-").FullName;
        await using (var registry = await SchemaRegistry.StartAsync(new() { Folder = folder }, TimeProvider.System, TestContext.Current.CancellationToken))
        {
            using var client = new HttpClient();
            var lines = (await File.ReadAllLinesAsync(GoldenPath(), TestContext.Current.CancellationToken)).Select(line => JsonNode.Parse(line)!).ToList();
            lines.Count.ShouldBe(Exchanges);
            foreach (var line in lines.Where(line => !LeftOut.ContainsKey((int)line["n"]!))) await ReplayAsync(client, registry.Endpoint, line);
        }
        Directory.Delete(folder, recursive: true);
    }

    private async Task ReplayAsync(HttpClient client, Uri endpoint, JsonNode line)
    {
        string what = $"{line["n"]} {line["note"]}";
        var (sent, expected) = (line["request"]!, line["response"]!);
        using var request = new HttpRequestMessage(new((string)sent["method"]!), new Uri(endpoint, (string)sent["path"]!));
        request.Headers.TryAddWithoutValidation("Accept", (string?)sent["headers"]!["Accept"]);
        if (sent["body"] is { } body)
        {
            string text = body is JsonValue value && value.TryGetValue(out string? raw) ? raw : body.ToJsonString();
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse((string)sent["headers"]!["Content-Type"]!);
        }
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        string found = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        ((int)answer.StatusCode).ShouldBe((int)expected["status"]!, $"{what}: {found}");
        if ((string?)expected["content_type"] is { } type) answer.Content.Headers.ContentType!.MediaType.ShouldBe(type, what);
        Compare(JsonNode.Parse(found), expected["body"], what);
    }

    private void Compare(JsonNode? found, JsonNode? expected, string what)
    {
        switch (expected)
        {
            case JsonObject members:
                foreach (var (name, value) in members)
                {
                    if (name is "guid" or "ts") continue; // a hash of the server's own, and its clock
                    if (name == "message" && (int)members["error_code"]! is 400 or 42201) continue; // its parser's words
                    var ours = found.ShouldBeOfType<JsonObject>(what)[name];
                    if (name == "schema") SchemaParser.Parse((string)ours!).ToString().ShouldBe(SchemaParser.Parse((string)value!).ToString(), what);
                    else if (name == "id") SameId((int)ours!, (int)value!).ShouldBeTrue($"{what}: id {ours} for their {value}");
                    else Compare(ours, value, $"{what}/{name}");
                }
                break;
            case JsonArray list:
                var wanted = list.Where(one => one?.ToJsonString() is not ("\"fix\"" or "\"imported\"")).ToList(); // subjects of what is left out
                var items = found.ShouldBeOfType<JsonArray>(what);
                items.Count.ShouldBe(wanted.Count, $"{what}: {found}");
                for (int i = 0; i < wanted.Count; i++) Compare(items[i], wanted[i], $"{what}[{i}]");
                break;
            default:
                JsonNode.DeepEquals(found, expected).ShouldBeTrue($"{what}: found {found?.ToJsonString()}, expected {expected?.ToJsonString()}");
                break;
        }
    }

    private bool SameId(int ours, int theirs)
    {
        if (!ids.TryGetValue(theirs, out int known))
        {
            if (ids.ContainsValue(ours)) return false;
            ids.Add(theirs, known = ours);
        }
        return known == ours;
    }

    private static string GoldenPath() => SourceTree.PathOf("tests", "Golden", "registry", "exchanges.ndjson");
}
