using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Jobs.Trucks;

/// <summary>The second telemetry of the trucks: how a device lies in space, as quaternion and as angles.</summary>
public sealed class OrientationDag : IDagSource
{
    public const string Topic = "Device-Orientation";

    public Dag Define()
    {
        var dag = new Dag("orientation") { Zone = "Europe/Berlin" };
        var events = dag.Land(topic: Topic, time: "time", identity: ["device_id", "sequence"], dataset: "device_orientation");
        var hourly = dag.Build("orientation_hourly", Grain.Hour, "orientation.sql", from: events, key: ["device_id"]);
        dag.Publish(hourly, to: [Sinks.Sqlite, Sinks.MySql, Sinks.Cassandra]);
        return dag;
    }
}
