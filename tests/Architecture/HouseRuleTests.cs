using System.Text.RegularExpressions;

namespace Etl.Tests.Architecture;

/// <summary>Rules of the house that a compiler does not know.</summary>
public sealed partial class HouseRuleTests
{
    private const int LinesMax = 400;

    [Fact]
    public void No_file_grows_past_four_hundred_lines()
    {
        var long_ = ((string[])["src", "tests", "benchmarks"]).SelectMany(folder => Repository.SourceFiles(folder)).Where(file => !file.EndsWith(".g.cs", StringComparison.Ordinal))
            .Select(file => (file, Lines: File.ReadLines(file).Count())).Where(pair => pair.Lines > LinesMax).Select(pair => $"{Repository.Short(pair.file)}: {pair.Lines} lines, at most {LinesMax}: which noun does it hide?");
        long_.ShouldBeEmpty();
    }

    [Fact]
    public void The_wall_clock_is_read_in_Cli_only()
    {
        var broken = Repository.SourceFiles("src").Where(file => !Repository.Short(file).StartsWith("src/Cli/", StringComparison.Ordinal))
            .Where(file => WallClock().IsMatch(File.ReadAllText(file))).Select(Repository.Short);
        broken.ShouldBeEmpty();
    }

    [Fact]
    public void The_ban_on_the_wall_clock_is_not_switched_off_outside_Cli()
    {
        var broken = Repository.SourceFiles("src").Where(file => !Repository.Short(file).StartsWith("src/Cli/", StringComparison.Ordinal) && File.ReadAllText(file).Contains("RS0030", StringComparison.Ordinal)).Select(Repository.Short);
        broken.ShouldBeEmpty();
    }

    [Fact]
    public void Unit_tests_neither_sleep_nor_open_sockets()
    {
        var broken = Repository.SourceFiles("tests/Unit").Where(file => SleepOrSocket().IsMatch(File.ReadAllText(file))).Select(Repository.Short);
        broken.ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_left_undone()
    {
        var broken = Repository.SourceFiles("src").Where(file => Undone().IsMatch(File.ReadAllText(file))).Select(Repository.Short);
        broken.ShouldBeEmpty();
    }

    [Fact]
    public void No_folder_is_called_for_leftovers()
    {
        var broken = Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src"), "*", SearchOption.AllDirectories)
            .Where(folder => Path.GetFileName(folder) is "Common" or "Utils" or "Helpers" or "Infrastructure" or "Shared").Select(Repository.Short);
        broken.ShouldBeEmpty();
    }

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?Now\b|\bTimeProvider\.System\b|\bRandom\.Shared\b")] private static partial Regex WallClock();

    [GeneratedRegex(@"\bThread\.Sleep\b|\bTask\.Delay\b|\bnew (Socket|TcpClient|TcpListener|HttpClient)\b")] private static partial Regex SleepOrSocket();

    [GeneratedRegex(@"\bNotImplementedException\b|\b(TODO|FIXME|HACK|XXX)\b")] private static partial Regex Undone();
}
