using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Etl.Embedded.Registry;

namespace Etl.Tests.Conformance.Registry;

/// <summary>The embedded registry, and what only it promises.</summary>
public sealed class EmbeddedRegistryConformance : RegistryConformance
{
    private readonly string home = Directory.CreateTempSubdirectory("etl-registry-").FullName;
    private SchemaRegistry? registry;

    private RegistryOptions Options => new() { Folder = home, BodyBytesMax = 64 * 1024 };

    protected override async Task<Uri> StartAsync()
    {
        registry = await SchemaRegistry.StartAsync(Options, TimeProvider.System, Cancel);
        return registry.Endpoint;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (registry is not null) await registry.DisposeAsync();
        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task The_text_given_back_is_the_text_first_sent()
    {
        using var directory = DirectoryOver(Endpoint);
        const string Sent = "{ \"name\":\"R\",\n \"type\" : \"record\", \"fields\":[], \"doc\":\"straße 日本\" }";
        int id = await directory.RegisterAsync("s", Sent, Cancel);
        (await directory.RegisterAsync("t", """{"type":"record","name":"R","doc":"straße 日本","fields":[]}""", Cancel)).ShouldBe(id);
        (await directory.LatestAsync("t", Cancel))!.Text.ShouldBe(Sent);
    }

    [Fact]
    public async Task Ids_versions_and_deletions_are_kept_over_a_restart_and_ids_are_not_used_again()
    {
        using var client = new HttpClient { BaseAddress = Endpoint };
        (await RegisterAsync(client, "a", "\"int\"")).ShouldBe(1);
        (await RegisterAsync(client, "a", "\"long\"")).ShouldBe(2);
        (await RegisterAsync(client, "b", "\"string\"")).ShouldBe(3);
        await client.DeleteAsync("subjects/b", Cancel);
        await client.DeleteAsync("subjects/b?permanent=true", Cancel);
        await client.DeleteAsync("subjects/a/versions/1", Cancel);

        await registry!.DisposeAsync();
        registry = await SchemaRegistry.StartAsync(Options, TimeProvider.System, Cancel);
        using var again = new HttpClient { BaseAddress = registry.Endpoint };
        (await again.GetStringAsync("subjects/a/versions?deleted=true", Cancel)).ShouldBe("[1,2]");
        (await again.GetStringAsync("subjects/a/versions", Cancel)).ShouldBe("[2]");
        (await again.GetStringAsync("schemas/ids/1/schema", Cancel)).ShouldBe("\"int\"");
        (await again.GetAsync("schemas/ids/3", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await RegisterAsync(again, "b", "\"string\"")).ShouldBe(4);
    }

    [Fact]
    public async Task Paths_that_Confluents_clients_probe_and_bodies_beyond_the_bound_get_proper_errors()
    {
        using var client = new HttpClient { BaseAddress = Endpoint };
        await ShouldRefuseAsync(await client.GetAsync("associations/resources/-/t", Cancel), 404, 404);
        await ShouldRefuseAsync(await client.PutAsync("config", Json("""{"compatibility":"NONE"}"""), Cancel), 422, 42205);
        await ShouldRefuseAsync(await client.PostAsync("subjects/s/versions", Json($$"""{"schema":"{{new string(' ', 70_000)}}"}"""), Cancel), 413, 413);
        await ShouldRefuseAsync(await client.PostAsync("subjects/s/versions", Json(""), Cancel), 422, 42201);
        await ShouldRefuseAsync(await client.PostAsync("subjects/__GLOBAL/versions", Json("""{"schema":"\"int\""}"""), Cancel), 422, 42208);
    }

    [Fact]
    public async Task A_taken_port_and_a_folder_in_use_are_told_in_one_line()
    {
        string elsewhere = Directory.CreateTempSubdirectory("etl-registry-").FullName;
        var port = await Should.ThrowAsync<IOException>(() => SchemaRegistry.StartAsync(new() { Folder = elsewhere, Port = Endpoint.Port }, TimeProvider.System, Cancel));
        port.Message.ShouldContain($"port {Endpoint.Port} of 127.0.0.1 is taken");
        var folder = await Should.ThrowAsync<IOException>(() => SchemaRegistry.StartAsync(Options, TimeProvider.System, Cancel));
        folder.Message.ShouldContain("schemas.log cannot be opened");
        Directory.Delete(elsewhere, recursive: true);
    }

    [Fact]
    public async Task Many_clients_at_once_get_one_id_for_one_schema()
    {
        using var client = new HttpClient { BaseAddress = Endpoint };
        var ids = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => RegisterAsync(client, $"s{number % 7}", $$"""{"type":"fixed","name":"F","size":{{number % 10 + 1}}}""")));
        ids.Distinct().Order().ShouldBe(Enumerable.Range(1, 10));
    }

    private static async Task<int> RegisterAsync(HttpClient client, string subject, string schema)
    {
        var answer = await client.PostAsync($"subjects/{subject}/versions", Json(new JsonObject { ["schema"] = schema }.ToJsonString()), Cancel);
        return (int)(await answer.Content.ReadFromJsonAsync<JsonObject>(Cancel))!["id"]!;
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/vnd.schemaregistry.v1+json");

    private static async Task ShouldRefuseAsync(HttpResponseMessage answer, int status, int code)
    {
        string body = await answer.Content.ReadAsStringAsync(Cancel);
        ((int)answer.StatusCode).ShouldBe(status, body);
        var fault = JsonNode.Parse(body)!;
        ((int)fault["error_code"]!).ShouldBe(code, body);
        ((string?)fault["message"]).ShouldNotBeNullOrEmpty();
    }
}
