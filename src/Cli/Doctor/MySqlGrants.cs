using System.Text.RegularExpressions;

namespace Etl.Cli.Doctor;

/// <summary>Reads what <c>SHOW GRANTS</c> tells of a user.</summary>
internal static partial class MySqlGrants
{
    public static readonly IReadOnlyList<string> Needed = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX"];

    /// <summary>The privileges that are needed on a database and not granted on all of it.</summary>
    /// <param name="grants">A line each: <c>GRANT SELECT, INSERT ON `name`.* TO …</c>; a name may hold <c>%</c> and <c>_</c> as LIKE does.</param>
    public static IReadOnlyList<string> Missing(IReadOnlyList<string> grants, string database)
    {
        var granted = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (string line in grants)
            if (Form().Match(line) is { Success: true } match && Covers(match.Groups["database"].Value, database)) granted.UnionWith(match.Groups["what"].Value.Split(',', StringSplitOptions.TrimEntries));
        return granted.Contains("ALL PRIVILEGES") || granted.Contains("ALL") ? [] : [.. Needed.Where(one => !granted.Contains(one))];
    }

    private static bool Covers(string pattern, string database)
    {
        if (pattern == "*") return true;
        string like = Regex.Escape(pattern.Trim('`').Replace("``", "`")).Replace(@"\\_", "\u0001").Replace(@"\\%", "\u0002").Replace("_", ".").Replace("%", ".*").Replace('\u0001', '_').Replace('\u0002', '%');
        return Regex.IsMatch(database, $"^{like}$", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking);
    }

    [GeneratedRegex(@"^GRANT (?<what>.+?) ON (?<database>\*|`(?:[^`]|``)+`)\.\* TO ", RegexOptions.IgnoreCase)]
    private static partial Regex Form();
}
