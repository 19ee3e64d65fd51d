using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Etl.Tests.EndToEnd.Cli;

/// <summary>What an operator can get wrong, or what can be away: one clear line, the right exit code, nothing half begun.</summary>
public sealed class OperatorFaultTests : IDisposable
{
    private readonly EtlProcess _etl = new() { Environment = { ["Etl__Kafka__RequestSeconds"] = "1" } };

    [Theory]
    [InlineData(2, "Unrecognized command", "nonsense")]
    [InlineData(3, "expected one of: trucks, orientation", "run", "nonsense")]
    [InlineData(3, "found no dataset nonsense", "why", "nonsense", "2026-03-01")]
    [InlineData(2, "expected 1 to 1,000", "topic", "peek", "T", "--count", "0")]
    [InlineData(2, "expected a folder that can be written to", "run", "trucks", "--data", "/dev/null/x")]
    public async Task A_call_that_cannot_be_is_told_in_one_line(int code, string told, params string[] call)
    {
        (await _etl.RunAsync(call)).OneLine(code).ShouldContain(told);
        Directory.EnumerateFileSystemEntries(_etl.Folder).ShouldBeEmpty(); // nothing was begun
    }

    [Theory]
    [InlineData("runs", "list")]
    [InlineData("runs", "cancel", "1")]
    [InlineData("dag", "list")]
    [InlineData("dag", "pause", "main")]
    [InlineData("feeds", "list")]
    [InlineData("params", "list")]
    [InlineData("backfill", "list")]
    [InlineData("why", "truck_hourly", "2026-03-01T06:00Z")]
    [InlineData("rejects", "list")]
    [InlineData("lake", "ls")]
    [InlineData("lake", "verify")]
    [InlineData("topic", "list")]
    [InlineData("schema", "list")]
    [InlineData("sql", "select 1")]
    [InlineData("doctor")]
    [InlineData("lake", "adopt")]
    [InlineData("topic", "create", "Truck-Data")]
    [InlineData("feeds", "logs", "trucks/land_truck_telemetry")]
    [InlineData("runs", "logs", "1", "--follow")]
    [InlineData("backfill", "plan", "trucks", "--from", "lake", "--start", "2026-03-01", "--end", "2026-03-02")]
    [InlineData("backfill", "start", "historic_main", "--from", "source", "--start", "2024-01-01", "--end", "2024-01-02", "--wait")]
    public async Task A_verb_about_what_is_there_makes_no_folder_where_the_name_is_mistyped(params string[] call)
    {
        string line = (await _etl.RunAsync([.. call, "--data", "./etl-dat"])).OneLine(3);
        line.ShouldContain($"no data at {Path.Combine(_etl.Folder, "etl-dat")}: found no such folder");
        line.ShouldContain("`etl demo`");
        Directory.EnumerateFileSystemEntries(_etl.Folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_folder_of_something_else_is_left_as_it_is()
    {
        File.WriteAllText(Path.Combine(_etl.Folder, "letter.txt"), "Dear");
        (await _etl.RunAsync("runs", "list", "--data", ".")).OneLine(3).ShouldContain("a folder that etl has not used");
        Directory.EnumerateFileSystemEntries(_etl.Folder).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_unknown_setting_is_a_typing_error()
    {
        _etl.Environment["Etl__Kafka__BootstrapSevers"] = "host:9092";
        (await _etl.RunAsync("run", "trucks")).OneLine(2).ShouldContain("Etl:Kafka:BootstrapSevers: no such setting; there are BootstrapServers");
    }

    [Fact]
    public async Task Config_check_tells_all_faults_and_warnings_at_once_and_shows_no_secret()
    {
        string file = Path.Combine(_etl.Folder, "password");
        await File.WriteAllTextAsync(file, "geheim\n");
        _etl.Environment["Etl__MySql__ConnectionString"] = "Server=db.example;User ID=etl";
        _etl.Environment["Etl__MySql__PasswordFile"] = file;
        var good = await _etl.RunAsync("config", "check");
        good.Code.ShouldBe(0);
        good.Output.ShouldContain("mySql: what goes to db.example can be read on the way");
        (await _etl.RunAsync("config", "show")).Output.ShouldSatisfyAllConditions(shown => shown.ShouldContain($"file {file}"), shown => shown.ShouldContain("***"), shown => shown.ShouldNotContain("geheim"));
        _etl.Environment["Etl__Kafka__Client"] = "acks=0";
        _etl.Environment["Etl__Land__Writers"] = "many";
        var bad = await _etl.RunAsync("config", "check");
        bad.Code.ShouldBe(2);
        foreach (string told in new[] { "kafka.client: found acks, which is not taken", "Etl:Land:Writers: found \"many\"", "2 not good, 1 to look at" }) bad.Output.ShouldContain(told);
        (await _etl.RunAsync("config", "check", "--json")).Output.ShouldContain("\"ok\": false");
    }

    [Fact]
    public async Task A_broker_that_is_away_is_unreachable()
    {
        _etl.Environment["Etl__Kafka__BootstrapServers"] = "127.0.0.1:1";
        (await _etl.RunAsync("run", "trucks")).OneLine(6).ShouldContain("no Kafka broker answered at 127.0.0.1:1");
    }

    [Theory]
    [InlineData("securty.protocol=SASL_SSL", "found securty.protocol, expected one of security.protocol,")]
    [InlineData("security.protocol=TLS", "security.protocol")]
    [InlineData("plugin.library.paths=/tmp/x.so", "it loads code")]
    [InlineData("sasl", "expected name=value;name=value")]
    public async Task A_client_setting_of_Kafka_that_cannot_be_is_named(string settings, string told)
    {
        _etl.Environment["Etl__Kafka__BootstrapServers"] = "127.0.0.1:1";
        _etl.Environment["Etl__Kafka__Client"] = settings;
        (await _etl.RunAsync("topic", "list")).OneLine(2).ShouldContain(told);
    }

    [Fact]
    public async Task A_broker_that_refuses_TLS_is_told_with_its_reason_and_not_as_one_that_is_away()
    {
        using var plain = new TcpListener(IPAddress.Loopback, 0);
        plain.Start();
        using var stop = new CancellationTokenSource();
        var answering = AnswerPlainAsync(plain, stop.Token);
        _etl.Environment["Etl__Kafka__BootstrapServers"] = plain.LocalEndpoint.ToString()!;
        _etl.Environment["Etl__Kafka__RequestSeconds"] = "5"; // a busy machine needs more than one for a handshake
        _etl.Environment["Etl__Kafka__Client"] = "security.protocol=SASL_SSL;sasl.mechanism=PLAIN;sasl.username=etl";
        _etl.Environment["Etl__Kafka__Password"] = "geheim";
        string line = (await _etl.RunAsync("topic", "list")).OneLine(2);
        await stop.CancelAsync();
        await answering;
        line.ShouldContain("does not let this client in");
        line.ShouldContain("SSL routines"); // wrong version number
        line.ShouldNotContain("geheim");
    }

    private static async Task AnswerPlainAsync(TcpListener listener, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(stop);
                try
                {
                    await client.GetStream().WriteAsync("this is no TLS\n"u8.ToArray(), stop);
                    await client.GetStream().CopyToAsync(Stream.Null, stop); // until it goes away
                }
                catch (IOException) { } // it went away hard
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException) { }
    }

    [Fact]
    public async Task A_registry_that_is_away_is_unreachable()
    {
        _etl.Environment["Etl__Registry__Url"] = "http://127.0.0.1:1";
        (await _etl.RunAsync("schema", "list")).OneLine(6).ShouldContain("no answer from the schema registry at http://127.0.0.1:1/");
    }

    [Fact]
    public async Task A_MySQL_that_is_away_is_unreachable_before_any_work_begins()
    {
        _etl.Environment["Etl__MySql__ConnectionString"] = "Server=127.0.0.1;Port=1;User ID=root;Password=geheim";
        string line = (await _etl.RunAsync("demo")).Errors.TrimEnd('\n');
        line.ShouldStartWith("etl: mysql root@127.0.0.1:1");
        line.ShouldNotContain("geheim");
        line.ShouldNotContain('\n');
        (await _etl.RunAsync("topic", "list", "--json")).Output.Trim().ShouldBe("[]"); // no event was made
    }

    [Fact]
    public async Task A_wrong_password_is_a_fault_of_the_settings()
    {
        string? server = Environment.GetEnvironmentVariable("ETL_TEST_MYSQL");
        Assert.SkipWhen(server is null, "ETL_TEST_MYSQL names no server");
        _etl.Environment["Etl__MySql__ConnectionString"] = server!.Replace("User ID=root", "User ID=etl_nobody").Replace("Password=", "Password=geheim");
        _etl.Environment["Etl__Metadata__Store"] = "mysql";
        string line = (await _etl.RunAsync("lake", "ls")).OneLine(2);
        line.ShouldContain("refused the user or the password");
        line.ShouldNotContain("geheim");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_with_its_setting()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        _etl.Environment["Etl__Kafka__EmbeddedPort"] = ((IPEndPoint)other.LocalEndpoint).Port.ToString();
        (await _etl.RunAsync("up")).OneLine(2).ShouldContain("is taken by another program");
    }

    [Fact]
    public async Task One_process_serves_a_folder_and_the_others_use_its_servers()
    {
        using var up = _etl.Start("up", "--every", "1");
        try
        {
            var serving = Path.Combine(_etl.Folder, "etl-data", "serving.json");
            for (var watch = Stopwatch.StartNew(); (await up.StandardError.ReadLineAsync()) is { } line && !line.StartsWith("topics:", StringComparison.Ordinal);) watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(40));
            File.Exists(serving).ShouldBeTrue();
            (await _etl.RunAsync("up")).OneLine(4).ShouldContain($"in use by process {up.Id}");
            var list = await _etl.RunAsync("topic", "list");
            list.Code.ShouldBe(0, list.Errors);
            list.Output.ShouldContain("Truck-Data");
            list.Output.ShouldNotContain('\u001b');
        }
        finally
        {
            Process.Start("kill", ["-INT", up.Id.ToString()]).WaitForExit();
            if (!up.WaitForExit(TimeSpan.FromSeconds(20))) up.Kill();
        }
        up.ExitCode.ShouldBe(0);
        File.Exists(Path.Combine(_etl.Folder, "etl-data", "serving.json")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_pipe_gets_no_colours_and_data_alone()
    {
        _etl.UseFolder();
        var doctor = await _etl.RunAsync("doctor");
        doctor.Code.ShouldBe(0, doctor.Output);
        (doctor.Output + doctor.Errors).ShouldNotContain('\u001b');
        doctor.Output.ShouldMatch("(?m)^OK +broker ");
        var sql = await _etl.RunAsync("sql", "select 1 as one", "--csv");
        (sql.Code, sql.Output, sql.Errors).ShouldBe((0, "one\n1\n", ""));
    }

    public void Dispose() => _etl.Dispose();
}
