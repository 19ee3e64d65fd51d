namespace Etl.Sinks.Sqlite;

/// <summary>Where the database file is and how long to wait for it.</summary>
public sealed record SqliteSinkOptions
{
    /// <summary>The database file; made with its folder if absent. On a local disk: SQLite's WAL does not work over a network.</summary>
    public required string Path { get; init; }

    /// <summary>How long to wait while another writer has the file, 0 to 10 minutes. Default 20 s.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>All that is wrong with these options; empty when good.</summary>
    public IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Path)) yield return "sinks.sqlite.path: found nothing, expected a file path such as \"results.db\"";
        if (BusyTimeout < TimeSpan.Zero || BusyTimeout > TimeSpan.FromMinutes(10)) yield return $"sinks.sqlite.busyTimeout: {BusyTimeout} is outside 0 to 10 minutes";
    }
}
