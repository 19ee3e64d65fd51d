namespace Etl.Tests;

/// <summary>The source tree, found from where the tests run. Each test project compiles this file.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(params IEnumerable<string> parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Etl.sln"))) return folder.FullName;
        throw new InvalidOperationException($"no Etl.sln above {AppContext.BaseDirectory}");
    }
}
