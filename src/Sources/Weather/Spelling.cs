namespace Etl.Sources.Weather;

/// <summary>What somebody may have meant.</summary>
internal static class Spelling
{
    private const int CharactersMax = 64; // the rest of a longer text is not looked at

    /// <summary>The name that the fewest changes of one character lead to; underscores are free, as Open-Meteo's old names have none.</summary>
    public static string Nearest(string written, IReadOnlyList<string> names) => names.MinBy(name => Distance(Bare(written), Bare(name)))!;

    private static string Bare(string name) => name[..Math.Min(name.Length, CharactersMax)].Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>By Levenshtein: insertions, deletions and replacements.</summary>
    private static int Distance(string from, string to)
    {
        int[] before = [.. Enumerable.Range(0, to.Length + 1)];
        for (int row = 1; row <= from.Length; row++)
        {
            int[] now = new int[to.Length + 1];
            now[0] = row;
            for (int column = 1; column <= to.Length; column++)
                now[column] = Math.Min(Math.Min(now[column - 1], before[column]) + 1, before[column - 1] + (from[row - 1] == to[column - 1] ? 0 : 1));
            before = now;
        }
        return before[^1];
    }
}
