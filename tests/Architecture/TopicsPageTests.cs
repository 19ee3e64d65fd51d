using System.Text.RegularExpressions;

namespace Etl.Tests.Architecture;

public sealed partial class TopicsPageTests
{
    [Fact]
    public void The_page_names_the_APIs_and_versions_that_the_broker_serves()
    {
        string code = File.ReadAllText(Path.Combine(Repository.Root, "src/Embedded/Broker/Requests/ApiTable.cs"));
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs/topics.md"));
        var served = Api().Matches(code).Select(Row).ToList();
        served.Count.ShouldBeGreaterThan(10);
        Named().Matches(page).Select(Row).ShouldBe(served);
    }

    private static string Row(Match match) => $"{match.Groups[1].Value} {match.Groups[2].Value} to {match.Groups[3].Value}";

    [GeneratedRegex(@"new\(ApiKey\.(\w+), (\d+), (\d+),")] private static partial Regex Api();

    [GeneratedRegex(@"^\| (\w+) \| (\d+) \| (\d+) \|$", RegexOptions.Multiline)] private static partial Regex Named();
}
