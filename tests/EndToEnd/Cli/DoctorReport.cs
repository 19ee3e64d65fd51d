using System.Text.Json;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>What <c>etl doctor --json</c> tells.</summary>
internal sealed record DoctorReport(string Text)
{
    private readonly IReadOnlyList<JsonElement> _checks = [.. JsonDocument.Parse(Text).RootElement.GetProperty("checks").EnumerateArray()];

    public static async Task<DoctorReport> OfAsync(EtlProcess etl, int code, params string[] more)
    {
        var ended = await etl.RunAsync(["doctor", "--json", .. more]);
        ended.Code.ShouldBe(code, ended.Output + ended.Errors);
        return new(ended.Output);
    }

    public JsonElement Of(string check) => _checks.First(one => one.GetProperty("check").GetString() == check);

    /// <param name="expected">null: nothing is expected otherwise.</param>
    /// <param name="remedy">null: there is none.</param>
    public void ShouldTell(string check, string health, string found, string? expected = null, string? remedy = null)
    {
        var finding = Of(check);
        finding.GetProperty("health").GetString().ShouldBe(health, Text);
        finding.GetProperty("found").GetString().ShouldNotBeNull().ShouldContain(found);
        if (expected is not null) finding.GetProperty("expected").GetString().ShouldNotBeNull().ShouldContain(expected);
        if (remedy is not null) finding.GetProperty("remedy").GetString().ShouldNotBeNull().ShouldContain(remedy);
    }
}
