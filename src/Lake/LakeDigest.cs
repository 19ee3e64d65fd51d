using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Etl.Contracts.Time;

namespace Etl.Lake;

/// <summary>Names what a build runs: SQL without comments and layout, key, window, and the columns it reads of each input. Another digest means that the same inputs may give other rows.</summary>
public static class LakeDigest
{
    /// <summary>Raised when the engine itself gives other rows for the same SQL: another rule for NaN, another rounding of an aggregate.</summary>
    private const string EngineRules = "1";

    /// <param name="inputs">Each input with the columns of its newest schema version.</param>
    /// <returns>32 hexadecimal digits.</returns>
    public static string Of(string sql, IReadOnlyList<string> key, Window window, IReadOnlyList<(LakeInput Input, IReadOnlyList<DatasetColumn> Columns)> inputs)
    {
        var words = new SqlWords(sql);
        bool all = words.ReadsAllColumns;
        var text = new StringBuilder();
        Line(text, [EngineRules, words.Normal, .. key]);
        Line(text, [window.Grain.ToString(), window.Zone, Micros.Of(window.Start).ToString(CultureInfo.InvariantCulture), Micros.Of(window.End).ToString(CultureInfo.InvariantCulture)]);
        foreach (var (input, columns) in inputs.OrderBy(pair => pair.Input.Dataset, StringComparer.Ordinal))
        {
            Line(text, [input.Dataset, input.Kind.ToString(), input.Time, .. input.Identity]);
            foreach (var column in columns.Where(column => all || words.Mentions(column.Name)).OrderBy(column => column.Name, StringComparer.Ordinal))
                Line(text, [column.Name, column.Type.ToSql(), column.Default ?? "NULL", .. column.Aliases]);
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }

    // Lengths keep ("a", "bc") and ("ab", "c") apart.
    private static void Line(StringBuilder text, ReadOnlySpan<string> parts)
    {
        foreach (string part in parts) text.Append(CultureInfo.InvariantCulture, $"{part.Length}:{part} ");
        text.Append('\n');
    }
}
