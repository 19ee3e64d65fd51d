namespace Etl.Lake.DuckDb;

/// <summary>Quotes what goes into SQL text.</summary>
public static class Sql
{
    /// <summary><c>it's</c> → <c>'it''s'</c></summary>
    public static string Text(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary><c>a "b"</c> → <c>"a ""b"""</c></summary>
    public static string Name(string value) => $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
