using System.Text.Json;
using Etl.Codecs.Avro;

namespace Etl.Embedded.Registry;

/// <summary>The schema that a request's body holds, parsed.</summary>
internal static class SchemaRequest
{
    private const string Avro = "AVRO";
    private const int SubjectCharactersMax = 512;

    /// <exception cref="RegistryFaultException">The body, the subject or the schema is none.</exception>
    public static AvroSchema Parse(RegistryRequest request, string subject)
    {
        if (subject is "__GLOBAL" or "__EMPTY" || subject.Length > SubjectCharactersMax || subject.Any(char.IsControl))
            throw new RegistryFaultException(RegistryFault.InvalidSubject(subject));
        var body = request.Json();
        if (TextOf(body, "schemaType") is { } type and not Avro) throw new RegistryFaultException(RegistryFault.InvalidType(type));
        if (body.TryGetProperty("references", out var references) && references.ValueKind == JsonValueKind.Array && references.GetArrayLength() > 0)
            throw new RegistryFaultException(RegistryFault.InvalidSchema(subject, "it has references to other subjects, which this registry does not have; send one text with all types"));
        if (TextOf(body, "schema") is not { Length: > 0 } text) throw new RegistryFaultException(RegistryFault.InvalidSchema(subject, "it is empty"));
        return SchemaParser.TryParse(text, out var schema, out var problem) ? schema : throw new RegistryFaultException(RegistryFault.InvalidSchema(subject, problem.ToString()));
    }

    /// <exception cref="RegistryFaultException">The client chose an id or a version: only the registry does.</exception>
    public static void RefuseGivenNumbers(RegistryRequest request, string subject)
    {
        var body = request.Json();
        foreach (string name in (string[])["id", "version"])
            if (body.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out long given) && given > 0)
                throw new RegistryFaultException(RegistryFault.NotPermitted($"Subject {subject} in context  is not in import or forward mode"));
    }

    private static string? TextOf(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null) return null;
        return member.ValueKind == JsonValueKind.String ? member.GetString()
            : throw new RegistryFaultException(RegistryFault.BadBody($"\"{name}\" is of kind {member.ValueKind}: expected a string"));
    }
}
