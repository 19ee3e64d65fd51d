using System.Diagnostics;
using System.Text;
using Etl.Cli.Hosting;
using Etl.Cli.Settings;
using Etl.Contracts.Commits;
using Etl.Contracts.Events;
using Etl.Contracts.Workflow;
using Etl.Embedded.Broker;
using Etl.Embedded.Registry;
using Etl.Metadata;
using Etl.Sources.Trucks;
using Etl.Topics;
using Etl.Topics.Registry;
using MySqlConnector;
using DataFolder = Etl.Cli.Hosting.DataFolder;

namespace Etl.Benchmarks.TwoProcesses;

/// <summary>The same topic landed and built by one worker process and by two, each with one core, metadata on MySQL and the lake's folder shared. Each turn begins with an empty store and lake, and is proved against the generator.</summary>
public sealed class TwoProcessesBench : IBench
{
    private const int EventCount = 3_000_000, Trucks = 1_000, Days = 4, Partitions = 4, WarmUpEvents = 200_000, WarmUpHours = 24, Processes = 2, TurnsMax = 5;
    private const string Kafka = "ETL_TEST_KAFKA", MySql = "ETL_TEST_MYSQL";

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5), LookEvery = TimeSpan.FromMilliseconds(50);

    public string Name => "two-processes";

    public string Description => $"land + build (hours, days) of a topic of {Partitions} partitions by two worker processes of one core each, sharing MySQL and a lake folder: how much sooner than by one of one core";

    public string Unit => "times";

    public Bar Bar => Bar.Least(1.5);

    public async Task<BenchFigure> RunAsync(BenchSettings settings, CancellationToken cancel)
    {
        string mysql = Environment.GetEnvironmentVariable(MySql) ?? throw new BenchUnavailableException($"{MySql} is not set: expected the connection string of a MariaDB or MySQL");
        if (!OperatingSystem.IsLinux() || Environment.ProcessorCount < 2) throw new BenchUnavailableException("found one core, or no Linux: expected taskset, and a core for each of two processes");
        string folder = Directory.CreateTempSubdirectory("etl-two-").FullName;
        string? kafka = settings.More.GetValueOrDefault("broker") == "embedded" ? null : Environment.GetEnvironmentVariable(Kafka);
        try
        {
            await using var broker = kafka is null ? await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = Path.Combine(folder, "broker") }, TimeProvider.System, cancel) : null;
            await using var registry = await SchemaRegistry.StartAsync(new RegistryOptions { Folder = Path.Combine(folder, "registry") }, TimeProvider.System, cancel);
            var options = new KafkaOptions { BootstrapServers = broker?.Endpoint ?? kafka! };
            string topic = $"bench-two-{Guid.NewGuid():N}";
            using var admin = new TopicAdmin(options);
            List<string> warmUps = [.. Enumerable.Range(0, Processes).Select(worker => LandAndBuildDag.WarmUpTopic(topic, worker))];
            foreach (string each in (IEnumerable<string>)[topic, .. warmUps]) await admin.EnsureAsync(new(each, Partitions), cancel);
            try
            {
                foreach (string each in warmUps) await ProduceAsync(options, registry.Endpoint, folder, each, WarmUpEvents, TimeSpan.FromHours(WarmUpHours), settings.Seed, cancel);
                var sums = await ProduceAsync(options, registry.Endpoint, folder, topic, settings.Scaled(EventCount), TimeSpan.FromDays(Days), settings.Seed, cancel);
                return await CompareAsync(new(folder, topic, options.BootstrapServers, registry.Endpoint.ToString(), mysql, sums), broker is null ? "Apache Kafka" : "embedded, in a third process", settings, cancel);
            }
            finally
            {
                foreach (string each in (IEnumerable<string>)[topic, .. warmUps]) await admin.DeleteAsync(each, CancellationToken.None);
            }
        }
        finally { Directory.Delete(folder, recursive: true); }
    }

    private static async Task<FleetSums> ProduceAsync(KafkaOptions kafka, Uri registry, string folder, string topic, int count, TimeSpan span, int seed, CancellationToken cancel)
    {
        using var directory = new SchemaDirectory(new SchemaDirectoryOptions { Endpoint = registry, CacheFolder = Path.Combine(folder, "schemas") });
        int id = await new TopicSchemas(directory).RegisterAsync<TruckTelemetry>(topic, cancel);
        using var producer = await TopicProducer.OpenAsync(kafka, topic, new(), cancel);
        var fleet = new TruckSimulatorOptions { Start = Start, Trucks = Trucks, Seed = seed, MeanGap = span * Trucks / count };
        var sums = new FleetSums();
        foreach (var report in new TruckSimulator(fleet).Reports().Take(count))
        {
            producer.Send(Encoding.UTF8.GetBytes(report.TruckId), id, report);
            sums.Add(report);
        }
        (await producer.FlushAsync(cancel)).EnsureDelivered();
        return sums;
    }

    /// <summary>Turns of one and of two take each other's place, so that what else the machine does meets both; the best of each counts.</summary>
    private static async Task<BenchFigure> CompareAsync(Place place, string broker, BenchSettings settings, CancellationToken cancel)
    {
        int turns = Math.Min(settings.Turns, TurnsMax);
        Turn? one = null, two = null;
        var ratios = new List<double>();
        for (int turn = 0; turn < turns; turn++)
        {
            var (alone, both) = (await RunAsync(place, 1, cancel), await RunAsync(place, Processes, cancel));
            ratios.Add(alone.Seconds / both.Seconds);
            if (one is null || alone.Seconds < one.Seconds) one = alone;
            if (two is null || both.Seconds < two.Seconds) two = both;
        }
        return new(one!.Seconds / two!.Seconds)
        {
            Measures =
            [
                new("one process", one.Seconds, "s"), new("two processes", two.Seconds, "s"), new("landed by one", one.LandSeconds, "s"), new("landed by two", two.LandSeconds, "s"),
                new("processor, one", one.Processor, "s"), new("processor, two", two.Processor, "s"),
                new("processor of broker and MySQL, two", two.Machine.Busy - two.Processor, "s"), new("idle, two", two.Machine.Idle, "s"), new("of the second process: landed", two.LandedShare, "%", Bar.Least(1)),
                new("of the second process: built", two.BuiltShare, "%", Bar.Least(1)), new("ratio in the worst turn", ratios.Min(), "times"),
            ],
            Settings = new Dictionary<string, object>
            {
                ["events"] = place.Sums.Events, ["trucks"] = Trucks, ["windows"] = $"{Days * 24} hours and {Days} days", ["partitions"] = Partitions, ["broker"] = broker, ["cores"] = "one for each worker process (taskset); broker and MySQL where they like",
                ["time"] = $"from the word to begin until the run that lands and builds all is done; each process has joined, and landed and built {WarmUpEvents:N0} other events by itself", ["turns"] = $"best of {turns} of each, by turns", ["seed"] = settings.Seed,
            },
        };
    }

    private static async Task<Turn> RunAsync(Place place, int processes, CancellationToken cancel)
    {
        string own = Directory.CreateDirectory(Path.Combine(place.Folder, Guid.NewGuid().ToString("N"))).FullName, database = $"etl_bench_{Guid.NewGuid():N}";
        var settings = new EtlSettings
        {
            Data = Path.Combine(own, "bench"), Kafka = new() { BootstrapServers = place.Kafka }, Registry = new() { Url = place.Registry }, MySql = new() { ConnectionString = place.MySql, Database = database },
            Metadata = new() { Store = "mysql", Database = database }, Lake = new() { Folder = Path.Combine(own, "lake") },
        };
        var workers = new List<WorkerProcess>();
        try
        {
            using var data = DataFolder.Open(settings.Data);
            await using var engine = await Engine.OpenAsync(settings, data, TimeProvider.System, cancel);
            for (int core = 0; core < processes; core++)
            {
                string home = Path.Combine(own, $"worker-{core}");
                workers.Add(WorkerProcess.Start(place.Topic, core, home, new Dictionary<string, string>
                {
                    ["Etl__Data"] = home, ["Etl__Kafka__BootstrapServers"] = place.Kafka, ["Etl__Registry__Url"] = place.Registry, ["Etl__MySql__ConnectionString"] = place.MySql, ["Etl__MySql__Database"] = database,
                    ["Etl__Metadata__Store"] = "mysql", ["Etl__Metadata__Database"] = database, ["Etl__Lake__Folder"] = settings.Lake.Folder,
                }));
            }
            for (int worker = 0; worker < processes; worker++) await DoneAsync(await TriggerAsync(engine, LandAndBuildDag.WarmUpName(worker), cancel), engine, workers, cancel);
            await JoinedAsync(engine, workers, cancel);
            long before = await engine.Metadata.Commits.HeadAsync(cancel);
            var run = await TriggerAsync(engine, LandAndBuildDag.Name, cancel);
            var processor = workers.Sum(worker => worker.Processor.TotalSeconds);
            long began = Stopwatch.GetTimestamp();
            var machine = MachineTime.Now();
            workers.ForEach(worker => worker.Begin());
            run = await DoneAsync(run, engine, workers, cancel);
            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            machine = MachineTime.Now() - machine;
            processor = workers.Sum(worker => worker.Processor.TotalSeconds) - processor;
            foreach (var worker in workers) await worker.StopAsync();
            await place.Sums.ProveAsync(engine, place.Topic, cancel);
            var commits = await engine.Metadata.Commits.AfterAsync(before, 100_000, cancel);
            var lands = commits.Where(commit => commit.Kind == CommitKind.Land).ToList();
            return new(seconds, seconds - (run.Ended!.Value - lands[^1].At).TotalSeconds, processor, machine, Share(commits, CommitKind.Land), Share(commits, CommitKind.Build));
        }
        finally
        {
            workers.ForEach(worker => worker.Dispose());
            Directory.Delete(own, recursive: true);
            await using var connection = new MySqlConnection(place.MySql);
            await connection.OpenAsync(CancellationToken.None);
            await using var drop = new MySqlCommand($"DROP DATABASE IF EXISTS `{database}`", connection);
            await drop.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private static Task<Run> TriggerAsync(Engine engine, string dag, CancellationToken cancel)
    {
        var now = DateTimeOffset.UtcNow;
        return engine.Metadata.Runs.TriggerAsync(dag, new(RunKind.Manual, now, now, now, Lane.Live, "{}", "bench", "bench"), cancel);
    }

    private static async Task<Run> DoneAsync(Run run, Engine engine, List<WorkerProcess> workers, CancellationToken cancel)
    {
        for (; !run.IsEnded; run = await engine.Metadata.Runs.FindAsync(run.Id, cancel) ?? run) await PauseAsync($"{run.Dag} is {run.State} ({run.Reason})", run.Created, workers, cancel);
        return run.State == RunState.Done ? run : throw new InvalidOperationException($"the run of {run.Dag} is {run.State}: {run.Reason}");
    }

    /// <summary>Until all are landers of the topic.</summary>
    private static async Task JoinedAsync(Engine engine, List<WorkerProcess> workers, CancellationToken cancel)
    {
        for (var began = DateTimeOffset.UtcNow; (await engine.Metadata.Feeds.ListAsync(cancel)).FirstOrDefault(feed => feed.Feed.StartsWith($"{LandAndBuildDag.Name}/", StringComparison.Ordinal))?.Landers.Count != workers.Count;)
            await PauseAsync("some have not joined", began, workers, cancel);
    }

    private static Task PauseAsync(string what, DateTimeOffset since, List<WorkerProcess> workers, CancellationToken cancel) =>
        DateTimeOffset.UtcNow - since < Longest && !workers.Any(worker => worker.HasExited) ? Task.Delay(LookEvery, cancel)
            : throw new InvalidOperationException($"{what} after {DateTimeOffset.UtcNow - since}; said: {string.Join('\n', workers.Select(worker => worker.Said))}");

    /// <summary>Percent of the commits that the process with the fewest of them made.</summary>
    private static double Share(IReadOnlyList<CommitInfo> commits, CommitKind kind)
    {
        var made = commits.Where(commit => commit.Kind == kind).CountBy(commit => commit.Token).Select(pair => pair.Value).ToList();
        return made.Count < 2 ? 0 : 100.0 * made.Min() / made.Sum();
    }

    private sealed record Place(string Folder, string Topic, string Kafka, string Registry, string MySql, FleetSums Sums);

    /// <param name="LandSeconds">Until the last batch had landed.</param>
    private sealed record Turn(double Seconds, double LandSeconds, double Processor, MachineTime Machine, double LandedShare, double BuiltShare);
}
