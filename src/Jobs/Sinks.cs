using Etl.Contracts.Workflow;

namespace Etl.Jobs;

/// <summary>The sinks that a DAG may name. Which server stands behind a name is configuration; without one its publishes are not planned.</summary>
public static class Sinks
{
    /// <summary>A file in the data folder: always there.</summary>
    public static SinkName Sqlite { get; } = new("sqlite");

    /// <summary>MySQL or MariaDB.</summary>
    public static SinkName MySql { get; } = new("mysql");

    public static SinkName Cassandra { get; } = new("cassandra");
}
