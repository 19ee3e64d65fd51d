using System.Text;
using System.Text.Json;

namespace Etl.Lake.DuckDb;

/// <summary>Judges SQL before it runs: one SELECT, over tables and views of the database only, and (for builds) with a result that depends on the rows alone.</summary>
/// <remarks>
/// Twice: the parse tree tells what is written (and where), before anything is bound; the bound plan tells what it means, with views, macros and overloads resolved, so the
/// type of a sum's argument is known and not guessed. What cannot be judged is refused. Not judged: ties of arg_max or ROW_NUMBER, which only the data can tell.
/// </remarks>
public static class SqlLint
{
    /// <summary>Deeper SQL is refused.</summary>
    private const int DepthMax = 1000;

    private const int SqlLengthMax = 1_000_000;

    private static readonly JsonDocumentOptions Json = new() { MaxDepth = DepthMax };

    /// <param name="connection">Holds the tables and views that the SQL reads. Nothing of the SQL is run.</param>
    /// <returns>All that is wrong; empty when the SQL may run.</returns>
    public static IReadOnlyList<SqlFinding> Check(DuckConnection connection, string sql, SqlRules rules = SqlRules.All)
    {
        if (sql.Length > SqlLengthMax) return [Whole($"{sql.Length:N0} characters are more than {SqlLengthMax:N0}", "split the query into builds")];
        try
        {
            using var tree = JsonDocument.Parse((string)connection.Value("select json_serialize_sql($1::varchar, skip_null := true, skip_empty := true)::varchar", [sql])!, Json);
            if (ErrorOf(tree) is { } parseError) return [Whole(parseError.StartsWith("Only SELECT", StringComparison.Ordinal) ? "it is no SELECT" : parseError, "write one SELECT")];
            int count = tree.RootElement.GetProperty("statements").GetArrayLength();
            if (count != 1) return [Whole($"{count} statements", "write one SELECT")];

            var written = new WrittenSql(sql, tree.RootElement, Tables(connection));
            // Not bound when unsafe: to bind a file is to open it.
            if (written.Findings.Any(finding => finding.Rule == SqlRules.Safe)) return Of(rules, written.Findings);

            using var plan = JsonDocument.Parse((string)connection.Value("select json_serialize_plan($1::varchar, skip_null := true, skip_empty := true)::varchar", [sql])!, Json);
            if (ErrorOf(plan) is { } bindError) return [Whole(bindError, "name tables, columns and functions that are there")];
            return Of(rules, [.. written.Findings, .. new BoundSql(plan.RootElement, written).Findings]);
        }
        catch (JsonException) { return [Whole($"it is nested more than {DepthMax} levels deep", "split it into common table expressions")]; }
    }

    /// <exception cref="SqlRefusedException">There are findings.</exception>
    public static void Demand(DuckConnection connection, string sql, SqlRules rules = SqlRules.All)
    {
        var findings = Check(connection, sql, rules);
        if (findings.Count > 0) throw new SqlRefusedException(sql, findings);
    }

    private static SqlFinding Whole(string problem, string remedy) => new(SqlRules.Safe, "statement", -1, problem, remedy);

    private static SqlFinding[] Of(SqlRules rules, IEnumerable<SqlFinding> findings) =>
        [.. findings.Where(finding => (finding.Rule & rules) != 0).DistinctBy(finding => (finding.Name.ToLowerInvariant(), finding.Position, finding.Problem))];

    private static string? ErrorOf(JsonDocument answer) =>
        answer.RootElement.GetProperty("error").GetBoolean() ? answer.RootElement.GetProperty("error_message").GetString() : null;

    private static HashSet<string> Tables(DuckConnection connection)
    {
        using var names = connection.Fetch("select table_name from duckdb_tables() where not internal union all select view_name from duckdb_views() where not internal");
        return new(Enumerable.Range(0, names.RowCount).Select(row => names.GetString(0, row)), StringComparer.OrdinalIgnoreCase);
    }
}

/// <summary>Positions in DuckDB's trees are byte offsets in UTF-8; ours count characters.</summary>
internal static class SqlPositions
{
    public static int Of(string sql, JsonElement node)
    {
        if (!node.TryGetProperty("query_location", out var at) || !at.TryGetInt64(out long bytes) || bytes < 0) return -1;
        byte[] utf8 = Encoding.UTF8.GetBytes(sql);
        return bytes > utf8.Length ? -1 : Encoding.UTF8.GetCharCount(utf8, 0, (int)bytes);
    }
}
