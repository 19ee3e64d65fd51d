using System.Collections;
using System.Globalization;
using Etl.Codecs.Columns;
using Spectre.Console;

namespace Etl.Cli.Output;

/// <summary>Rows of SQL, for people as a table and for programs as objects.</summary>
internal static class RowsView
{
    /// <summary>Letters of a cell that people see.</summary>
    private const int CellMax = 60;

    public static Table Table(ColumnBatch rows, int count)
    {
        var table = Terminal.NewTable(rows.Fields.Select(field => field.Name));
        for (int column = 0; column < rows.Fields.Count; column++)
            if (IsNumber(rows.Fields[column].Type.Kind)) table.Columns[column].RightAligned();
        for (int row = 0; row < count; row++)
            table.AddRow([.. rows.Fields.Select((_, column) => rows.GetValue(column, row) is { } value ? Markup.Escape(Cut(Text(value))) : "[grey]null[/]")]);
        return table;
    }

    /// <summary>A table; or, where the terminal is too narrow for one, each row as a list of its columns.</summary>
    public static void Draw(IAnsiConsole people, ColumnBatch rows, int count)
    {
        if (WidthOf(rows, count) <= people.Profile.Width)
        {
            people.Write(Table(rows, count));
            return;
        }
        int names = rows.Fields.Max(field => field.Name.Length);
        for (int row = 0; row < count; row++)
        {
            people.MarkupLine($"[grey]row {row + 1:N0}[/]");
            for (int column = 0; column < rows.Fields.Count; column++)
                people.MarkupLine($"  [bold]{Markup.Escape(rows.Fields[column].Name.PadRight(names))}[/]  {(rows.GetValue(column, row) is { } value ? Markup.Escape(Cut(Text(value))) : "[grey]null[/]")}");
        }
    }

    /// <summary>Letters that the table takes: its cells, a blank at each side of them and a line between.</summary>
    private static int WidthOf(ColumnBatch rows, int count) =>
        1 + rows.Fields.Select((field, column) => 3 + Math.Max(field.Name.Length, Enumerable.Range(0, count).Select(row => rows.GetValue(column, row) is { } value ? Cut(Text(value)).Length : 4).DefaultIfEmpty(0).Max())).Sum();

    public static IEnumerable<IReadOnlyDictionary<string, object?>> Objects(ColumnBatch rows, int count) =>
        Enumerable.Range(0, count).Select(row => (IReadOnlyDictionary<string, object?>)rows.Fields.Select((field, column) => (field.Name, Value: Plain(rows.GetValue(column, row)))).ToDictionary(pair => pair.Name, pair => pair.Value));

    /// <summary>A value as people read it; numbers in full.</summary>
    public static string Text(object value) => value switch
    {
        DateTimeOffset instant => instant.UtcDateTime.ToString(instant.UtcTicks % TimeSpan.TicksPerMinute == 0 ? "yyyy-MM-dd HH:mm'Z'" : "yyyy-MM-dd HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        DateTime local => local.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        byte[] bytes => $"0x{Convert.ToHexStringLower(bytes.AsSpan(0, Math.Min(bytes.Length, CellMax)))}",
        bool flag => flag ? "true" : "false",
        string text => text,
        IDictionary map => $"{{{string.Join(", ", map.Keys.Cast<object>().Select(key => $"{Text(key)}: {Inner(map[key])}"))}}}",
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Inner))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Inner(object? value) => value is null ? "null" : Text(value);

    private static object? Plain(object? value) => value switch
    {
        DateTimeOffset instant => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        Int128 wide => wide.ToString(CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToHexStringLower(bytes),
        _ => value,
    };

    private static bool IsNumber(ColumnKind kind) => kind is ColumnKind.Int32 or ColumnKind.Int64 or ColumnKind.Int128 or ColumnKind.Float or ColumnKind.Double or ColumnKind.Decimal;

    private static string Cut(string text) => text.Length <= CellMax ? text : text[..(CellMax - 1)] + "…";
}
