using Spectre.Console;

namespace Etl.Cli.Reconciling;

/// <summary>What was compared, for people: a line a dataset, a line for each window that differs.</summary>
internal static class ReconcileView
{
    /// <summary>Differences shown; all are in --json.</summary>
    private const int DifferencesMax = 50;

    public static void Draw(ReconcileDocument document, IAnsiConsole people)
    {
        foreach (var part in document.Compared)
            people.MarkupLine($"{HealthOf(document, part)} {Markup.Escape(part.Dataset)} = {Markup.Escape(string.Join(" = ", part.Places))}: {part.Equal:N0} of {part.Windows:N0} windows, {part.Rows:N0} rows in the lake");
        foreach (string note in document.Notes) people.MarkupLine($"[yellow]note[/]      {Markup.Escape(note)}");
        foreach (var difference in document.Differences.Take(DifferencesMax))
        {
            people.MarkupLine($"[red]{difference.Window}[/] {Markup.Escape(difference.Dataset)} against {Markup.Escape(difference.Place)}: {Told(difference)}");
            foreach (var row in difference.Rows) people.MarkupLine($"    {Markup.Escape(row.Key)}: {Markup.Escape(row.What)}");
        }
        if (document.Differences.Count > DifferencesMax) people.MarkupLine($"[grey]… and {document.Differences.Count - DifferencesMax:N0} more; --json tells all[/]");
    }

    private static string HealthOf(ReconcileDocument document, ReconciledPart part) =>
        document.Differences.Any(difference => difference.Dataset == part.Dataset) ? "[red]different[/]" : part.Windows == 0 ? "[yellow]nothing[/]  " : "[green]equal[/]    ";

    private static string Told(ReconcileDifference difference)
    {
        string rows = difference.LakeRows == difference.PlaceRows
            ? $"{difference.LakeRows:N0} rows in both, checksum {difference.LakeChecksum} in the lake, {difference.PlaceChecksum} there"
            : $"{difference.LakeRows:N0} rows in the lake, {difference.PlaceRows:N0} there";
        return difference.LakeVersion is not { } version ? rows
            : rows + (difference.PlaceVersion is { } there ? there == version ? $"; both say version {version}: it was changed by another hand" : $"; version {version} in the lake, {there} there" : $"; version {version} in the lake, never published there");
    }
}
