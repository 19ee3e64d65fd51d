using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Etl.Tests.Unit.Deploy;

/// <summary>What stands beside docker-compose.yml: image, secrets, what Prometheus scrapes and Grafana draws.</summary>
public sealed partial class DeployFilesTests : IDisposable
{
    /// <summary>Figures that the dashboards may draw, by who serves them: kafka-exporter, mysqld-exporter, blackbox-exporter, Prometheus itself.</summary>
    private static readonly string[] Served =
    [
        "kafka_brokers", "kafka_topic_partition_current_offset", "kafka_topic_partition_under_replicated_partition", "kafka_consumergroup_lag",
        "mysql_global_status_queries", "mysql_global_status_slow_queries", "mysql_global_status_threads_connected", "mysql_global_status_threads_running", "mysql_global_status_innodb_row_lock_waits", "mysql_global_variables_max_connections",
        "probe_success", "probe_duration_seconds", "up",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("etl-deploy-").FullName;

    [Fact]
    public void The_image_is_built_from_pinned_ones_and_runs_as_nobody()
    {
        string[] lines = [.. File.ReadLines(SourceTree.PathOf("Dockerfile")).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];
        var versions = lines.First(line => line.StartsWith("ARG ", StringComparison.Ordinal))[4..].Split(' ').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        versions.Values.ShouldAllBe(version => Version().IsMatch(version));
        lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).ShouldBe(["FROM mcr.microsoft.com/dotnet/sdk:${SDK} AS build", "FROM mcr.microsoft.com/dotnet/aspnet:${RUNTIME}"]);
        string[] last = lines[Array.FindLastIndex(lines, line => line.StartsWith("FROM ", StringComparison.Ordinal))..];
        Array.IndexOf(last, "USER $APP_UID").ShouldBeGreaterThan(Array.FindIndex(last, line => line.StartsWith("RUN ", StringComparison.Ordinal)));
        last.ShouldContain("ENTRYPOINT [\"/app/etl\"]");
        File.ReadAllLines(SourceTree.PathOf(".dockerignore")).ShouldContain(".env");
        File.ReadAllLines(SourceTree.PathOf(".gitignore")).ShouldContain("/.env");
    }

    [Fact]
    public async Task Secrets_are_made_once_at_random_for_their_owner_alone()
    {
        string[] first = await MadeAsync("one"), second = await MadeAsync("two");
        first.Length.ShouldBe(File.ReadAllLines(SourceTree.PathOf(".env.example")).Length);
        var (one, two) = (EnvironmentFile.Read(string.Join('\n', first)), EnvironmentFile.Read(string.Join('\n', second)));
        var secrets = one.Where(pair => pair.Key.EndsWith("PASSWORD", StringComparison.Ordinal)).ToList();
        secrets.Count.ShouldBeGreaterThan(3);
        secrets.Select(pair => pair.Value).Concat(secrets.Select(pair => two[pair.Key])).ShouldBeUnique();
        secrets.ShouldAllBe(pair => Hex().IsMatch(pair.Value));
        one["WEATHER_SOURCE"].ShouldBe("climate");
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(Path.Combine(_folder, "one", ".env")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var (code, errors) = await RunAsync(Path.Combine(_folder, "one"));
        (code, errors.Contains("expected none; it stays as it is", StringComparison.Ordinal)).ShouldBe((4, true));
        (await File.ReadAllLinesAsync(Path.Combine(_folder, "one", ".env"))).ShouldBe(first);
        Directory.GetFiles(Path.Combine(_folder, "one")).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe([".env", ".env.example"]);
    }

    [Fact]
    public void A_dashboard_draws_only_figures_that_somebody_serves()
    {
        int drawn = 0;
        foreach (string file in Directory.EnumerateFiles(SourceTree.PathOf("deploy", "grafana", "dashboards"), "*.json"))
        {
            using var dashboard = JsonDocument.Parse(File.ReadAllText(file));
            foreach (var target in dashboard.RootElement.GetProperty("panels").EnumerateArray().SelectMany(panel => panel.GetProperty("targets").EnumerateArray()))
            {
                string query = target.GetProperty("expr").GetString()!;
                var names = MetricsOf(query).ToList();
                names.ShouldNotBeEmpty(query);
                names.ShouldBeSubsetOf(Served, query);
                target.GetProperty("datasource").GetProperty("uid").GetString().ShouldBe("prometheus");
                drawn++;
            }
        }
        drawn.ShouldBeGreaterThan(8);
        File.ReadAllText(SourceTree.PathOf("deploy", "grafana", "provisioning", "datasources", "prometheus.yml")).ShouldContain("uid: prometheus");
    }

    [Theory]
    [InlineData("sum by (topic) (rate(kafka_brokers{topic!~\"__.*\"}[2m]))", "kafka_brokers")]
    [InlineData("up / etl_rows_landed_total", "up etl_rows_landed_total")]
    public void Figures_are_found_in_a_query(string query, string names) => MetricsOf(query).ShouldBe(names.Split(' '));

    [Fact]
    public void Prometheus_scrapes_services_that_its_profile_starts()
    {
        var compose = ComposeFile.Read(File.ReadAllText(SourceTree.PathOf("docker-compose.yml")), EnvironmentFile.Read(File.ReadAllText(SourceTree.PathOf(".env.example"))).ToDictionary(pair => pair.Key, _ => "x"));
        var hosts = Target().Matches(File.ReadAllText(SourceTree.PathOf("deploy", "prometheus", "prometheus.yml"))).Select(match => match.Groups[1].Value).Where(host => host != "localhost").ToList();
        hosts.Count.ShouldBeGreaterThan(6);
        foreach (string host in hosts) compose.Services[host].Profiles.ShouldContain("obs");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static IEnumerable<string> MetricsOf(string query) =>
        Metric().Matches(Labels().Replace(query, "")).Select(match => match.Value);

    private async Task<string[]> MadeAsync(string name)
    {
        string root = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.Combine(root, "deploy"));
        File.Copy(SourceTree.PathOf(".env.example"), Path.Combine(root, ".env.example"));
        File.Copy(SourceTree.PathOf("deploy", "make-env"), Path.Combine(root, "deploy", "make-env"));
        (await RunAsync(root)).Code.ShouldBe(0);
        return await File.ReadAllLinesAsync(Path.Combine(root, ".env"));
    }

    private static async Task<(int Code, string Errors)> RunAsync(string root)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", [Path.Combine(root, "deploy", "make-env")]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, errors);
    }

    [GeneratedRegex(@"^\d+\.\d+\.\d+$")]
    private static partial Regex Version();

    [GeneratedRegex("^[0-9a-f]{32}$")]
    private static partial Regex Hex();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|\bby *\([^)]*\)")]
    private static partial Regex Labels();

    [GeneratedRegex(@"\b[a-z_][a-z0-9_:]*\b(?! *\()")]
    private static partial Regex Metric();

    [GeneratedRegex(@"""([a-z-]+):\d+""")]
    private static partial Regex Target();
}
