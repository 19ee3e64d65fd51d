namespace Etl.Lake.DuckDb;

/// <summary>What <see cref="SqlLint"/> judges.</summary>
[Flags]
public enum SqlRules
{
    /// <summary>One SELECT that binds, reads only tables and views of the database, and holds nothing that could end the process.</summary>
    Safe = 1,

    /// <summary>The same rows give the same result, whatever their order, files and threads, today and tomorrow.</summary>
    Repeatable = 2,

    All = Safe | Repeatable,
}

/// <summary>Something that the SQL may not hold.</summary>
/// <param name="Rule">The one rule that it breaks.</param>
/// <param name="Name">The function, table or clause; <c>statement</c> where the whole is meant.</param>
/// <param name="Position">Index of its first character in the SQL; −1 when it comes out of a view or macro.</param>
/// <param name="Problem">What was found.</param>
/// <param name="Remedy">What to write instead.</param>
public sealed record SqlFinding(SqlRules Rule, string Name, int Position, string Problem, string Remedy)
{
    private const int FragmentMax = 40;

    /// <summary>One line: place, fragment, problem, remedy.</summary>
    public string Describe(string sql)
    {
        if (Position < 0 || Position >= sql.Length) return $"{Name}: {Problem}; {Remedy}";
        int line = sql.AsSpan(0, Position).Count('\n') + 1;
        string rest = sql[Position..].Split('\n')[0].TrimEnd();
        return $"line {line}, '{(rest.Length > FragmentMax ? rest[..FragmentMax] + "…" : rest)}': {Problem}; {Remedy}";
    }
}

/// <summary>SQL that was not run, and why: each finding a line.</summary>
public sealed class SqlRefusedException(string sql, IReadOnlyList<SqlFinding> findings)
    : Exception(string.Join(Environment.NewLine, findings.Select(finding => finding.Describe(sql))))
{
    public IReadOnlyList<SqlFinding> Findings => findings;
}
