namespace Etl.Tests.Architecture;

/// <summary>The source tree, found from where the tests run.</summary>
internal static class Repository
{
    public static string Root => SourceTree.Root;

    public static IEnumerable<string> SourceFiles(string folder, string pattern = "*.cs") =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    public static string Short(string file) => Path.GetRelativePath(Root, file);
}
