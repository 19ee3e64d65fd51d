using Etl.Cli.Dags;
using Etl.Cli.Settings;
using Etl.Contracts;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps;
using Etl.Lake;
using Etl.Lake.DuckDb;
using Etl.Metadata;
using Etl.Metadata.MySql;
using Etl.Metadata.Sqlite;
using Etl.Scheduler.Running;
using Etl.Sinks;
using Etl.Sinks.Cassandra;
using Etl.Sinks.MySql;
using Etl.Sinks.Sqlite;

namespace Etl.Cli.Hosting;

/// <summary>The parts that work on the lake, opened for one call: store, lake, sinks, jobs.</summary>
public sealed class Engine : IAsyncDisposable
{
    private readonly DuckDatabase _database;

    private Engine(EtlSettings settings, DataFolder folder, IMetadata metadata, DuckDatabase database, ParquetLake lake, IReadOnlyList<ISink> sinks)
    {
        (Settings, Folder, Metadata, _database, Lake, Sinks) = (settings, folder, metadata, database, lake, sinks);
        Committer = new(metadata.Commits);
        Jobs = new(Composition.Products, lake, metadata.Publishes, sinks);
    }

    public EtlSettings Settings { get; }

    public DataFolder Folder { get; }

    public IMetadata Metadata { get; }

    public Committer Committer { get; }

    public ParquetLake Lake { get; }

    public IReadOnlyList<ISink> Sinks { get; }

    public JobCatalog Jobs { get; }

    public static string ResultsFile(DataFolder folder) => folder.In("results.db");

    public static async Task<Engine> OpenAsync(EtlSettings settings, DataFolder folder, TimeProvider clock, CancellationToken cancel)
    {
        var metadata = await OpenMetadataAsync(settings, folder, clock, cancel);
        var options = settings.Lake.Options(folder.Path);
        Directory.CreateDirectory(options.Folder);
        if (options.SpillFolder is { } spill) Directory.CreateDirectory(spill);
        var database = new DuckDatabase(ParquetLake.DatabaseOptions(options));
        var sinks = new List<ISink> { new SqliteSink(Etl.Jobs.Sinks.Sqlite, new SqliteSinkOptions { Path = ResultsFile(folder) }) };
        if (settings.MySql.IsSet) sinks.Add(new MySqlSink(Etl.Jobs.Sinks.MySql, new MySqlSinkOptions { ConnectionString = settings.MySql.Complete, Database = settings.MySql.Database }, clock, new Random(Environment.ProcessId)));
        if (settings.Cassandra.IsSet) sinks.Add(new CassandraSink(Etl.Jobs.Sinks.Cassandra, settings.Cassandra.Options, clock, new Random(Environment.ProcessId)));
        return new(settings, folder, metadata, database, new ParquetLake(metadata, database, options), sinks);
    }

    public static Task<IMetadata> OpenMetadataAsync(EtlSettings settings, DataFolder folder, TimeProvider clock, CancellationToken cancel) => settings.Metadata.Store == "mysql"
        ? MySqlMetadata.OpenAsync(settings.MySql.Complete, settings.Metadata.Database, clock, cancel: cancel)
        : SqliteMetadata.OpenAsync(folder.In("metadata.db"), clock, cancel: cancel);

    /// <summary>Asks a sink for the version of a window that nobody publishes: it answers, or the trouble is known before work begins.</summary>
    /// <exception cref="StoreException">The sink is away, or refuses its user.</exception>
    public Task ReachAsync(ISink sink, CancellationToken cancel) => sink.VersionAsync("etl_reach", new Window(Grain.Hour, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddHours(1)), cancel);

    /// <summary>A process that owns the folder is alone on a store inside it: what earlier ones left half done is swept.</summary>
    public Task<IReadOnlyList<string>> SweepAsync(CancellationToken cancel) => new Sweep(Lake).RunAsync(evenLive: Folder.IsOwner && Settings.Metadata.Store == "sqlite", cancel);

    public DagRun NewRun(TimeProvider clock) => new(Metadata, Committer, Jobs, NewRunner(clock), NewWorkerOptions(), clock) { Live = new(Metadata.Logs, Metadata.Feeds, clock) };

    public WorkerOptions NewWorkerOptions() => new() { PoolSizes = Settings.Steps.PoolSizes, Lease = Settings.Steps.Lease };

    public StepRunner NewRunner(TimeProvider clock) => new(Settings.Steps.Retry.Policy, clock, new Random(Environment.ProcessId)) { Defaults = Settings.Steps.Limits, Breakers = new(Settings.Steps.Breaker.Options, clock) };

    /// <summary>Datasets as the DAGs declare them.</summary>
    public IReadOnlyList<LakeInput> Known { get; } = [.. Composition.Dags.SelectMany(dag => dag.Steps).OfType<DatasetStep>().Select(LakeInputs.Of)];

    /// <summary>The DAGs whose SQL does not bind; judged once for each build of the program.</summary>
    public IReadOnlyList<RefusedDag> RefusedBySql() => DagTrial.Kept(Composition.Products, _database, Folder.Path);

    /// <exception cref="UsageException">Its SQL does not bind, or that of a DAG that it feeds: told as at the start of `etl up`, which does not run it either.</exception>
    public void MustBeSound(Dag dag)
    {
        if (RefusedBySql().FirstOrDefault(refused => refused.Dag == dag.Name) is { } wrong) throw new UsageException(wrong.ToString());
    }

    /// <summary>The lake's files as another store lists them.</summary>
    public ParquetLake LakeOn(IMetadata store) => new(store, _database, Lake.Options);

    public LakeQuery NewQuery(TimeProvider clock) => new(Metadata, Lake.Options, Known, clock);

    public async ValueTask DisposeAsync()
    {
        foreach (var sink in Sinks) await sink.DisposeAsync();
        _database.Dispose();
        await Metadata.DisposeAsync();
    }
}
