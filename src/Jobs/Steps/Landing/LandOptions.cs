namespace Etl.Jobs.Steps.Landing;

/// <summary>How much a landing takes at a time. The rows that come of it do not depend on any of these.</summary>
public sealed record LandOptions
{
    public const int RecordsPerBatchDefault = 250_000;

    /// <summary>One writer keeps up with one reader; a second one pays only where there are cores left for it.</summary>
    public static int WritersDefault { get; } = Environment.ProcessorCount > 2 ? 2 : 1;

    /// <summary>Most records of one batch, and so of one file, 1 to 4,000,000.</summary>
    public int RecordsPerBatch { get; init; } = RecordsPerBatchDefault;

    /// <summary>Most bytes of values in one batch, in MB (10⁶ bytes), 1 to 2,000. A batch that outgrows it is begun anew with fewer records.</summary>
    public int MegabytesPerBatch { get; init; } = 128;

    /// <summary>Files written at the same time while the next batch is read, 1 to 8. Each holds a batch in memory.</summary>
    public int Writers { get; init; } = WritersDefault;

    /// <summary>Most rejected records of one batch; as with bytes, one that outgrows it is begun anew.</summary>
    internal const int RejectsPerBatch = 10_000;

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (RecordsPerBatch is < 1 or > 4_000_000) yield return $"land.recordsPerBatch: {RecordsPerBatch:N0} is outside 1 to 4,000,000";
        if (MegabytesPerBatch is < 1 or > 2_000) yield return $"land.megabytesPerBatch: {MegabytesPerBatch:N0} is outside 1 to 2,000";
        if (Writers is < 1 or > 8) yield return $"land.writers: {Writers} is outside 1 to 8";
    }
}
