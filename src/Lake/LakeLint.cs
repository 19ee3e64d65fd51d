using System.Collections.Concurrent;
using System.Text;
using Etl.Contracts.Time;
using Etl.Lake.DuckDb;

namespace Etl.Lake;

/// <summary>Holds SQL to <see cref="SqlLint"/> before it runs over the lake, once for each text and shape of its inputs: a slot whose SQL was judged before pays one look-up.</summary>
/// <remarks>It is judged on a connection of its own, over views that have the inputs' columns and no file: nothing is opened, and the number of files costs nothing.</remarks>
internal sealed class LakeLint(DuckDatabase database, SqlRules rules)
{
    /// <summary>Good texts that are remembered; past that all are forgotten and judged anew.</summary>
    private const int TextsMax = 1_024;

    private readonly ConcurrentDictionary<string, bool> _good = new(StringComparer.Ordinal);

    /// <summary>How many texts were judged, not looked up.</summary>
    public long Judged => Interlocked.Read(ref _judged);

    private long _judged;

    /// <param name="sql">Without closing semicolons and comments.</param>
    /// <param name="where">Named in the error, e.g. the window.</param>
    /// <exception cref="LakeException">It is not one SELECT, does not bind, or breaks a rule: each finding with its place and cure.</exception>
    public void Demand(string sql, IReadOnlyList<DatasetView> views, string where)
    {
        string text = TextOf(sql, views);
        if (_good.ContainsKey(text)) return;
        Judge(sql, views, where);
        if (_good.Count >= TextsMax) _good.Clear();
        _good[text] = true;
    }

    private void Judge(string sql, IReadOnlyList<DatasetView> views, string where)
    {
        Interlocked.Increment(ref _judged);
        using var connection = database.Connect();
        LakeSql.NeedOneSelect(connection, sql);
        LakeSql.MakeMacros(connection, Micros.ToInstant(0), Micros.ToInstant(0));
        foreach (var view in views) connection.Execute($"CREATE TEMP VIEW {Sql.Name(view.Dataset)} AS {Empty(view)}");
        var findings = SqlLint.Check(connection, sql, rules);
        if (findings.Count > 0)
            throw new LakeException(LakeFault.Sql, $"the SQL of {where} is refused: {string.Join("; ", findings.Select(finding => finding.Describe(sql)))}");
    }

    private static string TextOf(string sql, IReadOnlyList<DatasetView> views)
    {
        var text = new StringBuilder(sql);
        foreach (var view in views) text.Append('\0').Append(view.Dataset).Append('\0').Append(Empty(view));
        return text.ToString();
    }

    private static string Empty(DatasetView view) => view.Select([], static path => path);
}
