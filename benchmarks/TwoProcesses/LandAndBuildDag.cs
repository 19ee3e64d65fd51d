using Etl.Cli;
using Etl.Contracts.Events;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs;
using Etl.Jobs.Trucks;

namespace Etl.Benchmarks.TwoProcesses;

/// <summary>The trucks' DAG as far as the lake goes: land, hours, days, by the product's own SQL; nothing is checked or published.</summary>
/// <param name="of">What its datasets' names begin with.</param>
public sealed class LandAndBuildDag(string name, string topic, string of) : IDagSource
{
    public const string Name = "two", Of = "truck";

    /// <summary>Datasets of the DAG that is measured.</summary>
    public const string Events = $"{Of}_telemetry", Hourly = $"{Of}_hourly", Daily = $"{Of}_daily";

    /// <summary>What is measured.</summary>
    public static Product ProductOf(string topic) => ProductOf(Name, topic, Of);

    /// <summary>What a worker does beforehand, all of it by itself, so that its code is compiled.</summary>
    public static Product WarmUpOf(string topic, int worker) => ProductOf(WarmUpName(worker), WarmUpTopic(topic, worker), WarmUpName(worker));

    public static string WarmUpName(int worker) => $"warm{worker}";

    public static string WarmUpTopic(string topic, int worker) => $"{topic}-warm-{worker}";

    public Dag Define()
    {
        var dag = new Dag(name) { Zone = "UTC", CatchUp = CatchUp.All };
        var hourly = dag.Build($"{of}_hourly", Grain.Hour, "hourly.sql", from: dag.Land(topic, time: "timestamp", identity: ["truck_id", "sequence"], dataset: $"{of}_telemetry"), key: ["truck_id"]);
        dag.Build($"{of}_daily", Grain.Day, "daily.sql", from: hourly, key: ["truck_id"]);
        return dag;
    }

    private static Product ProductOf(string name, string topic, string of) => new(new LandAndBuildDag(name, topic, of), [new(topic, TruckTelemetry.Schema)],
        file => SqlFile.Read(typeof(TrucksDag), file).Replace($"{Of}_telemetry", $"{of}_telemetry", StringComparison.Ordinal).Replace($"{Of}_hourly", $"{of}_hourly", StringComparison.Ordinal));
}
