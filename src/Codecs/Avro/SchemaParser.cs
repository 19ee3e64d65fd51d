using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Etl.Codecs.Avro;

/// <summary>
/// Reads a schema's JSON text. As strict as the Java library, hence as the registries: comments, references to types defined later in the
/// text, an identical second definition, an enum without symbols, a union without branches and a default in any branch of its union pass.
/// </summary>
public static class SchemaParser
{
    /// <exception cref="SchemaException">The text is no schema, or beyond <paramref name="limits"/>.</exception>
    public static AvroSchema Parse(string text, SchemaLimits? limits = null)
    {
        limits ??= SchemaLimits.Default;
        if (text.Length > limits.TextMax)
            throw new SchemaException(new($"{text.Length:N0} characters", $"at most {limits.TextMax:N0} ({nameof(SchemaLimits.TextMax)})", "$"));
        try
        {
            var schema = new SchemaBuilder(limits).Build(ReadJson(text, limits));
            schema.Text = text;
            return schema;
        }
        catch (Exception cause) when (cause is JsonException or ArgumentException or InvalidOperationException)
        {
            // The last two are what System.Text.Json says to half a surrogate pair.
            throw new SchemaException(new(cause.Message, "JSON text", (cause as JsonException)?.Path ?? "$"), cause);
        }
    }

    /// <summary>As <see cref="Parse"/>, with the trouble as a value.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out AvroSchema? schema, [NotNullWhen(false)] out SchemaProblem? problem, SchemaLimits? limits = null)
    {
        try
        {
            (schema, problem) = (Parse(text, limits), null);
            return true;
        }
        catch (SchemaException refused)
        {
            (schema, problem) = (null, refused.Problem);
            return false;
        }
    }

    private static JsonElement ReadJson(string text, SchemaLimits limits)
    {
        // A record inside a record takes four levels of JSON: object, array of fields, field, its type.
        using var document = JsonDocument.Parse(text, new() { CommentHandling = JsonCommentHandling.Skip, MaxDepth = 4 * limits.DepthMax + 8 });
        return document.RootElement.Clone();
    }
}
