using Etl.Codecs.Columns;
using Etl.Contracts.Results;

namespace Etl.Sinks;

/// <summary>What every SQL sink asks of a table before it asks its database.</summary>
internal static class TableShape
{
    /// <summary>Letters of a table's or column's name: what MySQL takes.</summary>
    public const int NameMax = 64;

    /// <returns>null, or why no SQL sink can hold the table and how to mend it.</returns>
    public static string? Fault(ResultTable table)
    {
        if (!IsTableName(table.Name))
            return $"table \"{table.Name}\": expected 1 to {NameMax} letters, digits and _, not starting with a digit, \"etl_\" or \"sqlite_\"; publish under another name";
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var column in table.Columns)
            if (ColumnFault(column, seen) is { } fault) return $"{table.Name}: {fault}";
        return KeyFault(table) is { } key ? $"{table.Name}: {key}" : null;
    }

    /// <summary>Places of the key's columns among the table's.</summary>
    public static int[] KeyIndexes(ResultTable table) => [.. table.Key.Select(name => IndexOf(table, name))];

    public static int IndexOf(ResultTable table, string column)
    {
        for (int i = 0; i < table.Columns.Count; i++)
            if (table.Columns[i].Name == column) return i;
        return -1;
    }

    public static IEnumerable<ColumnField> NonKey(ResultTable table) => table.Columns.Where(column => !table.Key.Contains(column.Name));

    private static bool IsTableName(string name) =>
        name.Length is >= 1 and <= NameMax && !char.IsAsciiDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')
        && !name.StartsWith("etl_", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase);

    private static string? ColumnFault(ColumnField column, HashSet<string> seen)
    {
        string name = column.Name;
        if (name.Length is 0 or > NameMax || name.Any(char.IsControl) || name[^1] == ' ' || name.Any(char.IsSurrogate))
            return $"column \"{name}\": expected 1 to {NameMax} printing letters without a trailing blank; name it with AS in the SQL";
        if (!seen.Add(name)) return $"column \"{name}\" is there twice (databases do not tell case apart in column names); rename one with AS in the SQL";
        return column.Type.Kind == ColumnKind.Bytes ? $"column \"{name}\" is a BLOB: states stay in the lake; leave it out of the published columns" : null;
    }

    private static string? KeyFault(ResultTable table)
    {
        if (table.Key.Count == 0 || table.Key[0] != table.WindowColumn)
            return $"the key must begin with the window's column \"{table.WindowColumn}\"; found ({string.Join(", ", table.Key)})";
        foreach (string name in table.Key)
        {
            int at = IndexOf(table, name);
            if (at < 0) return $"key column \"{name}\" is not among the columns {string.Join(", ", table.Columns.Select(column => column.Name))}";
            if (table.Columns[at].Type.Kind is ColumnKind.List or ColumnKind.Struct or ColumnKind.Map or ColumnKind.Interval)
                return $"key column \"{name}\" is {table.Columns[at].Type.ToSql()}, which no database orders; key by its parts";
        }
        var window = table.Columns[IndexOf(table, table.WindowColumn)].Type.Kind;
        return window is ColumnKind.Timestamp or ColumnKind.Date
            ? null
            : $"window column \"{table.WindowColumn}\": found {window}, expected an instant (TIMESTAMPTZ) for hours or a DATE for days";
    }
}
