namespace Etl.Topics;

/// <summary>Where to go on in a partition.</summary>
/// <param name="Next">Offset of the next record to read.</param>
public readonly record struct PartitionOffset(int Partition, long Next);

/// <summary>Offsets of one partition to read.</summary>
/// <param name="From">First offset, included.</param>
/// <param name="To">Excluded. At most the partition's end, or reading waits in vain.</param>
public readonly record struct PartitionRange(int Partition, long From, long To);

/// <summary>What was read of a partition.</summary>
/// <param name="Range">As asked for; all its records were handed out.</param>
/// <param name="Records">How many: fewer than offsets where compaction or transactions left holes.</param>
/// <param name="LastHash">Hash of the last record of the range; "" when it held none.</param>
public sealed record RangeRead(PartitionRange Range, long Records, string LastHash);
