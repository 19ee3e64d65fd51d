using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Etl.Cli.Doctor;

/// <summary>Whether a Confluent-compatible registry answers, and whether it keeps schemas compatible.</summary>
/// <param name="login"><c>user:password</c>; null without.</param>
/// <param name="embedded">How the embedded registry is served; null where one is configured.</param>
internal sealed class RegistryCheck(Uri address, string? login, string? embedded, IReadOnlyList<string> subjects, Func<HttpMessageHandler> handler) : ICheck
{
    private const string Setting = "Etl__Registry__Url";
    private const int BytesMax = 16 << 20, TextMax = 60;

    public string Name => "registry";

    private string Base => address.ToString().TrimEnd('/');

    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancel)
    {
        using var http = new HttpClient(handler()) { Timeout = Bounded.AnswerMax, MaxResponseContentBufferSize = BytesMax };
        if (login is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(login)));
        try
        {
            var (subjectsThere, wrong) = await AskAsync(http, "subjects", JsonValueKind.Array, cancel);
            if (wrong is not null) return [wrong];
            (var config, wrong) = await AskAsync(http, "config", JsonValueKind.Object, cancel);
            if (wrong is not null) return [wrong];
            var all = new List<Finding> { Level(config, null) ?? Finding.Ok(Name, $"{embedded ?? Base}, {subjectsThere.GetArrayLength():N0} subject{(subjectsThere.GetArrayLength() == 1 ? "" : "s")}, level {LevelOf(config)}") };
            foreach (string subject in subjects)
            {
                using var own = await http.GetAsync($"{Base}/config/{Uri.EscapeDataString(subject)}", cancel);
                if (own.IsSuccessStatusCode && Parsed(await own.Content.ReadAsStringAsync(cancel)) is { ValueKind: JsonValueKind.Object } level && LevelOf(level) != LevelOf(config) && Level(level, subject) is { } weak) all.Add(weak);
            }
            return all;
        }
        catch (Exception trouble) when (trouble is HttpRequestException || (trouble is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            return [Finding.Away(Name, $"no answer at {Base} ({(trouble is TaskCanceledException ? $"within {Bounded.AnswerMax.TotalSeconds:0} s" : trouble.Message.TrimEnd('.'))})", "a running Confluent-compatible registry", $"start it, or correct {Setting}")];
        }
    }

    private async Task<(JsonElement Answer, Finding? Wrong)> AskAsync(HttpClient http, string path, JsonValueKind kind, CancellationToken cancel)
    {
        using var answer = await http.GetAsync($"{Base}/{path}", cancel);
        string at = $"{Base}/{path} answers {(int)answer.StatusCode}";
        if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            return (default, Finding.Fail(Name, $"{at}: {(login is null ? "it wants a login" : "it refuses the login")}", "200", "set Etl__Registry__User and Etl__Registry__Password to a user that may read and register"));
        if ((int)answer.StatusCode >= 500) return (default, Finding.Away(Name, at, "200", "look at the registry's log; if a proxy answers, start the registry behind it"));
        string text = await answer.Content.ReadAsStringAsync(cancel);
        if (answer.IsSuccessStatusCode && Parsed(text) is { } json && json.ValueKind == kind) return (json, null);
        return (default, Finding.Fail(Name, $"{at} {answer.Content.Headers.ContentType?.MediaType ?? "without a type"}: \"{Shortened(text)}\"", "JSON of a Confluent-compatible registry", $"correct {Setting}: another server is there, or the path is missing (Apicurio's is /apis/ccompat/v7)"));
    }

    /// <returns>null where the level is good.</returns>
    private Finding? Level(JsonElement config, string? subject)
    {
        string level = LevelOf(config);
        if (level.StartsWith("BACKWARD", StringComparison.Ordinal) || level.StartsWith("FULL", StringComparison.Ordinal)) return null;
        return Finding.Warn(Name, $"{embedded ?? Base}: the compatibility level{(subject is null ? "" : $" of {subject}")} is {level}: a schema may be registered that old records cannot be read by", "BACKWARD or FULL",
            $"curl -X PUT -H 'Content-Type: application/json' -d '{{\"compatibility\":\"BACKWARD\"}}' {Base}/config{(subject is null ? "" : $"/{Uri.EscapeDataString(subject)}")}");
    }

    private static string LevelOf(JsonElement config) => config.TryGetProperty("compatibilityLevel", out var level) && level.ValueKind == JsonValueKind.String ? level.GetString()! : "not told";

    private static JsonElement? Parsed(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException) { return null; }
    }

    private static string Shortened(string text)
    {
        string line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length > TextMax ? line[..TextMax] + "…" : line;
    }
}
