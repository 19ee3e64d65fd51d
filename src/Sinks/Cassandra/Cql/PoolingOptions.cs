namespace Etl.Sinks.Cassandra.Cql;

/// <summary>Connections and what may be under way on them.</summary>
public sealed record PoolingOptions
{
    /// <summary>To each node of the local data centre, 1 to 16.</summary>
    public int ConnectionsPerHost { get; init; } = 1;

    /// <summary>Unanswered requests on one connection, 1 to 32,768.</summary>
    public int RequestsPerConnection { get; init; } = 1024;

    /// <summary>Requests that wait for a connection of any node, 0 to 1,000,000; more are refused.</summary>
    public int QueuedMax { get; init; } = 4096;

    /// <summary>Silence on a connection before it is asked whether it lives, 1 s to 1 h.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it has to answer that, 100 ms to 5 min.</summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Statements whose preparation is remembered, 1 to 100,000.</summary>
    public int PreparedMax { get; init; } = 10_000;

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (ConnectionsPerHost is < 1 or > 16) yield return $"cassandra.connectionsPerHost: {ConnectionsPerHost} is outside 1 to 16";
        if (RequestsPerConnection is < 1 or > 32_768) yield return $"cassandra.requestsPerConnection: {RequestsPerConnection} is outside 1 to 32,768";
        if (QueuedMax is < 0 or > 1_000_000) yield return $"cassandra.queuedMax: {QueuedMax} is outside 0 to 1,000,000";
        if (HeartbeatInterval < TimeSpan.FromSeconds(1) || HeartbeatInterval > TimeSpan.FromHours(1)) yield return $"cassandra.heartbeatInterval: {HeartbeatInterval} is outside 1 s to 1 h";
        if (HeartbeatTimeout < TimeSpan.FromMilliseconds(100) || HeartbeatTimeout > TimeSpan.FromMinutes(5)) yield return $"cassandra.heartbeatTimeout: {HeartbeatTimeout} is outside 100 ms to 5 min";
        if (PreparedMax is < 1 or > 100_000) yield return $"cassandra.preparedMax: {PreparedMax} is outside 1 to 100,000";
    }
}

/// <summary>How a lost node is tried again: after the base delay, doubled each time up to the longest, each less a random part of up to a half.</summary>
public sealed record ReconnectionOptions
{
    /// <summary>10 ms to 1 min.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The base delay to 1 h.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The delay before a try, by the number of those that failed, from 1.</summary>
    public TimeSpan Delay(int failures, double random)
    {
        double longest = Math.Min(BaseDelay.TotalMilliseconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 30)), MaxDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(longest * (1 - random / 2));
    }

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (BaseDelay < TimeSpan.FromMilliseconds(10) || BaseDelay > TimeSpan.FromMinutes(1)) yield return $"cassandra.reconnection.baseDelay: {BaseDelay} is outside 10 ms to 1 min";
        if (MaxDelay < BaseDelay || MaxDelay > TimeSpan.FromHours(1)) yield return $"cassandra.reconnection.maxDelay: {MaxDelay} is outside {BaseDelay} to 1 h";
    }
}
