namespace Etl.Lake.DuckDb;

/// <summary>What the lint knows of DuckDB's functions, by name. A test compares the lists with <c>duckdb_functions()</c>.</summary>
internal static class SqlFunctions
{
    public const string ExactPrefix = "exact_";

    /// <summary>Their result over DOUBLE or FLOAT does not depend on the rows' order; every other aggregate's is taken to. (Ties of arg_min and arg_max are the caller's.)</summary>
    public static readonly HashSet<string> OrderFree = new(StringComparer.OrdinalIgnoreCase)
    {
        "min", "max", "count", "count_star", "count_if", "countif", "bool_and", "bool_or", "approx_count_distinct", "histogram", "histogram_exact",
        "median", "quantile", "quantile_cont", "quantile_disc", "mad", "mode",
        "arg_min", "arg_max", "argmin", "argmax", "min_by", "max_by", "arg_min_null", "arg_max_null", "arg_min_nulls_last", "arg_max_nulls_last",
        "first", "last", "any_value", "arbitrary", "list", "array_agg", "string_agg", "group_concat", "listagg",
        "row_number", "rank", "dense_rank", "rank_dense", "percent_rank", "cume_dist", "ntile", "lag", "lead", "first_value", "last_value", "nth_value", "fill",
    };

    /// <summary>They show the order in which rows came, unless it is stated inside.</summary>
    public static readonly HashSet<string> NeedOrder = new(StringComparer.OrdinalIgnoreCase)
    {
        "first", "last", "any_value", "arbitrary", "list", "array_agg", "string_agg", "group_concat", "listagg", "mode",
        "json_group_array", "json_group_object", "json_group_structure",
    };

    /// <summary>Of any type, their result depends on order or chance, and no clause cures it.</summary>
    public static readonly HashSet<string> NeverRepeatable = new(StringComparer.OrdinalIgnoreCase) { "approx_quantile", "approx_top_k", "reservoir_quantile", "entropy" };

    /// <summary>They look at the clock, at chance or at the session.</summary>
    public static readonly HashSet<string> Volatile = new(StringComparer.OrdinalIgnoreCase)
    {
        "random", "setseed", "uuid", "gen_random_uuid", "uuidv4", "uuidv7", "nextval", "currval", "sleep_ms", "write_log", "stats", "in_search_path",
        "now", "today", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_localtime", "current_localtimestamp",
        "get_current_time", "get_current_timestamp", "transaction_timestamp",
        "current_connection_id", "current_database", "current_query", "current_query_id", "current_schema", "current_schemas", "current_transaction_id", "txid_current",
        "current_setting", "getvariable", "getenv", "version",
    };

    /// <summary>Table functions that read neither files nor the database's insides.</summary>
    public static readonly HashSet<string> PlainTables = new(StringComparer.OrdinalIgnoreCase) { "range", "generate_series", "unnest", "json_each", "json_tree", "repeat" };

    /// <summary>What to write in place of an order-dependent aggregate.</summary>
    public static string Remedy(string name) => name.ToLowerInvariant() switch
    {
        "sum" or "fsum" or "kahan_sum" or "sumkahan" or "sum_no_overflow" => "write exact_sum",
        "avg" or "mean" or "favg" => "write exact_avg",
        "stddev" or "stddev_samp" => "write exact_stddev_samp",
        "variance" or "var_samp" => "write exact_var_samp",
        "corr" => "write exact_corr",
        "regr_r2" => "write pow(exact_corr(y, x), 2)",
        "regr_count" => "write count(*) filter (where x is not null and y is not null)",
        "regr_avgx" or "regr_avgy" => "write exact_avg of that column, filtered to rows where both are not null",
        "stddev_pop" or "var_pop" => "write it with exact_var_samp(x) * (count(x) - 1) / count(x)",
        "covar_pop" or "covar_samp" or "regr_sxy" or "regr_slope" => "write it with exact_corr and exact_stddev_samp",
        _ => "build it from exact_sum, exact_avg, exact_stddev_samp or exact_corr, or cast the argument to DECIMAL",
    };
}
