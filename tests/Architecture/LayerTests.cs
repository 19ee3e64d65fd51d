using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Etl.Tests.Architecture;

/// <summary>The table in docs/architecture.md is the law: projects reference what their row allows, and no more.</summary>
public sealed partial class LayerTests
{
    private sealed record Layer(int Rank, string Project, IReadOnlyList<string> MayReference);

    private static readonly IReadOnlyList<Layer> Table = ReadTable();

    [Fact]
    public void Every_project_has_a_row_and_every_row_a_project()
    {
        var projects = Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(Path.GetFileName).Order().ToList();
        Table.Select(layer => layer.Project).Order().ShouldBe(projects!);
    }

    [Fact]
    public void A_project_references_only_what_its_row_allows()
    {
        var broken = Table.SelectMany(layer => References(layer.Project).Except(layer.MayReference).Select(other => $"{layer.Project} references {other}"));
        broken.ShouldBeEmpty();
    }

    [Fact]
    public void What_is_referenced_has_a_lower_rank()
    {
        var ranks = Table.ToDictionary(layer => layer.Project, layer => layer.Rank);
        var broken = Table.SelectMany(layer => layer.MayReference.Where(other => ranks[other] >= layer.Rank).Select(other => $"{layer.Project} ({layer.Rank}) may reference {other} ({ranks[other]})"));
        broken.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("src/Lake/DuckDb", "Etl.Lake.DuckDb")]
    [InlineData("src/Topics/Registry", "Etl.Topics.Registry")]
    [InlineData("src/Sinks/Cassandra/Cql", "Etl.Sinks.Cassandra.Cql")]
    [InlineData("src/Embedded/Broker", "Etl.Embedded.Broker")]
    [InlineData("src/Embedded/Registry", "Etl.Embedded.Registry")]
    public void An_island_uses_nothing_of_ours_but_codecs(string folder, string island)
    {
        var broken = Repository.SourceFiles(folder).SelectMany(file => Usings().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)
            .Where(name => !name.StartsWith(island, StringComparison.Ordinal) && !name.StartsWith("Etl.Codecs", StringComparison.Ordinal))
            .Select(name => $"{Repository.Short(file)} uses {name}")).ToList();
        Repository.SourceFiles(folder).ShouldNotBeEmpty();
        broken.ShouldBeEmpty();
    }

    [Fact]
    public void A_file_s_namespace_is_its_folder()
    {
        var broken = Repository.SourceFiles("src").Where(file => !Path.GetFileName(file).Contains("Assembly", StringComparison.Ordinal)).Select(file => (file, Declared: Namespace().Match(File.ReadAllText(file))))
            .Where(pair => pair.Declared.Success)
            .Where(pair => pair.Declared.Groups[1].Value != "Etl." + Path.GetRelativePath(Path.Combine(Repository.Root, "src"), Path.GetDirectoryName(pair.file)!).Replace('/', '.'))
            .Select(pair => $"{Repository.Short(pair.file)} declares {pair.Declared.Groups[1].Value}");
        broken.ShouldBeEmpty();
    }

    private static List<Layer> ReadTable() =>
        [.. File.ReadLines(Path.Combine(Repository.Root, "docs/architecture.md")).Select(line => Row().Match(line)).Where(match => match.Success)
            .Select(match => new Layer(int.Parse(match.Groups[1].Value), match.Groups[2].Value,
                [.. match.Groups[3].Value.Split(',', StringSplitOptions.TrimEntries).Where(name => name != "–")]))];

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(Path.Combine(Repository.Root, "src", project, $"Etl.{project}.csproj")).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)["Etl.".Length..]);

    [GeneratedRegex(@"^\| (\d) \| src/(\w+) \| .+ \| ([^|]+) \|$")] private static partial Regex Row();

    [GeneratedRegex(@"^\s*(?:global )?using (?:static )?(?:\w+ = )?(Etl\.[\w.]+);", RegexOptions.Multiline)] private static partial Regex Usings();

    [GeneratedRegex(@"^namespace ([\w.]+)[;{]?\s*$", RegexOptions.Multiline)] private static partial Regex Namespace();
}
