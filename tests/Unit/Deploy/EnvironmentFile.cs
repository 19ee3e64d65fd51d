namespace Etl.Tests.Unit.Deploy;

/// <summary>A file of NAME=value lines, as compose reads its .env.</summary>
internal static class EnvironmentFile
{
    public static IReadOnlyDictionary<string, string> Read(string text) => text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
}
