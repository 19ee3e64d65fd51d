using Etl.Contracts.Commits;
using Etl.Lake.DuckDb;
using Etl.Metadata;

namespace Etl.Lake;

/// <summary>What every reader of the lake does with SQL before it runs.</summary>
internal static class LakeSql
{
    /// <summary>Refuses what is not exactly one SELECT, by DuckDB's own parser: text that merely looks like one when brackets are put around it is caught too.</summary>
    public static void NeedOneSelect(DuckConnection connection, string sql)
    {
        using var parsed = connection.Fetch($"SELECT json_extract_string(j, '$.error'), json_extract_string(j, '$.error_message'), CAST(json_array_length(j, '$.statements') AS BIGINT), TRY_CAST(json_extract_string(j, '$.position') AS BIGINT) FROM (SELECT json_serialize_sql({Sql.Text(sql)}) AS j)");
        if (parsed.GetString(0, 0) != "false")
        {
            string line = parsed.GetValue(3, 0) is long at && at >= 0 && at < sql.Length ? $"line {sql.AsSpan(0, (int)at).Count('\n') + 1}: " : "";
            throw new LakeException(LakeFault.Sql, $"expected one SELECT; {line}{parsed.GetString(1, 0)}");
        }
        if (parsed.Get<long>(2, 0) is var count and not 1) throw new LakeException(LakeFault.Sql, $"expected one SELECT; found {count} statements");
    }

    /// <summary>The dataset as declared by a DAG; else events when its schema came from a registry, without time and identity.</summary>
    public static LakeInput InputOf(string dataset, IReadOnlyList<DatasetSchema> schemas, IReadOnlyList<LakeInput> known) =>
        known.FirstOrDefault(input => input.Dataset == dataset)
        ?? (schemas[^1].Text.Length > 0 ? LakeInput.Events(dataset, "") : LakeInput.Results(dataset));

    /// <summary>Makes the macros <c>window_start()</c> and <c>window_end()</c>.</summary>
    public static void MakeMacros(DuckConnection connection, DateTimeOffset start, DateTimeOffset end, CancellationToken cancel = default) => connection.Execute($"""
        CREATE OR REPLACE TEMP MACRO window_start() AS {DatasetView.Instant(start)};
        CREATE OR REPLACE TEMP MACRO window_end() AS {DatasetView.Instant(end)};
        """, cancel: cancel);

    /// <summary>Makes the dataset's view, of the newest row of each identity where it declares one.</summary>
    /// <param name="unique">Views that need no search for duplicates any more.</param>
    public static void MakeView(DuckConnection connection, LakeInput input, string select, IReadOnlyList<LakeFile> files, UniqueViews unique, CancellationToken cancel)
    {
        string proven = $"{string.Join(',', input.Identity)} {select}";
        if (input.Identity.Count == 0 || unique.Has(proven))
        {
            connection.Execute($"CREATE OR REPLACE TEMP VIEW {Sql.Name(input.Dataset)} AS {select}", cancel: cancel);
            return;
        }
        string all = Sql.Name($"all of {input.Dataset}");
        connection.Execute($"CREATE OR REPLACE TEMP VIEW {all} AS {select}", cancel: cancel);
        if (Duplicates.Hide(connection, input.Dataset, all, input.Identity, files.Sum(file => file.Rows), cancel) == 0) unique.Add(proven);
    }
}
