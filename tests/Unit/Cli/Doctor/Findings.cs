using Etl.Cli.Doctor;

namespace Etl.Tests.Unit.Cli.Doctor;

internal static class Findings
{
    /// <summary>One finding, with all three: what was found, what was expected, what to do.</summary>
    public static void ShouldTell(this Finding finding, Health health, string found, string expected, string remedy)
    {
        finding.Health.ShouldBe(health, finding.Text);
        finding.Found.ShouldContain(found);
        finding.Expected.ShouldNotBeNull().ShouldContain(expected);
        finding.Remedy.ShouldNotBeNull().ShouldContain(remedy);
    }

    public static async Task<Finding> OneAsync(this ICheck check) => (await check.LookAsync(TestContext.Current.CancellationToken)).ShouldHaveSingleItem();
}
