using System.Text.RegularExpressions;
using Etl.Cli;
using Etl.Cli.Commands;
using Etl.Cli.Settings;
using Etl.Scheduler.Service;

namespace Etl.Tests.Unit.Deploy;

/// <summary>docker-compose.yml by the rules of the compose specification that matter here, and by the program's own reading. No engine is asked.</summary>
public sealed partial class ComposeFileTests
{
    private static readonly string Text = File.ReadAllText(SourceTree.PathOf("docker-compose.yml"));

    private static readonly IReadOnlyDictionary<string, string> Example = EnvironmentFile.Read(File.ReadAllText(SourceTree.PathOf(".env.example")));

    /// <summary>.env.example as deploy/make-env fills it.</summary>
    private static readonly ComposeFile Compose = ComposeFile.Read(Text, Example.ToDictionary(pair => pair.Key, pair => pair.Value.Length > 0 ? pair.Value : "0123456789abcdef0123456789abcdef"));

    private static readonly string[] TopKeys = ["name", "services", "volumes"];

    /// <summary>Keys of a service that we use, as the specification spells them.</summary>
    private static readonly string[] ServiceKeys =
    [
        "image", "build", "pull_policy", "profiles", "command", "environment", "volumes", "ports", "user", "init", "read_only", "cap_drop", "security_opt", "tmpfs", "mem_limit", "restart", "stop_grace_period", "healthcheck", "depends_on",
    ];

    public static TheoryData<string> Services => [.. Compose.Services.Keys];

    public static TheoryData<string> Etl => [.. Compose.Etl.Select(service => service.Name)];

    [Fact]
    public void Its_top_holds_what_the_specification_knows()
    {
        Compose.Root.Keys.Where(key => !key.StartsWith("x-", StringComparison.Ordinal)).ShouldBeSubsetOf(TopKeys);
        Compose.Services.Values.SelectMany(service => service.Profiles).Distinct().ShouldBe(["core", "demo", "obs"], ignoreOrder: true);
        Compose.Services.Keys.ShouldBeSubsetOf(Compose.Services.Keys.Where(name => ServiceName().IsMatch(name)));
        foreach (string server in new[] { "kafka", "registry", "mysql", "cassandra" }) Compose.Services[server].Profiles.ShouldBe(["core", "demo", "obs"]);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_is_pinned_bounded_and_watched(string name)
    {
        var service = Compose.Services[name];
        service.All.Keys.ShouldBeSubsetOf(ServiceKeys);
        service.Image.ShouldMatch(@"^[a-z0-9./-]+:v?\d+\.\d+\.\d+$", "a version to the patch");
        service.Text("mem_limit").ShouldMatch(@"^\d+[mg]$");
        service.Text("restart").ShouldBe(service.IsOnce ? "no" : "unless-stopped");
        service.Profiles.ShouldNotBeEmpty();
        ComposeFile.List(service.All["security_opt"]).ShouldContain("no-new-privileges:true");
        if (service.IsOnce) service.HealthCheck.ShouldBe(new Dictionary<string, object?> { ["disable"] = "true" });
        else Watched(service.HealthCheck);
        foreach (string port in ComposeFile.List(service.All.GetValueOrDefault("ports"))) port.ShouldStartWith("127.0.0.1:");
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void What_a_service_waits_for_is_there_in_each_of_its_profiles_and_tells_its_health(string name)
    {
        var service = Compose.Services[name];
        foreach (var (other, how) in service.DependsOn)
        {
            Compose.Services.ShouldContainKey(other);
            ComposeFile.Map(how).ShouldBe(new Dictionary<string, object?> { ["condition"] = "service_healthy" });
            Compose.Services[other].IsOnce.ShouldBeFalse();
            service.Profiles.ShouldBeSubsetOf(Compose.Services[other].Profiles);
        }
    }

    [Fact]
    public void Volumes_are_declared_used_and_their_files_are_there()
    {
        var used = Compose.Services.Values.SelectMany(service => service.Volumes).ToList();
        var named = used.Where(volume => !volume.StartsWith('.')).Select(volume => volume.Split(':')[0]).Distinct().ToList();
        named.ShouldBe(ComposeFile.Map(Compose.Root["volumes"]).Keys, ignoreOrder: true);
        foreach (string bound in used.Where(volume => volume.StartsWith('.')))
        {
            bound.ShouldEndWith(":ro");
            Directory.EnumerateFiles(SourceTree.PathOf(bound.Split(':')[0]), "*", SearchOption.AllDirectories).ShouldNotBeEmpty(bound);
        }
    }

    [Fact]
    public void No_password_stands_in_the_file_and_every_variable_in_the_example()
    {
        ComposeFile.Variables(Text).ShouldBe(Example.Keys, ignoreOrder: true);
        foreach (Match password in Password().Matches(Text)) password.Groups["value"].Value.ShouldMatch(@"^""?\$\{[A-Z_]+:\?run deploy/make-env first\}""?", password.Value);
        Password().Count(Text).ShouldBeGreaterThan(4);
        Should.Throw<InvalidDataException>(() => ComposeFile.Read(Text, Example)).Message.ShouldContain("run deploy/make-env first");
    }

    [Theory]
    [MemberData(nameof(Etl))]
    public void The_program_understands_its_environment_and_its_command(string name)
    {
        var service = Compose.Services[name];
        service.Environment.Keys.Where(key => !key.StartsWith("Etl__", StringComparison.Ordinal)).ShouldBeSubsetOf(SettingsReader.Replaced.Select(replaced => replaced.Name));
        var (settings, faults) = SettingsReader.Inspect(service.Environment);
        faults.ShouldBeEmpty();
        (settings.Metadata.Store, settings.MySql.Password.IsSet, settings.Cassandra.IsSet).ShouldBe(("mysql", true, true));
        string[] servers = [settings.Kafka.BootstrapServers.Split(':')[0], new Uri(settings.Registry.Url).Host, settings.Cassandra.Points[0].Split(':')[0], ServerName().Match(settings.MySql.ConnectionString.Reveal()).Groups[1].Value];
        servers.ShouldBe(service.DependsOn.Keys, ignoreOrder: true);
        EtlProgram.FaultOf(EtlProgram.Root().Parse([.. service.Command])).ShouldBeNull();
        service.Volumes.Select(volume => volume.Split(':')[1]).ShouldBe([settings.Data, settings.Lake.Folder]);
        if (service.IsOnce) return;
        string[] test = [.. ComposeFile.List(service.HealthCheck["test"])];
        test[..2].ShouldBe(["CMD", "etl"]);
        EtlProgram.FaultOf(EtlProgram.Root().Parse(test[2..])).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Etl))]
    public void The_program_runs_as_nobody_on_a_root_that_it_cannot_write(string name)
    {
        var service = Compose.Services[name];
        service.Text("user").ShouldBe("1654:1654");
        service.Text("read_only").ShouldBe("true");
        ComposeFile.List(service.All["cap_drop"]).ShouldBe(["ALL"]);
        ComposeFile.List(service.All["tmpfs"]).ShouldHaveSingleItem().ShouldStartWith("/tmp:size=");
    }

    [Fact]
    public void One_schedules_two_work_and_each_has_a_data_folder_of_its_own()
    {
        var up = Compose.Etl.Where(service => service.Command[0] == "up").ToList();
        var roles = up.Select(service => UpCommand.RolesOf(service.Command[2])).ToList();
        (roles.Count(role => role.HasFlag(Roles.Scheduler)), roles.Count(role => role.HasFlag(Roles.Worker)), roles.Count(role => role.HasFlag(Roles.Feeds))).ShouldBe((1, 2, 2));
        Compose.Etl.Select(service => service.Volumes[0].Split(':')[0]).ShouldBeUnique();
        Compose.Etl.Select(service => service.Volumes[1]).Distinct().ShouldBe(["lake:/lake"]);
    }

    private static void Watched(IReadOnlyDictionary<string, object?> check)
    {
        check.Keys.ShouldBeSubsetOf(["test", "interval", "timeout", "retries", "start_period"]);
        ComposeFile.List(check["test"])[0].ShouldBeOneOf("CMD", "CMD-SHELL");
        foreach (string key in check.Keys.Where(key => key is not ("test" or "retries"))) ((string)check[key]!).ShouldMatch(@"^\d+s$");
        int.Parse((string)check["retries"]!).ShouldBeInRange(1, 20);
        int.Parse(((string)check["timeout"]!).TrimEnd('s')).ShouldBeLessThanOrEqualTo(int.Parse(((string)check["interval"]!).TrimEnd('s')));
    }

    [GeneratedRegex("^[a-z0-9-]+$")]
    private static partial Regex ServiceName();

    [GeneratedRegex(@"^\s*(?:environment: \{ )?\w*(?:PASSWORD|Password|SECRET|Secret)\w*: *(?<value>\S.*)$", RegexOptions.Multiline)]
    private static partial Regex Password();

    [GeneratedRegex("Server=([^;]+)")]
    private static partial Regex ServerName();
}
