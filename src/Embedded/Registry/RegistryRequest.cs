using System.Text.Json;

namespace Etl.Embedded.Registry;

/// <summary>One request, taken apart. Nothing of it has been checked yet but its size.</summary>
/// <param name="Path">Segments, percent signs decoded: a subject may hold slashes.</param>
/// <param name="ContentType">Without parameters; null where none was sent.</param>
internal sealed record RegistryRequest(string Method, string[] Path, IReadOnlyDictionary<string, string> Query, string? ContentType, string Accept, ReadOnlyMemory<byte> Body)
{
    public const string VersionedJson = "application/vnd.schemaregistry.v1+json";
    public const string PlainJson = "application/json";

    private const int PathSegmentsMax = 8;
    private static readonly string[] Answered = [VersionedJson, "application/vnd.schemaregistry+json", PlainJson];

    /// <param name="target">As on the request's first line: path and query, still encoded.</param>
    public static RegistryRequest Parse(string method, string target, string? contentType, string accept, ReadOnlyMemory<byte> body)
    {
        string[] parts = target.Split('?', 2);
        string[] path = [.. parts[0].Split('/', PathSegmentsMax, StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string pair in parts.Length > 1 ? parts[1].Split('&', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            string[] sides = pair.Split('=', 2);
            query[Decoded(sides[0])] = sides.Length > 1 ? Decoded(sides[1]) : "";
        }
        return new(method, path, query, contentType?.Split(';')[0].Trim().ToLowerInvariant(), accept, body);

        static string Decoded(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
    }

    /// <summary>The type to answer in: the first that the client accepts; null when it accepts none of ours.</summary>
    public string? AnswerType
    {
        get
        {
            foreach (string range in Accept.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                string type = range.Split(';')[0].Trim().ToLowerInvariant();
                if (type is "*/*" or "application/*") return VersionedJson;
                if (Answered.Contains(type)) return type;
            }
            return string.IsNullOrWhiteSpace(Accept) ? VersionedJson : null;
        }
    }

    public bool HasJsonType => ContentType is null or "application/octet-stream" || Answered.Contains(ContentType);

    public bool Flag(string name) => Query.TryGetValue(name, out string? text) && text.Equals("true", StringComparison.OrdinalIgnoreCase);

    /// <summary>A number of the query; the default where it is missing, negative or none.</summary>
    public int Number(string name, int byDefault) => Query.TryGetValue(name, out string? text) && int.TryParse(text, out int number) && number >= 0 ? number : byDefault;

    public Shown Shown => Flag("deletedOnly") ? Shown.DeletedOnly : Flag("deleted") ? Shown.LiveAndDeleted : Shown.Live;

    /// <summary>The body as a JSON object.</summary>
    public JsonElement Json()
    {
        if (Body.IsEmpty) throw new RegistryFaultException(new(422, 42201, "Empty body: expected a JSON object with a schema"));
        try
        {
            using var document = JsonDocument.Parse(Body);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document.RootElement.Clone();
            throw new RegistryFaultException(RegistryFault.BadBody($"The body is JSON of kind {document.RootElement.ValueKind}: expected an object"));
        }
        catch (JsonException cause)
        {
            throw new RegistryFaultException(RegistryFault.BadBody($"The body is no JSON: {cause.Message}"));
        }
    }
}
