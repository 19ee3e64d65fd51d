using System.ComponentModel;
using Etl.Jobs.Steps.Landing;
using Etl.Lake;

namespace Etl.Cli.Settings;

/// <summary>Everything that can be set, with its default; each with the meaning that <c>etl config describe</c> tells. Read from appsettings.json, then <c>Etl__…</c> of the environment, then the command line.</summary>
public sealed record EtlSettings
{
    [Description("Folder of all state of this installation.")]
    public string Data { get; init; } = "./etl-data";

    public KafkaSettings Kafka { get; init; } = new();

    public RegistrySettings Registry { get; init; } = new();

    public MetadataSettings Metadata { get; init; } = new();

    public MySqlSettings MySql { get; init; } = new();

    public CassandraSettings Cassandra { get; init; } = new();

    public LakeSettings Lake { get; init; } = new();

    public LandSettings Land { get; init; } = new();

    public StepSettings Steps { get; init; } = new();

    public PageSettings Page { get; init; } = new();

    public RetentionSettings Retention { get; init; } = new();

    public WeatherSettings Weather { get; init; } = new();

    /// <summary>All that is wrong, one line each; empty when the program may start.</summary>
    public IReadOnlyList<string> Faults() =>
    [
        .. Data.Trim().Length == 0 ? ["data: found \"\", expected a folder"] : Array.Empty<string>(),
        .. Metadata.Store == "mysql" && !MySql.IsSet ? ["metadata.store: mysql needs mySql.connectionString, which is empty"] : Array.Empty<string>(),
        .. Kafka.Faults(), .. Registry.Faults(), .. Metadata.Faults(), .. MySql.Faults(), .. Cassandra.Faults(), .. Lake.Faults(), .. Land.Options.Faults(), .. Steps.Faults(), .. Page.Faults(), .. Retention.Faults(), .. Weather.Faults(),
    ];

    /// <summary>What works, and should be looked at all the same; one line each.</summary>
    public IReadOnlyList<string> Warnings() => [.. Kafka.Warnings(), .. Registry.Warnings(), .. MySql.Warnings(), .. Cassandra.Warnings()];
}

/// <summary>Where commits and slots are kept.</summary>
public sealed record MetadataSettings
{
    [Description("sqlite (a file in the data folder) or mysql (the server of MySql).")]
    public string Store { get; init; } = "sqlite";

    [Description("Database of the store on MySQL.")]
    public string Database { get; init; } = "etl_metadata";

    public IEnumerable<string> Faults()
    {
        if (Store is not ("sqlite" or "mysql")) yield return $"metadata.store: found \"{Store}\", expected sqlite or mysql";
    }
}

/// <summary>How the lake is written; see <see cref="LakeOptions"/> for each.</summary>
public sealed record LakeSettings
{
    [Description("The lake's folder; empty: lake in the data folder.")]
    public string Folder { get; init; } = "";

    [Description("Most rows that a batch lands in one file.")]
    public int RowsPerFile { get; init; } = 500_000;

    [Description("Memory that SQL may use, in MB.")]
    public int MemoryMegabytes { get; init; } = 1_000;

    [Description("1 (read by everything) or 2 (faster; not for Spark's default reader).")]
    public int ParquetVersion { get; init; } = 1;

    public LakeOptions Options(string data) => new()
    {
        Folder = Folder.Length > 0 ? Path.GetFullPath(Folder) : Path.Combine(data, "lake"),
        RowsPerFile = RowsPerFile, MemoryMegabytes = MemoryMegabytes, Threads = Environment.ProcessorCount,
        ParquetVersion = ParquetVersion == 2 ? Etl.Lake.ParquetVersion.V2 : Etl.Lake.ParquetVersion.V1,
        SpillFolder = Path.Combine(data, "spill"),
    };

    public IEnumerable<string> Faults() =>
        (ParquetVersion is 1 or 2 ? [] : new[] { $"lake.parquetVersion: {ParquetVersion} is neither 1 nor 2" }).Concat(Options("data").Faults());
}

/// <summary>How much a landing takes at a time; see <see cref="LandOptions"/> for each.</summary>
public sealed record LandSettings
{
    [Description("Most records of one batch, and so of one file, 1 to 4,000,000.")]
    public int RecordsPerBatch { get; init; } = LandOptions.RecordsPerBatchDefault;

    [Description("Most bytes of values in one batch, in MB, 1 to 2,000.")]
    public int MegabytesPerBatch { get; init; } = 128;

    [Description("Files written at the same time while the next batch is read, 1 to 8.")]
    public int Writers { get; init; } = LandOptions.WritersDefault;

    internal LandOptions Options => new() { RecordsPerBatch = RecordsPerBatch, MegabytesPerBatch = MegabytesPerBatch, Writers = Writers };
}

/// <summary>The page that <c>etl up</c> serves on loopback.</summary>
public sealed record PageSettings
{
    [Description("Port of the page, 0 to 65535; 0 for 8650, or any free one where that is taken.")]
    public int Port { get; init; }

    public IEnumerable<string> Faults()
    {
        if (Port is < 0 or > 65535) yield return $"page.port: {Port} is outside 0 to 65535";
    }
}

/// <summary>How long is kept what only explains.</summary>
public sealed record RetentionSettings
{
    [Description("Days for which what attempts of slots said is kept, 1 to 3,660.")]
    public int LogDays { get; init; } = 30;

    [Description("Days for which ended runs, attempts of slots and the names of old calls are kept, 1 to 3,660.")]
    public int RunDays { get; init; } = 90;

    public IEnumerable<string> Faults()
    {
        if (RunDays is < 1 or > 3_660) yield return $"retention.runDays: {RunDays} is outside 1 to 3,660";
        if (LogDays is < 1 or > 3_660) yield return $"retention.logDays: {LogDays} is outside 1 to 3,660";
    }
}
