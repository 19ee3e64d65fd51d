namespace Etl.Lake.DuckDb;

/// <summary>How an in-memory database is opened. The same options give the same results: time zone, order and extensions are not the machine's.</summary>
public sealed record DuckOptions
{
    /// <summary>Worker threads, 1 to 256, the calling one included.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>What DuckDB itself may use, in MB (10⁶ bytes), 64 to 1,000,000. Buffers of ours that SQL reads are not counted.</summary>
    public int MemoryMegabytes { get; init; } = 512;

    /// <summary>Where statements larger than <see cref="MemoryMegabytes"/> put their overflow; null: nowhere, they fail with <see cref="DuckErrorType.OutOfMemory"/>.</summary>
    public string? SpillFolder { get; init; }

    /// <summary>null: any file may be read and written. Else only what lies under these folders, no network, and no statement can change a setting: for SQL that users write.</summary>
    public IReadOnlyList<string>? AllowedFolders { get; init; }

    /// <summary>All that is wrong, one line each.</summary>
    public IEnumerable<string> Faults()
    {
        if (Threads is < 1 or > 256) yield return $"duckdb.threads: {Threads} is outside 1 to 256";
        if (MemoryMegabytes is < 64 or > 1_000_000) yield return $"duckdb.memoryMegabytes: {MemoryMegabytes} is outside 64 to 1,000,000";
        if (SpillFolder is "") yield return "duckdb.spillFolder: is empty; leave it out to spill nowhere";
        foreach (string folder in AllowedFolders ?? [])
            if (!Path.IsPathFullyQualified(folder)) yield return $"duckdb.allowedFolders: '{folder}' is not a full path";
    }

    /// <summary>Name and value as DuckDB's settings.</summary>
    internal IEnumerable<(string Name, string Value)> Settings() =>
    [
        ("threads", $"{Threads}"),
        ("memory_limit", $"{MemoryMegabytes}MB"),
        ("temp_directory", SpillFolder ?? ""),
        ("preserve_insertion_order", "true"),
        ("autoinstall_known_extensions", "false"),
        ("autoload_known_extensions", "false"),
        ("allow_community_extensions", "false"),
    ];
}
