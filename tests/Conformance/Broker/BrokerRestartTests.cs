using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Etl.Embedded.Broker;
using Etl.Topics;

namespace Etl.Tests.Conformance.Broker;

/// <summary>The broker in a process of its own, ended with kill -9 while an idempotent producer goes on.</summary>
public sealed class BrokerRestartTests : IDisposable
{
    private const string FolderVariable = "ETL_TEST_BROKER_FOLDER", PortVariable = "ETL_TEST_BROKER_PORT";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("etl-broker-kill-").FullName;
    private readonly int _port = FreePort();

    public BrokerRestartTests() => BundledLibrdkafka.Use();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_was_acknowledged_survives_kill_9_and_nothing_is_stored_twice()
    {
        int rounds = Environment.GetEnvironmentVariable("ETL_LONG") == "1" ? 100 : 5;
        var acknowledged = new ConcurrentDictionary<int, bool>();
        var broker = await StartAsync();
        try
        {
            using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = $"127.0.0.1:{_port}" }).Build())
                await admin.CreateTopicsAsync([new TopicSpecification { Name = "kill", NumPartitions = 1, ReplicationFactor = 1 }]);
            using var producer = new ProducerBuilder<Null, int>(new ProducerConfig
            {
                BootstrapServers = $"127.0.0.1:{_port}", EnableIdempotence = true, Acks = Acks.All, LingerMs = 1, ReconnectBackoffMaxMs = 200, RetryBackoffMs = 50, MessageTimeoutMs = 120_000,
            }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
            int sent = 0;
            for (int round = 0; round < rounds; round++)
            {
                int target = acknowledged.Count + 2_000;
                for (var clock = Stopwatch.StartNew(); acknowledged.Count < target; producer.Poll(TimeSpan.Zero))
                {
                    clock.Elapsed.ShouldBeLessThan(Patience, "the broker acknowledges no more");
                    if (sent - acknowledged.Count < 5_000)
                        producer.Produce("kill", new() { Value = sent++ }, report =>
                        {
                            report.Error.Code.ShouldBe(ErrorCode.NoError);
                            acknowledged[report.Message.Value] = true;
                        });
                }
                broker.Kill(); // SIGKILL, with requests under way
                await broker.WaitForExitAsync();
                broker.Dispose();
                broker = await StartAsync();
            }
            producer.Flush(Patience).ShouldBe(0);
            acknowledged.Count.ShouldBe(sent);
            ReadAll(sent).ShouldBe(Enumerable.Range(0, sent));
        }
        finally
        {
            broker.Kill();
            await broker.WaitForExitAsync();
            broker.Dispose();
        }
    }

    [Fact]
    public async Task A_second_broker_on_the_folder_or_the_port_is_refused_in_one_sentence()
    {
        await using var first = await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = _folder, Port = _port }, TimeProvider.System, CancellationToken.None);
        var folder = await Should.ThrowAsync<BrokerException>(() => KafkaBroker.StartAsync(new BrokerOptions { DataFolder = _folder }, TimeProvider.System, CancellationToken.None));
        folder.Message.ShouldContain("held by another broker");
        folder.IsTransient.ShouldBeTrue();
        string other = Path.Combine(_folder, "other");
        var port = await Should.ThrowAsync<BrokerException>(() => KafkaBroker.StartAsync(new BrokerOptions { DataFolder = other, Port = _port }, TimeProvider.System, CancellationToken.None));
        port.Message.ShouldContain($"127.0.0.1:{_port} is taken");
        port.IsTransient.ShouldBeTrue();
    }

    [Fact]
    public async Task Kcat_produces_and_consumes()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/kcat"), "kcat is not installed");
        await using var broker = await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = _folder, AutoCreateTopics = true, DefaultPartitions = 2 }, TimeProvider.System, CancellationToken.None);
        await KcatAsync(["-b", broker.Endpoint, "-P", "-t", "from-kcat", "-p", "1", "-z", "lz4"], "one\ntwo\nthree\n");
        (await KcatAsync(["-b", broker.Endpoint, "-C", "-t", "from-kcat", "-p", "1", "-o", "beginning", "-e", "-q"])).ShouldBe("one\ntwo\nthree\n");
        (await KcatAsync(["-b", broker.Endpoint, "-C", "-t", "from-kcat", "-p", "1", "-o", "-1", "-e", "-q"])).ShouldBe("three\n");
        (await KcatAsync(["-b", broker.Endpoint, "-L"])).ShouldContain("topic \"from-kcat\" with 2 partitions");
    }

    /// <summary>The child: this same program, which serves instead of testing.</summary>
    [ModuleInitializer]
    internal static void ServeIfAsked()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not { Length: > 0 } folder) return;
        int port = int.Parse(Environment.GetEnvironmentVariable(PortVariable)!);
        var broker = KafkaBroker.StartAsync(new BrokerOptions { DataFolder = folder, Port = port, SegmentBytes = 64 << 10 }, TimeProvider.System, CancellationToken.None).GetAwaiter().GetResult();
        Console.WriteLine($"serving {broker.Endpoint}");
        Thread.Sleep(Timeout.Infinite);
    }

    private async Task<Process> StartAsync()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet") start.ArgumentList.Add(typeof(BrokerRestartTests).Assembly.Location);
        start.Environment[FolderVariable] = _folder;
        start.Environment[PortVariable] = $"{_port}";
        var broker = Process.Start(start)!;
        string? line = await broker.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        line.ShouldBe($"serving 127.0.0.1:{_port}");
        return broker;
    }

    private List<int> ReadAll(int count)
    {
        using var consumer = new ConsumerBuilder<Ignore, int>(new ConsumerConfig { BootstrapServers = $"127.0.0.1:{_port}", GroupId = "kill", EnablePartitionEof = true }).Build();
        consumer.Assign(new TopicPartitionOffset("kill", 0, 0));
        var read = new List<int>(count);
        while (consumer.Consume(Patience).ShouldNotBeNull() is { IsPartitionEOF: false } result) read.Add(result.Message.Value);
        return read;
    }

    private static async Task<string> KcatAsync(string[] arguments, string? input = null)
    {
        using var kcat = Process.Start(new ProcessStartInfo("/usr/bin/kcat", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        if (input is not null) await kcat.StandardInput.WriteAsync(input);
        kcat.StandardInput.Close();
        string output = await kcat.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await kcat.WaitForExitAsync();
        kcat.ExitCode.ShouldBe(0, await kcat.StandardError.ReadToEndAsync());
        return output;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
