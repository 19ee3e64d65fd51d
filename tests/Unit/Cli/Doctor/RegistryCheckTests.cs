using System.Net;
using System.Text;
using Etl.Cli.Doctor;

namespace Etl.Tests.Unit.Cli.Doctor;

public sealed class RegistryCheckTests
{
    [Theory]
    [InlineData("BACKWARD")]
    [InlineData("FULL_TRANSITIVE")]
    public async Task A_registry_that_keeps_schemas_compatible_is_well(string level) =>
        (await Look(new() { ["/v7/subjects"] = "[\"a\",\"b\"]", ["/v7/config"] = $"{{\"compatibilityLevel\":\"{level}\"}}" })).ShouldHaveSingleItem().ShouldBe(Finding.Ok("registry", $"http://registry:8081/v7, 2 subjects, level {level}"));

    [Theory]
    [InlineData("NONE")]
    [InlineData("FORWARD")]
    public async Task A_level_that_lets_old_records_become_unreadable_is_told(string level) =>
        (await Look(new() { ["/v7/subjects"] = "[]", ["/v7/config"] = $"{{\"compatibilityLevel\":\"{level}\"}}" })).ShouldHaveSingleItem()
            .ShouldTell(Health.Warn, $"level is {level}", "BACKWARD or FULL", "http://registry:8081/v7/config");

    [Fact]
    public async Task A_subjects_own_level_counts_too()
    {
        var found = await Look(new() { ["/v7/subjects"] = "[]", ["/v7/config"] = "{\"compatibilityLevel\":\"FULL\"}", ["/v7/config/T-value"] = "{\"compatibilityLevel\":\"NONE\"}" });
        found.Count.ShouldBe(2);
        found[1].ShouldTell(Health.Warn, "level of T-value is NONE", "BACKWARD or FULL", "/config/T-value");
    }

    [Fact]
    public async Task A_subjects_own_level_that_is_the_registrys_is_told_once() =>
        (await Look(new() { ["/v7/subjects"] = "[]", ["/v7/config"] = "{\"compatibilityLevel\":\"NONE\"}", ["/v7/config/T-value"] = "{\"compatibilityLevel\":\"NONE\"}" })).ShouldHaveSingleItem().Health.ShouldBe(Health.Warn);

    [Fact]
    public async Task A_long_page_is_told_by_its_beginning() =>
        (await Look(new() { ["/v7/subjects"] = $"<html>{new string('x', 500)}" })).ShouldHaveSingleItem().Found.ShouldEndWith("xxx…\"");

    [Fact]
    public async Task JSON_of_another_server_is_told() =>
        (await Look(new() { ["/v7/subjects"] = "{\"error\":\"no\"}" })).ShouldHaveSingleItem().ShouldTell(Health.Fail, "answers 200 application/json", "JSON of a Confluent-compatible registry", "another server is there");

    [Fact]
    public async Task A_page_instead_of_a_registry_is_told_with_its_beginning() =>
        (await Look(new() { ["/v7/subjects"] = "<html>\n<h1>It works!</h1></html>" })).ShouldHaveSingleItem()
            .ShouldTell(Health.Fail, "/v7/subjects answers 200 text/html: \"<html> <h1>It works!", "JSON of a Confluent-compatible registry", "Etl__Registry__Url");

    [Fact]
    public async Task A_path_that_is_missing_is_told() => (await Look([])).ShouldHaveSingleItem().ShouldTell(Health.Fail, "answers 404", "JSON", "/apis/ccompat/v7");

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, Health.Fail, "it wants a login", "Etl__Registry__User")]
    [InlineData(HttpStatusCode.Forbidden, Health.Fail, "it wants a login", "Etl__Registry__User")]
    [InlineData(HttpStatusCode.BadGateway, Health.Fail, "answers 502", "registry's log")]
    public async Task A_refusal_is_told(HttpStatusCode status, object health, string found, string remedy) =>
        (await Look([], status)).ShouldHaveSingleItem().ShouldTell((Health)health, found, "200", remedy);

    [Fact]
    public async Task A_registry_that_is_away_is_told_as_away()
    {
        var found = (await Look(null)).ShouldHaveSingleItem();
        found.ShouldTell(Health.Fail, "no answer at http://registry:8081/v7 (Connection refused)", "a running Confluent-compatible registry", "start it, or correct Etl__Registry__Url");
        found.IsAway.ShouldBeTrue();
    }

    private static Task<IReadOnlyList<Finding>> Look(Dictionary<string, string>? answers, HttpStatusCode otherwise = HttpStatusCode.NotFound) =>
        new RegistryCheck(new Uri("http://registry:8081/v7"), null, null, ["T-value"], () => new Answers(answers, otherwise)).LookAsync(TestContext.Current.CancellationToken);

    private sealed class Answers(Dictionary<string, string>? answers, HttpStatusCode otherwise) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (answers is null) throw new HttpRequestException("Connection refused");
            return Task.FromResult(answers.TryGetValue(request.RequestUri!.AbsolutePath, out string? text)
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(text, Encoding.UTF8, text.StartsWith('<') ? "text/html" : "application/json") }
                : new HttpResponseMessage(otherwise) { Content = new StringContent("{}") });
        }
    }
}
