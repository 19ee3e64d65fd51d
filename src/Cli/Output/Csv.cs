using Etl.Codecs.Columns;

namespace Etl.Cli.Output;

/// <summary>Rows as RFC 4180 has them: a head, commas, quotes where needed. A null is an empty field, an empty text is <c>""</c>.</summary>
internal static class Csv
{
    public static void Write(TextWriter output, ColumnBatch rows, int count)
    {
        output.WriteLine(string.Join(',', rows.Fields.Select(field => Field(field.Name))));
        for (int row = 0; row < count; row++)
            output.WriteLine(string.Join(',', Enumerable.Range(0, rows.Fields.Count).Select(column => Field(rows.GetValue(column, row)))));
    }

    internal static string Field(object? value) => value switch
    {
        null => "",
        byte[] bytes => $"0x{Convert.ToHexStringLower(bytes)}",
        DateTimeOffset instant => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture),
        _ => Quoted(RowsView.Text(value)),
    };

    private static string Quoted(string text) => text.Length == 0 || text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
