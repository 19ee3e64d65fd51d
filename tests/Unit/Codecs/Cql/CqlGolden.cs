namespace Etl.Tests.Unit.Codecs.Cql;

/// <summary>What Cassandra 5.0.9 sent.</summary>
internal static class CqlGolden
{
    public static IEnumerable<string[]> Lines(string file) =>
        File.ReadLines(SourceTree.PathOf("tests", "Golden", "cql", file)).Where(line => !line.StartsWith('#') && line.Length > 0).Select(line => line.Split('\t'));
}
