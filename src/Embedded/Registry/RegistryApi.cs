using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Etl.Embedded.Registry;

/// <summary>Confluent's REST API over the store, as far as this registry goes: one row a path.</summary>
/// <remarks>It names BACKWARD as its level, which is Confluent's default, but does not check compatibility yet; setting a level is refused.</remarks>
internal sealed class RegistryApi(SubjectStore store)
{
    private const string Level = "BACKWARD";
    private const int Latest = -1;

    private delegate JsonNode Handler(RegistryRequest request);

    /// <summary>The answer's body.</summary>
    /// <exception cref="RegistryFaultException">The request is refused.</exception>
    public JsonNode Answer(RegistryRequest request)
    {
        var path = Route(request.Path) ?? throw Fault(RegistryFault.Http(404, "Not Found"));
        var handler = request.Method switch
        {
            "GET" => path.Get,
            "POST" => path.Post,
            "PUT" => path.Put,
            "DELETE" => path.Delete,
            _ => null,
        };
        if (handler is null) throw Fault(RegistryFault.Http(405, "Method Not Allowed"));
        if (request.AnswerType is null) throw Fault(RegistryFault.Http(406, "Not Acceptable"));
        if (request.Method is "POST" or "PUT" && !request.HasJsonType) throw Fault(RegistryFault.Http(415, "Unsupported Media Type"));
        return handler(request);
    }

    private Methods? Route(string[] path) => path switch
    {
        [] => new(Get: _ => new JsonObject()),
        ["subjects"] => new(Get: ListSubjects),
        ["subjects", var subject] => new(Post: request => LookUp(request, subject), Delete: request => Numbers(store.DeleteSubject(subject, request.Flag("permanent")))),
        ["subjects", var subject, "versions"] => new(Get: request => ListVersions(request, subject), Post: request => Register(request, subject)),
        ["subjects", var subject, "versions", var number] => new(
            Get: request => Described(Version(request, subject, number), withTime: true), Delete: request => DeleteVersion(request, subject, number)),
        ["subjects", var subject, "versions", var number, "schema"] => new(Get: request => JsonOf(Version(request, subject, number))),
        ["schemas"] => new(Get: ListSchemas),
        ["schemas", "types"] => new(Get: _ => new JsonArray("AVRO")),
        ["schemas", "ids", var id] => new(Get: _ => Described(UsesOf(id)[0], withTime: true)),
        ["schemas", "ids", var id, "schema"] => new(Get: _ => JsonOf(UsesOf(id)[0])),
        ["schemas", "ids", var id, "subjects"] => new(Get: request => Names(ShownUses(request, id).Select(use => use.Subject).Distinct())),
        ["schemas", "ids", var id, "versions"] => new(Get: request => new JsonArray([.. ShownUses(request, id).Select(use => new JsonObject { ["subject"] = use.Subject, ["version"] = use.Version })])),
        ["contexts"] => new(Get: _ => new JsonArray(".")),
        ["config"] => new(Get: _ => LevelAnswer(), Put: RefuseLevel),
        ["config", var subject] => new(Get: request => request.Flag("defaultToGlobal") ? LevelAnswer() : throw Fault(RegistryFault.NoLevel(subject)), Put: RefuseLevel),
        ["mode"] => new(Get: _ => ModeAnswer()),
        ["mode", var subject] => new(Get: request => request.Flag("defaultToGlobal") ? ModeAnswer() : throw Fault(RegistryFault.NoMode(subject))),
        _ => null,
    };

    private JsonNode Register(RegistryRequest request, string subject)
    {
        var schema = SchemaRequest.Parse(request, subject);
        SchemaRequest.RefuseGivenNumbers(request, subject);
        var version = store.Register(subject, schema);
        return new JsonObject { ["id"] = version.Id, ["version"] = version.Version, ["schemaType"] = "AVRO", ["schema"] = version.Text };
    }

    private JsonNode LookUp(RegistryRequest request, string subject)
    {
        if (store.List(subject, request.Shown).Count == 0) throw Fault(RegistryFault.NoSubject(subject));
        return Described(store.Find(subject, SchemaRequest.Parse(request, subject), request.Shown) ?? throw Fault(RegistryFault.NoSchema), withTime: false);
    }

    private JsonArray ListSubjects(RegistryRequest request)
    {
        string prefix = request.Query.GetValueOrDefault("subjectPrefix", "");
        return Names(Page(request, store.List(request.Shown).Select(version => version.Subject).Distinct().Where(subject => subject.StartsWith(prefix, StringComparison.Ordinal))));
    }

    private JsonArray ListVersions(RegistryRequest request, string subject)
    {
        var versions = store.List(subject, request.Shown);
        return versions.Count > 0 ? Numbers(versions.Select(version => version.Version)) : throw Fault(RegistryFault.NoSubject(subject));
    }

    private JsonArray ListSchemas(RegistryRequest request)
    {
        string prefix = request.Query.GetValueOrDefault("subjectPrefix", "");
        var versions = store.List(request.Shown).Where(version => version.Subject.StartsWith(prefix, StringComparison.Ordinal));
        if (request.Flag("latestOnly")) versions = versions.GroupBy(version => version.Subject).Select(subject => subject.Last());
        return new([.. Page(request, versions).Select(version => Described(version, withTime: false))]);
    }

    private JsonNode DeleteVersion(RegistryRequest request, string subject, string text)
    {
        int number = NumberOf(text);
        if (number == Latest) number = Version(request, subject, text).Version;
        store.DeleteVersion(subject, number, request.Flag("permanent"));
        return JsonValue.Create(number);
    }

    private SubjectVersion Version(RegistryRequest request, string subject, string text)
    {
        int number = NumberOf(text);
        var versions = store.List(subject, request.Shown);
        if (versions.Count == 0) throw Fault(RegistryFault.NoSubject(subject));
        return number == Latest ? versions[^1] : versions.FirstOrDefault(version => version.Version == number) ?? throw Fault(RegistryFault.NoVersion(number));
    }

    private IReadOnlyList<SubjectVersion> UsesOf(string text)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int id)) throw Fault(RegistryFault.Http(404, "Not Found"));
        return store.UsesOf(id) is { Count: > 0 } uses ? uses : throw Fault(RegistryFault.NoSchemaId(id));
    }

    private IEnumerable<SubjectVersion> ShownUses(RegistryRequest request, string id) => UsesOf(id).Where(use => !use.IsDeleted || request.Shown != Shown.Live);

    private static int NumberOf(string text) => text is "latest" or "-1" ? Latest
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number
        : throw Fault(RegistryFault.InvalidVersion(text));

    private static JsonObject Described(SubjectVersion version, bool withTime)
    {
        var described = new JsonObject
        {
            ["subject"] = version.Subject, ["version"] = version.Version, ["id"] = version.Id, ["schemaType"] = "AVRO", ["schema"] = version.Text,
        };
        if (withTime) (described["ts"], described["deleted"]) = (version.At, version.IsDeleted);
        return described;
    }

    private static JsonNode JsonOf(SubjectVersion version) =>
        JsonNode.Parse(version.Text, documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, MaxDepth = 2_048 })!;

    private static IEnumerable<T> Page<T>(RegistryRequest request, IEnumerable<T> all) =>
        all.Skip(request.Number("offset", 0)).Take(request.Number("limit", int.MaxValue) is > 0 and var limit ? limit : int.MaxValue);

    private static JsonArray Names(IEnumerable<string> names) => new([.. names.Select(name => JsonValue.Create(name))]);

    private static JsonArray Numbers(IEnumerable<int> numbers) => new([.. numbers.Select(number => JsonValue.Create(number))]);

    private static JsonObject LevelAnswer() => new() { ["compatibilityLevel"] = Level };

    private static JsonObject ModeAnswer() => new() { ["mode"] = "READWRITE" };

    private static JsonNode RefuseLevel(RegistryRequest request) =>
        throw Fault(RegistryFault.NotPermitted("Compatibility levels cannot be set: this registry does not check compatibility"));

    private static RegistryFaultException Fault(RegistryFault fault) => new(fault);

    private sealed record Methods(Handler? Get = null, Handler? Post = null, Handler? Put = null, Handler? Delete = null);
}
