using Etl.Contracts.Time;
using Etl.Jobs.Reconciling;

namespace Etl.Cli.Reconciling;

/// <summary>What was compared, for programs.</summary>
/// <param name="AsOf">The lake's commit that was compared.</param>
/// <param name="Windows">Windows of the dataset.</param>
/// <param name="Equal">Those of them that are the same in each place; topics count by their hours.</param>
/// <param name="Compared">By dataset: its places, windows and rows.</param>
internal sealed record ReconcileDocument(string Dataset, long AsOf, int Windows, int Equal, IReadOnlyList<ReconciledPart> Compared, IReadOnlyList<ReconcileDifference> Differences, IReadOnlyList<string> Notes)
{
    public static ReconcileDocument Of(string dataset, long asOf, IReadOnlyList<Reconciliation> parts) => new(
        dataset, asOf, parts[^1].Windows, parts[^1].Equal,
        [.. parts.Select(part => new ReconciledPart(part.Dataset, part.Places, part.Windows, part.Equal, part.Rows))],
        [.. parts.SelectMany(part => part.Differences.Select(difference => ReconcileDifference.Of(part.Dataset, difference)))],
        [.. parts.SelectMany(part => part.Notes)]);
}

/// <param name="Places">What was compared with the lake.</param>
/// <param name="Rows">Of the lake.</param>
internal sealed record ReconciledPart(string Dataset, IReadOnlyList<string> Places, int Windows, int Equal, long Rows);

/// <param name="LakeVersion">Of a result's window.</param>
/// <param name="PlaceVersion">As the sink says; null: never published there.</param>
internal sealed record ReconcileDifference(
    string Dataset, string Window, DateTimeOffset Start, string Place, long LakeRows, long PlaceRows, long LakeKeys, long PlaceKeys, string LakeChecksum, string PlaceChecksum, long? LakeVersion, long? PlaceVersion, IReadOnlyList<RowDifference> Rows)
{
    public static ReconcileDifference Of(string dataset, Difference difference) => new(
        dataset, NameOf(difference.Window), difference.Window.Start, difference.Place, difference.Lake.Rows, difference.There.Rows, difference.Lake.Keys, difference.There.Keys, difference.Lake.ChecksumText, difference.There.ChecksumText,
        difference.LakeVersion, difference.PlaceVersion, difference.Rows);

    private static string NameOf(Window window) => window.Grain == Grain.Hour
        ? window.Start.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", System.Globalization.CultureInfo.InvariantCulture)
        : WindowCalendar.Of(window.Zone).DateOf(window.Start).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
