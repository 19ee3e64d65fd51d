namespace Etl.Lake;

/// <summary>Which Parquet encodings files are written with.</summary>
public enum ParquetVersion
{
    /// <summary>Read by everything.</summary>
    V1,

    /// <summary>Written 1.6 times faster; Spark 4.1's default reader cannot read it.</summary>
    V2,
}

/// <summary>How the lake is written and read.</summary>
public sealed record LakeOptions
{
    /// <summary>The lake's folder; made when missing.</summary>
    public required string Folder { get; init; }

    /// <summary>Most rows of a file that a batch lands, and of a file that compaction makes, 1 to 10,000,000.</summary>
    public int RowsPerFile { get; init; } = 500_000;

    /// <summary>Live files with fewer rows are compacted, 0 (none) to <see cref="RowsPerFile"/>.</summary>
    public int SmallFileRows { get; init; } = 50_000;

    public ParquetVersion ParquetVersion { get; init; } = ParquetVersion.V1;

    /// <summary>Rows per Parquet row group, 2,048 to 1,000,000. A window reads whole row groups: small ones keep an hour cheap, and cost nothing in size.</summary>
    public int RowGroupRows { get; init; } = 20_480;

    /// <summary>zstd level, 1 (fast) to 22.</summary>
    public int CompressionLevel { get; init; } = 1;

    /// <summary>Memory that SQL may use, in MB (10⁶ bytes), 64 to 1,000,000. Column batches of our own are not counted.</summary>
    public int MemoryMegabytes { get; init; } = 1_000;

    /// <summary>Threads of SQL, 1 to 256.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>Where SQL spills what its memory cannot hold; null: it does not spill, and a statement that needs to fails.</summary>
    public string? SpillFolder { get; init; }

    /// <summary>How long a retired file stays on disk, at least 1 minute. A reader as of an older commit must end within it.</summary>
    public TimeSpan RetiredFor { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Most rows that a question of a user returns, 1 to 10,000,000.</summary>
    public int QueryRowsMax { get; init; } = 10_000;

    /// <summary>Longest time that a question of a user runs, 1 second to 1 hour.</summary>
    public TimeSpan QueryTimeMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>All that is wrong, one line each; empty when the options are good.</summary>
    public IReadOnlyList<string> Faults() =>
    [
        .. Folder.Trim().Length == 0 ? ["lake.folder: found \"\", expected a path"] : Array.Empty<string>(),
        .. SpillFolder is { } spill && spill.Trim().Length == 0 ? ["lake.spillFolder: found \"\", expected a path, or nothing at all for no spilling"] : Array.Empty<string>(),
        .. Outside("rowsPerFile", RowsPerFile, 1, 10_000_000),
        .. Outside("smallFileRows", SmallFileRows, 0, RowsPerFile),
        .. Outside("rowGroupRows", RowGroupRows, 2_048, 1_000_000),
        .. Outside("compressionLevel", CompressionLevel, 1, 22),
        .. Outside("memoryMegabytes", MemoryMegabytes, 64, 1_000_000),
        .. Outside("threads", Threads, 1, 256),
        .. Outside("queryRowsMax", QueryRowsMax, 1, 10_000_000),
        .. Outside("queryTimeMax", QueryTimeMax, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
        .. Outside("retiredFor", RetiredFor, TimeSpan.FromMinutes(1), TimeSpan.FromDays(3_650)),
    ];

    private static IEnumerable<string> Outside(string name, int found, int least, int most)
    {
        if (found < least || found > most) yield return FormattableString.Invariant($"lake.{name}: {found:N0} is outside {least:N0} to {most:N0}");
    }

    private static IEnumerable<string> Outside(string name, TimeSpan found, TimeSpan least, TimeSpan most)
    {
        if (found < least || found > most) yield return FormattableString.Invariant($"lake.{name}: {found} is outside {least} to {most}");
    }
}
