using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Etl.Contracts.Commits;

namespace Etl.Lake;

/// <summary>What each file says of itself in its Parquet footer, under the key <see cref="Key"/>: enough to rebuild the manifest of a lost store.</summary>
public sealed record LakeFooter
{
    public const string Key = "etl";

    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The store that lists the file; "" in files that are older than this field.</summary>
    public string Store { get; init; } = "";

    /// <summary>With the schema's text, so that the lake is readable without store and registry.</summary>
    public required DatasetSchema Schema { get; init; }

    public required IReadOnlyList<WindowRows> Windows { get; init; }

    /// <summary>Empty for results.</summary>
    public IReadOnlyList<OffsetRange> Offsets { get; init; } = [];

    /// <summary>For results: the commit whose state was read. 0 for events.</summary>
    public long AsOf { get; init; }

    /// <summary>For a compacted file: the paths whose rows it holds.</summary>
    public IReadOnlyList<string> Replaces { get; init; } = [];

    [JsonIgnore]
    public long Rows => Windows.Sum(window => window.Rows);

    public string Write() => JsonSerializer.Serialize(this, Form);

    /// <returns>null when the bytes are not a footer of ours.</returns>
    public static LakeFooter? Read(ReadOnlySpan<byte> json)
    {
        try { return JsonSerializer.Deserialize<LakeFooter>(json, Form); }
        catch (Exception error) when (error is JsonException or DecoderFallbackException) { return null; }
    }
}
