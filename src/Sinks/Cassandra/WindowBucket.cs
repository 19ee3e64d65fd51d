using Etl.Codecs.Columns;
using Etl.Contracts.Results;

namespace Etl.Sinks.Cassandra;

/// <summary>The part of time that one partition holds: <c>month</c> = 202603 (UTC) for hours, <c>year</c> = 2026 for days.</summary>
internal static class WindowBucket
{
    public const string Month = "month", Year = "year";

    public static string ColumnOf(ResultTable table) => table.Columns[TableShape.IndexOf(table, table.WindowColumn)].Type.Kind == ColumnKind.Date ? Year : Month;

    public static int Of(WindowKey window)
    {
        if (window.Kind == ColumnKind.Date) return SqlText.Date((int)window.Value, Year).Year;
        var instant = SqlText.Instant(window.Value, Month);
        return instant.Year * 100 + instant.Month;
    }
}
