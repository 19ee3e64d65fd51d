using Etl.Contracts.Results;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps;
using Etl.Lake;
using Etl.Lake.DuckDb;
using Etl.Metadata;
using Etl.Metadata.MySql;
using Etl.Sinks;
using Etl.Sinks.Cassandra;
using Etl.Sinks.MySql;

namespace Etl.Tests.PublishWorker;

/// <summary>Where a worker's store, lake and sinks are; as they stand on its command line.</summary>
/// <param name="Server">Connection string of MySQL or MariaDB.</param>
/// <param name="Database">Of the published tables; that of the store has <c>_store</c> behind it.</param>
/// <param name="Folder">The lake's; and beside its files the order to freeze.</param>
/// <param name="Cassandra">host:port.</param>
public sealed record PublishPlaces(string Server, string Database, string Folder, string Cassandra, string Keyspace)
{
    public IReadOnlyList<string> Arguments => [Server, Database, Folder, Cassandra, Keyspace];

    public static PublishPlaces Of(string[] arguments) => new(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]);
}

/// <summary>The product's own parts of publishing: one result, hour by hour, out of the lake into MySQL and Cassandra.</summary>
public sealed class PublishParts : IAsyncDisposable
{
    /// <summary>Short, so that what a frozen worker holds is soon another's.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(1.5);

    private readonly DuckDatabase _database;

    private PublishParts(IMetadata metadata, DuckDatabase database, LakeOptions options, PublishPlaces places)
    {
        (Metadata, _database, Lake) = (metadata, database, new ParquetLake(metadata, database, options));
        Sinks =
        [
            new MySqlSink(Etl.Jobs.Sinks.MySql, new() { ConnectionString = places.Server, Database = places.Database, TransactionIdleMax = TimeSpan.FromSeconds(2) }, TimeProvider.System, new Random(Environment.ProcessId)),
            new CassandraSink(Etl.Jobs.Sinks.Cassandra, new() { ContactPoints = [places.Cassandra], Keyspace = places.Keyspace }, TimeProvider.System, new Random(Environment.ProcessId)),
        ];
    }

    public static Dag Dag { get; } = Define();

    public static BuildStep Result => Dag.Steps.OfType<BuildStep>().Single();

    public IMetadata Metadata { get; }

    public ParquetLake Lake { get; }

    public IReadOnlyList<ISink> Sinks { get; }

    /// <param name="seed">Of the store's waits.</param>
    public static async Task<PublishParts> OpenAsync(PublishPlaces places, int seed, CancellationToken cancel)
    {
        // A worker frozen inside one of the store's transactions keeps its locks for as long as this.
        var metadata = await MySqlMetadata.OpenAsync(places.Server, $"{places.Database}_store", TimeProvider.System, new MetadataOptions { Patience = TimeSpan.FromSeconds(3), Seed = seed }, cancel);
        var options = new LakeOptions { Folder = places.Folder, MemoryMegabytes = 128, Threads = 1 };
        return new(metadata, new DuckDatabase(ParquetLake.DatabaseOptions(options)), options, places);
    }

    public static PublishStep StepOf(SinkName sink) => Dag.Steps.OfType<PublishStep>().Single(step => step.Sink == sink);

    public ISink SinkOf(SinkName name) => Sinks.Single(sink => sink.Name == name);

    public Publish JobOf(PublishStep step) => new(Lake, Metadata.Publishes, SinkOf(step.Sink), step);

    /// <summary>Stores a window's result by the SQL given.</summary>
    /// <returns>Its version.</returns>
    public async Task<long> StoreAsync(Window window, string sql, long token, CancellationToken cancel)
    {
        await using var snapshot = await Lake.OpenAsync([], window, await Metadata.Commits.HeadAsync(cancel), cancel);
        using var result = await snapshot.QueryAsync(sql, Result.Key, cancel);
        var outcome = (await Metadata.Commits.CommitAsync([await Lake.WriteResultAsync(Result.Dataset, result, token, cancel)], cancel))[0];
        return outcome is Etl.Contracts.Commits.CommitOutcome.Committed committed ? committed.Number : throw new InvalidOperationException($"{window}: {outcome}");
    }

    /// <summary>The rows of a window in a sink, in key order.</summary>
    public async Task<IReadOnlyList<object?[]>> ReadAsync(SinkName sink, Window window, CancellationToken cancel)
    {
        using var rows = await Lake.ReadResultAsync(Result.Dataset, window, Result.Key, await Metadata.Commits.HeadAsync(cancel), cancel);
        return await SinkOf(sink).ReadAsync(ResultTables.Of(StepOf(sink).Table, Result.Grain, Result.Key, rows.Fields), window, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sink in Sinks) await sink.DisposeAsync();
        _database.Dispose();
        await Metadata.DisposeAsync();
    }

    private static Dag Define()
    {
        var dag = new Dag("frozen");
        dag.Publish(dag.Build("frozen_hourly", Grain.Hour, "none.sql", dag.Land("topic", time: "at"), key: ["id"]), [Etl.Jobs.Sinks.MySql, Etl.Jobs.Sinks.Cassandra]);
        return dag;
    }
}
