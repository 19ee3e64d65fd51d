using System.Diagnostics;
using Etl.Cli;
using Etl.Cli.Demo;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Reconciling;
using Etl.Cli.Settings;
using Etl.Cli.Simulation;
using Etl.Contracts.Workflow;
using Etl.Sinks.Cassandra.Cql;
using MySqlConnector;

namespace Etl.Benchmarks.Reconcile;

/// <summary>The demo's events, a row of TRUCK_PARAMETER_MAP each, published to SQLite, MySQL and Cassandra; then topic, lake and the three compared row by row of every window.</summary>
public sealed class ReconcileBench : IBench
{
    private const string Dataset = "truck_parameter_map";

    public string Name => "reconcile";

    public string Description => "topic = lake = SQLite = MySQL = Cassandra of 987,753 rows in 72 windows: all read, decoded and summed";

    public string Unit => "s";

    public Bar Bar => Bar.Most(30);

    public async Task<BenchFigure> RunAsync(BenchSettings settings, CancellationToken cancel)
    {
        string name = $"etl_bench_{Guid.NewGuid():N}"[..40], folder = Directory.CreateTempSubdirectory("etl-reconcile-").FullName;
        EtlSettings cluster;
        try
        {
            cluster = ClusterProfile.Of(new() { Data = folder, MySql = new() { Database = name }, Metadata = new() { Database = $"{name}_store" }, Cassandra = new() { Keyspace = name } }, Environment.GetEnvironmentVariable);
        }
        catch (UsageException missing) { throw new BenchUnavailableException(missing.Message); }
        try
        {
            using var data = DataFolder.Open(folder);
            await using var servers = await Servers.OpenAsync(cluster, data, TimeProvider.System, cancel);
            await using var topics = new TopicAccess(servers, cluster, data);
            await using var engine = await Engine.OpenAsync(cluster, data, TimeProvider.System, cancel);
            await PublishAsync(topics, engine, cancel);
            var (best, document) = (double.MaxValue, (ReconcileDocument?)null);
            for (int turn = 0; turn < settings.Turns; turn++)
            {
                long start = Stopwatch.GetTimestamp();
                var step = Composition.Dags.SelectMany(dag => dag.Steps).OfType<DatasetStep>().Single(step => step.Dataset == Dataset);
                var calendar = step.Dag.Calendar;
                document = await new DatasetReconciler(engine).RunAsync(step, calendar, calendar.Day(DemoRun.FirstDay).Start, calendar.Day(DemoRun.FirstDay.AddDays(DemoRun.Days)).Start, withRows: false, topics, cancel);
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
                if (document.Differences.Count > 0) throw new InvalidOperationException($"found {document.Differences.Count} windows that differ, the first {document.Differences[0].Window} in {document.Differences[0].Place}");
            }
            return new(best) { Settings = new Dictionary<string, object> { ["rows"] = document!.Compared[1].Rows, ["windows"] = document.Windows, ["places"] = string.Join(", ", document.Compared.SelectMany(part => part.Places)), ["turns"] = settings.Turns } };
        }
        finally
        {
            await DropAsync(cluster, name);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task PublishAsync(TopicAccess topics, Engine engine, CancellationToken cancel)
    {
        var product = Composition.Products.Single(product => product.Dag.Name == "trucks");
        var terminal = new Terminal(json: true);
        await topics.DeclareAsync(product, cancel);
        await TruckProduction.RunAsync(topics, DemoRun.Fleet, double.PositiveInfinity, TimeProvider.System, progress: null, cancel);
        var (run, _) = await NodeRun.RunAsync(engine, topics, product, "the bench", TimeProvider.System, terminal, _ => { }, cancel);
        if (run.State != RunState.Done) throw new InvalidOperationException($"the run that publishes is {run.State}: {run.Reason}");
    }

    private static async Task DropAsync(EtlSettings settings, string name)
    {
        await using (var mysql = new MySqlConnection(settings.MySql.Complete))
        {
            await mysql.OpenAsync(CancellationToken.None);
            await using var drop = new MySqlCommand($"DROP DATABASE IF EXISTS `{name}`; DROP DATABASE IF EXISTS `{name}_store`", mysql);
            await drop.ExecuteNonQueryAsync(CancellationToken.None);
        }
        await using var cluster = Cluster.Builder(TimeProvider.System, new Random(1)).AddContactPoints(settings.Cassandra.ContactPoints.Split(',')).Build();
        await using var session = await cluster.ConnectAsync(CancellationToken.None);
        await session.ExecuteAsync(new SimpleStatement($"DROP KEYSPACE IF EXISTS {name}"), CancellationToken.None);
    }
}
