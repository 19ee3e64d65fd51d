using System.CommandLine;
using System.Text.Json.Nodes;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Topics.Registry;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Schemas of the registry, and the C# records made from those of the source tree.</summary>
internal static class SchemaCommand
{
    private static readonly Argument<string> SubjectArgument = new("subject") { Description = "The subject, e.g. Truck-Data-value" };
    private static readonly Option<int?> VersionOption = new("--version") { Description = "From 1 (default: the newest)", HelpName = "N" };

    public static Command New()
    {
        var list = new Verb("list", "Subjects of the registry with their newest schema", "etl schema list");
        list.SetAction(Invocation.Of((invocation, _, cancel) => ListAsync(invocation, cancel)));
        var show = new Verb("show", "The text of a schema", "etl schema show Truck-Data-value --version 1") { SubjectArgument, VersionOption };
        show.SetAction(Invocation.Of((invocation, parsed, cancel) => ShowAsync(invocation, parsed.GetValue(SubjectArgument)!, parsed.GetValue(VersionOption), cancel)));
        return new Verb("schema", "Schemas: list, show, and generate the C# records from them", "etl schema list") { list, show, SchemaGenerate.New() };
    }

    private static async Task<int> ListAsync(Invocation invocation, CancellationToken cancel)
    {
        invocation.MustKnowData(invocation.Settings.Registry.Url.Length > 0);
        var topics = await invocation.OpenTopicsAsync(cancel);
        var found = new List<SchemaVersion>();
        foreach (string subject in await topics.Directory.SubjectsAsync(cancel))
            if (await topics.Directory.LatestAsync(subject, cancel) is { } latest) found.Add(latest);
        invocation.Terminal.Answer(found.Select(schema => new { schema.Subject, schema.Version, schema.Id }), people =>
        {
            var table = Terminal.NewTable("subject", "newest version", "id");
            table.Columns[1].RightAligned();
            table.Columns[2].RightAligned();
            foreach (var schema in found) table.AddRow(Markup.Escape(schema.Subject), $"{schema.Version}", $"{schema.Id}");
            people.Write(table);
        });
        if (found.Count == 0) invocation.Terminal.Note("no schema yet; `etl simulate trucks` registers one");
        return ExitCodes.Ok;
    }

    private static async Task<int> ShowAsync(Invocation invocation, string subject, int? version, CancellationToken cancel)
    {
        if (version < 1) throw new UsageException($"--version: found {version}, expected 1 or more");
        invocation.MustKnowData(invocation.Settings.Registry.Url.Length > 0);
        var topics = await invocation.OpenTopicsAsync(cancel);
        var latest = await topics.Directory.LatestAsync(subject, cancel)
            ?? throw new NotFoundException($"found no subject {subject} at {topics.Servers.Registry}, expected one of `etl schema list`");
        var schema = version is null || version == latest.Version ? latest : await topics.Directory.VersionAsync(subject, version.Value, cancel)
            ?? throw new NotFoundException($"found no version {version} of {subject}, its newest is {latest.Version}");
        invocation.Terminal.Answer(new { schema.Subject, schema.Version, schema.Id, Schema = JsonNode.Parse(schema.Text) }, people => people.Profile.Out.Writer.WriteLine(Indented(schema.Text)));
        invocation.Terminal.Note($"{Markup.Escape(schema.Subject)} version {schema.Version}, id {schema.Id}");
        return ExitCodes.Ok;
    }

    private static string Indented(string text) => JsonNode.Parse(text)!.ToJsonString(new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
