namespace Etl.Metadata;

/// <summary>How the store is used. The defaults suit one node with a handful of writers.</summary>
public sealed record MetadataOptions
{
    /// <summary>How far the database's clock may be off the node's before commits stop; design: 5 min.</summary>
    public TimeSpan ClockSkewMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Wait for another process's write lock, or for a free connection, 100 ms to 5 min.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Connections at most, 2 to 64.</summary>
    public int ConnectionsMax { get; init; } = 8;

    /// <summary>Runs of one transaction that meets deadlocks and lock timeouts, 1 to 50.</summary>
    public int ConflictAttempts { get; init; } = 12;

    /// <summary>Runs of one piece of work whose connection is lost, 1 to 10.</summary>
    public int ConnectAttempts { get; init; } = 3;

    /// <summary>Of the random part of waiting times.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What stands in for a database's clock where the store has none of its own (SQLite); null: the node's.</summary>
    public TimeProvider? DatabaseClock { get; init; }

    /// <returns>All that is wrong; empty when nothing is.</returns>
    public IReadOnlyList<string> Faults()
    {
        List<string> faults = [];
        if (ClockSkewMax <= TimeSpan.Zero) faults.Add($"metadata.clockSkewMax: found {ClockSkewMax}, expected more than zero");
        if (Patience < TimeSpan.FromMilliseconds(100) || Patience > TimeSpan.FromMinutes(5)) faults.Add($"metadata.patience: {Patience} is outside 100 ms to 5 min");
        if (ConnectionsMax is < 2 or > 64) faults.Add($"metadata.connectionsMax: {ConnectionsMax} is outside 2 to 64");
        if (ConflictAttempts is < 1 or > 50) faults.Add($"metadata.conflictAttempts: {ConflictAttempts} is outside 1 to 50");
        if (ConnectAttempts is < 1 or > 10) faults.Add($"metadata.connectAttempts: {ConnectAttempts} is outside 1 to 10");
        return faults;
    }

    internal MetadataOptions Checked() => Faults() is { Count: > 0 } faults ? throw new ArgumentException(string.Join("; ", faults)) : this;
}
