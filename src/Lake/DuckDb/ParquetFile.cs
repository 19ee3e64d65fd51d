using Etl.Codecs.Columns;

namespace Etl.Lake.DuckDb;

/// <summary>How a Parquet file is written.</summary>
public sealed record ParquetOptions
{
    /// <summary>
    /// false: version 1, which every reader takes. true: version 2, whose encodings make files that are a third cheaper to write and some 15 % smaller,
    /// but which Spark's vectorized reader refuses.
    /// </summary>
    public bool IsVersion2 { get; init; }

    /// <summary>zstd's level, 1 to 22.</summary>
    public int CompressionLevel { get; init; } = 1;

    /// <summary>Rows per row group, 2,048 to 1,000,000.</summary>
    public int RowGroupRows { get; init; } = 122_880;

    /// <summary>
    /// Distinct values of a row group past which a column is stored plainly, 1 to 1,000,000: no time is lost in hashing measurements. Keep it above the number
    /// of keys. Only for files of <see cref="ParquetFile.DictionaryLimitRows"/> rows or more: small ones would make every column a dictionary.
    /// </summary>
    public int DictionarySizeLimit { get; init; } = 2_000;

    /// <summary>Key-value pairs of the footer.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>All that is wrong, one line each.</summary>
    public IEnumerable<string> Faults()
    {
        if (CompressionLevel is < 1 or > 22) yield return $"parquet.compressionLevel: {CompressionLevel} is outside 1 to 22";
        if (RowGroupRows is < 2_048 or > 1_000_000) yield return $"parquet.rowGroupRows: {RowGroupRows} is outside 2,048 to 1,000,000";
        if (DictionarySizeLimit is < 1 or > 1_000_000) yield return $"parquet.dictionarySizeLimit: {DictionarySizeLimit} is outside 1 to 1,000,000";
    }
}

/// <summary>Writes Parquet files. The same rows and options give the same bytes.</summary>
public static class ParquetFile
{
    /// <summary>Files of fewer rows leave the dictionary limit out: at 1,000 rows it costs 1.6 times the bytes.</summary>
    public const int DictionaryLimitRows = 20_000;

    /// <summary>Writes the rows of <paramref name="source"/>, in their order, to exactly <paramref name="path"/>. Nothing is flushed to the disk and nothing renamed: that is the caller's.</summary>
    /// <returns>Rows written.</returns>
    /// <exception cref="DuckException">Type <see cref="DuckErrorType.InputOutput"/>: the path cannot be written, the disk is full.</exception>
    /// <exception cref="OperationCanceledException">The file is removed.</exception>
    public static long Write(DuckConnection connection, IColumnSource source, string path, ParquetOptions? options = null, CancellationToken cancel = default)
    {
        long rows = 0;
        for (int run = 0; run < source.RunCount; run++) rows += source.Run(run).Count;
        using var offered = connection.Offer(source);
        return WriteQuery(connection, $"from {offered}", rows, path, options, cancel);
    }

    /// <summary>The same with the rows of a SELECT.</summary>
    /// <param name="rowsExpected">About how many; decides on <see cref="ParquetOptions.DictionarySizeLimit"/>.</param>
    public static long WriteQuery(DuckConnection connection, string select, long rowsExpected, string path, ParquetOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new();
        string[] faults = [.. options.Faults()];
        if (faults.Length > 0) throw new ArgumentException(string.Join("; ", faults), nameof(options));
        return connection.Execute($"copy ({select}) to {Sql.Text(path)} ({Clauses(options, rowsExpected)})", cancel: cancel);
    }

    private static string Clauses(ParquetOptions options, long rows) => string.Join(", ", new[]
    {
        "format parquet, compression zstd",
        $"compression_level {options.CompressionLevel}",
        $"row_group_size {options.RowGroupRows}",
        $"parquet_version {(options.IsVersion2 ? "v2" : "v1")}",
        rows >= DictionaryLimitRows ? $"dictionary_size_limit {options.DictionarySizeLimit}" : "",
        // In the order of their names, so that equal pairs give equal bytes.
        options.Metadata.Count == 0 ? "" : $"kv_metadata {{{string.Join(", ", options.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{Sql.Name(pair.Key)}: {Sql.Text(pair.Value)}"))}}}",
    }.Where(clause => clause.Length > 0));
}
