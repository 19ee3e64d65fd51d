using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Etl.Tests.Unit.Deploy;

/// <summary>A compose file as an engine sees it: merged, its variables put in.</summary>
internal sealed partial class ComposeFile
{
    private ComposeFile(IReadOnlyDictionary<string, object?> root)
    {
        Root = root;
        Services = Map(root["services"]).Select(service => new ComposeService(service.Key, Map(service.Value))).ToDictionary(service => service.Name);
    }

    public IReadOnlyDictionary<string, object?> Root { get; }

    public IReadOnlyDictionary<string, ComposeService> Services { get; }

    /// <summary>Those that run the program.</summary>
    public IReadOnlyList<ComposeService> Etl => [.. Services.Values.Where(service => service.Image.StartsWith("etl:", StringComparison.Ordinal))];

    public static ComposeFile Read(string text, IReadOnlyDictionary<string, string> environment)
    {
        var yaml = new DeserializerBuilder().Build().Deserialize<object>(new MergingParser(new Parser(new StringReader(text))));
        return new(Map(Filled(yaml, environment)));
    }

    /// <summary>Names of the variables that it takes from its surroundings.</summary>
    public static IReadOnlyList<string> Variables(string text) => [.. Variable().Matches(text).Select(match => match.Groups["name"].Value).Where(name => name.Length > 0).Distinct().Order(StringComparer.Ordinal)];

    public static IReadOnlyDictionary<string, object?> Map(object? node) => node switch
    {
        null => new Dictionary<string, object?>(),
        IDictionary<object, object?> map => map.ToDictionary(pair => (string)pair.Key, pair => pair.Value),
        _ => throw new InvalidDataException($"found {node}, expected a map"),
    };

    public static IReadOnlyList<string> List(object? node) => node switch
    {
        null => [],
        IEnumerable<object> list => [.. list.Select(item => item as string ?? throw new InvalidDataException($"found {item}, expected text"))],
        _ => throw new InvalidDataException($"found {node}, expected a list"),
    };

    private static object? Filled(object? node, IReadOnlyDictionary<string, string> environment) => node switch
    {
        string text => Variable().Replace(text, match => Value(match, environment)),
        IDictionary<object, object?> map => map.ToDictionary(pair => pair.Key, pair => Filled(pair.Value, environment)),
        IEnumerable<object> list => list.Select(item => Filled(item, environment)!).ToList(),
        _ => node,
    };

    private static string Value(Match match, IReadOnlyDictionary<string, string> environment)
    {
        if (match.Value == "$$") return "$";
        string name = match.Groups["name"].Value, given = environment.GetValueOrDefault(name, "");
        if (given.Length > 0) return given;
        return match.Groups["sign"].Value switch
        {
            ":-" => match.Groups["rest"].Value,
            _ => throw new InvalidDataException($"${{{name}}} is not set: {match.Groups["rest"].Value}"),
        };
    }

    [GeneratedRegex(@"\$\$|\$\{(?<name>[A-Za-z_]\w*)(?:(?<sign>:[-?])(?<rest>[^}]*))?\}|\$(?<name>[A-Za-z_]\w*)")]
    private static partial Regex Variable();
}

/// <summary>One service of it.</summary>
internal sealed record ComposeService(string Name, IReadOnlyDictionary<string, object?> All)
{
    public string Image => Text("image");

    public IReadOnlyList<string> Profiles => ComposeFile.List(All.GetValueOrDefault("profiles"));

    public IReadOnlyList<string> Command => ComposeFile.List(All.GetValueOrDefault("command"));

    public IReadOnlyList<string> Volumes => ComposeFile.List(All.GetValueOrDefault("volumes"));

    public IReadOnlyDictionary<string, string> Environment => ComposeFile.Map(All.GetValueOrDefault("environment")).ToDictionary(pair => pair.Key, pair => (string)pair.Value!);

    public IReadOnlyDictionary<string, object?> HealthCheck => ComposeFile.Map(All.GetValueOrDefault("healthcheck"));

    /// <summary>Whether it runs once and ends: nobody waits for its health.</summary>
    public bool IsOnce => Text("restart") == "no";

    public IReadOnlyDictionary<string, object?> DependsOn => ComposeFile.Map(All.GetValueOrDefault("depends_on"));

    public string Text(string key) => All.GetValueOrDefault(key) as string ?? "";
}
