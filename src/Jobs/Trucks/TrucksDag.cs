using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Jobs.Trucks;

/// <summary>Truck telemetry: raw points, hourly and daily figures, and how distance and speed go with time.</summary>
public sealed class TrucksDag : IDagSource
{
    public const string Topic = "Truck-Data";

    public Dag Define()
    {
        var dag = new Dag("trucks") { Zone = "Europe/Berlin", CatchUp = CatchUp.All };
        var events = dag.Land(topic: Topic, time: "timestamp", identity: ["truck_id", "sequence"], dataset: "truck_telemetry");
        var hourly = dag.Build("truck_hourly", Grain.Hour, "hourly.sql", from: events, key: ["truck_id"]);
        var daily = dag.Build("truck_daily", Grain.Day, "daily.sql", from: hourly, key: ["truck_id"]);
        var distance = dag.Build("truck_distance_correlation", Grain.Hour, "distance_correlation.sql", from: events, key: ["truck_id"]);
        var speed = dag.Build("truck_engine_speed_correlation", Grain.Hour, "engine_speed_correlation.sql", from: events, key: ["truck_id"]);
        var points = dag.Build("truck_parameter_map", Grain.Hour, "parameter_map.sql", from: events, key: ["truck_id", "sequence"]);
        dag.Check(hourly, "hourly.checks.sql");
        dag.Publish(hourly, to: [Sinks.Sqlite, Sinks.MySql, Sinks.Cassandra]);
        dag.Publish(daily, to: [Sinks.Sqlite, Sinks.MySql, Sinks.Cassandra]);
        dag.Publish(distance, to: [Sinks.Sqlite, Sinks.MySql, Sinks.Cassandra], table: "TRUCK_DISTANCE_CORRELATION");
        dag.Publish(speed, to: [Sinks.Sqlite, Sinks.MySql, Sinks.Cassandra], table: "TRUCK_ENGINE_SPEED_CORRELATION");
        dag.Publish(points, to: [Sinks.Sqlite, Sinks.MySql, Sinks.Cassandra], table: "TRUCK_PARAMETER_MAP");
        return dag;
    }
}
