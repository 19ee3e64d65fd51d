using Etl.Contracts.Time;

namespace Etl.Jobs.Reconciling;

/// <summary>What was compared of a dataset, and what did not agree.</summary>
/// <param name="Dataset">Of the lake.</param>
/// <param name="Places">What was compared with the lake: <c>topic NAME</c>, or <c>SINK TABLE</c> for each sink.</param>
/// <param name="Windows">Windows compared.</param>
/// <param name="Rows">Rows of the lake in them.</param>
/// <param name="Notes">What could not be compared, and why.</param>
public sealed record Reconciliation(string Dataset, IReadOnlyList<string> Places, int Windows, long Rows, IReadOnlyList<Difference> Differences, IReadOnlyList<string> Notes)
{
    /// <summary>Windows that are the same everywhere.</summary>
    public int Equal => Math.Max(0, Windows - Differences.Select(difference => difference.Window).Distinct().Count());
}

/// <summary>A window that one place holds otherwise than the lake.</summary>
/// <param name="Place">As of <see cref="Reconciliation.Places"/>.</param>
/// <param name="LakeVersion">Of the result; null for events.</param>
/// <param name="PlaceVersion">The version that the sink says it holds; null where none was published, and for topics.</param>
/// <param name="Rows">The rows that differ, where they were asked for.</param>
public sealed record Difference(Window Window, string Place, WindowSum Lake, WindowSum There, long? LakeVersion, long? PlaceVersion, IReadOnlyList<RowDifference> Rows);

/// <param name="Key">Values of the key, as text.</param>
/// <param name="What"><c>only in the lake</c>, <c>only there</c>, or the columns that differ with both values.</param>
public sealed record RowDifference(string Key, string What);
