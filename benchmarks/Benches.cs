using Etl.Benchmarks.Backfills;
using Etl.Benchmarks.Broker;
using Etl.Benchmarks.Build;
using Etl.Benchmarks.Cassandra;
using Etl.Benchmarks.Decode;
using Etl.Benchmarks.Land;
using Etl.Benchmarks.Produce;
using Etl.Benchmarks.Publish;
using Etl.Benchmarks.Reconcile;
using Etl.Benchmarks.Slots;
using Etl.Benchmarks.TwoProcesses;

namespace Etl.Benchmarks;

/// <summary>The list of benches; a new one is added here.</summary>
public static class Benches
{
    public static IReadOnlyList<IBench> All { get; } =
    [
        new DecodeBench(),
        new PublishBench(),
        new PublishTogetherBench(),
        CassandraBench.OfSingles,
        CassandraBench.OfBatches,
        new ReconcileBench(),
        LandBench.OfKafka,
        LandBench.OfEmbedded,
        new ProduceBench(),
        new BrokerRatioBench(),
        new BuildBench(),
        SlotsBench.OfSqlite,
        SlotsBench.OfMySql,
        new PlanBench(),
        new HandoverBench(),
        new TriggerBench(),
        new BackfillBesideLiveBench(),
        new TwoProcessesBench(),
    ];

    public static IBench? Find(string name) => All.FirstOrDefault(bench => bench.Name == name);
}
