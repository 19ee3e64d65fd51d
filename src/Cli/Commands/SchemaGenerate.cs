using System.CommandLine;
using System.Globalization;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Generation;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Writes the C# records of the source tree's schemas; works on the tree that the current folder is in.</summary>
internal static class SchemaGenerate
{
    private const string Namespace = "Etl.Contracts.Events";

    private static readonly Option<bool> CheckOption = new("--check") { Description = "Write nothing; exit 1 and name the files that differ" };

    public static Command New()
    {
        var command = new Verb("generate", "Write src/Contracts/Events/*.g.cs from the newest schemas/<subject>/N.avsc of the source tree around the current folder", "etl schema generate --check") { CheckOption };
        command.SetAction(parsed => Run(new Terminal(parsed.GetValue(Invocation.JsonOption)), RootOf(Environment.CurrentDirectory), parsed.GetValue(CheckOption)));
        return command;
    }

    /// <summary>The folder of Etl.sln, at or above <paramref name="folder"/>.</summary>
    internal static string RootOf(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Etl.sln"))) return at.FullName;
        throw new NotFoundException($"schema generate: found no Etl.sln in {folder} nor above it; change into the source tree first");
    }

    internal static int Run(Terminal terminal, string root, bool check)
    {
        string target = Path.Combine(root, "src", "Contracts", "Events");
        var made = Written(Path.Combine(root, "schemas"));
        var differing = made.Where(file => Read(Path.Combine(target, file.Key)) != file.Value).Select(file => file.Key)
            .Concat(Directory.EnumerateFiles(target, "*.g.cs").Select(file => Path.GetFileName(file)).Where(file => !made.ContainsKey(file))).Order(StringComparer.Ordinal).ToList();
        if (!check)
        {
            foreach (string file in differing)
                if (made.TryGetValue(file, out string? text)) File.WriteAllText(Path.Combine(target, file), text);
                else File.Delete(Path.Combine(target, file)); // its schema is gone
        }
        terminal.Answer(new { Files = made.Count, Differing = differing, Written = !check }, people =>
        {
            foreach (string file in differing) people.MarkupLine($"{(check ? "[red]differs[/]" : "[green]written[/]")} {Markup.Escape(Path.Combine("src", "Contracts", "Events", file))}");
            if (differing.Count == 0) people.MarkupLine($"{made.Count} files, all as their schemas say");
        });
        if (check && differing.Count > 0) terminal.Note("run `etl schema generate` and check the files in");
        return check && differing.Count > 0 ? ExitCodes.WorkFailed : ExitCodes.Ok;
    }

    /// <summary>Texts by file name, of the newest version of each subject.</summary>
    private static SortedDictionary<string, string> Written(string schemas)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string folder in Directory.EnumerateDirectories(schemas).Order(StringComparer.Ordinal))
        {
            var newest = Directory.EnumerateFiles(folder, "*.avsc").Select(file => (File: file, Version: VersionOf(file))).MaxBy(file => file.Version);
            if (newest.File is null) continue;
            var subject = new SubjectSchema(Path.GetFileName(folder), newest.Version, File.ReadAllText(newest.File));
            try { files.Add(CSharpWriter.FileNameOf(subject), CSharpWriter.Write(subject, Namespace)); }
            catch (SchemaException error) { throw new UsageException($"{newest.File}: {error.Message}"); }
            catch (ArgumentException) { throw new UsageException($"{newest.File}: another subject's record has the name {CSharpWriter.FileNameOf(subject)} already; rename one"); }
        }
        return files;
    }

    private static int VersionOf(string file) => int.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out int version) && version > 0
        ? version : throw new UsageException($"{file}: found the name \"{Path.GetFileName(file)}\", expected <version>.avsc, e.g. 1.avsc");

    private static string? Read(string file) => File.Exists(file) ? File.ReadAllText(file) : null;
}
