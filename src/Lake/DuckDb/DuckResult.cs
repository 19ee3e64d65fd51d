using Etl.Codecs.Columns;

namespace Etl.Lake.DuckDb;

/// <summary>What a statement returned; its rows are DuckDB's and counted in its memory limit until they are disposed.</summary>
internal sealed class DuckResult : IDisposable
{
    private Native.ResultStruct _result;

    public DuckResult(Native.ResultStruct result) => _result = result;

    /// <summary>Rows inserted, updated or deleted; 0 for others.</summary>
    public long RowsChanged => (long)Native.duckdb_rows_changed(ref _result);

    /// <summary>Reads and destroys a failed result.</summary>
    public static DuckException Error(ref Native.ResultStruct result)
    {
        string message = Native.Text(Native.duckdb_result_error(ref result)) ?? "DuckDB gave no reason";
        var type = (DuckErrorType)Native.duckdb_result_error_type(ref result);
        Native.duckdb_destroy_result(ref result);
        return type == DuckErrorType.Invalid ? DuckException.FromText(message) : new(type, message);
    }

    public DuckColumn[] Columns()
    {
        var columns = new DuckColumn[Native.duckdb_column_count(ref _result)];
        for (int i = 0; i < columns.Length; i++)
        {
            string name = Native.Text(Native.duckdb_column_name(ref _result, (ulong)i))!;
            columns[i] = new(name, DuckType.Take(Native.duckdb_column_logical_type(ref _result, (ulong)i), name));
        }
        return columns;
    }

    /// <returns>0 after the last; else the caller destroys it.</returns>
    public nint NextChunk() => Native.duckdb_fetch_chunk(_result);

    public void Dispose() => Native.duckdb_destroy_result(ref _result);
}

/// <summary>A result's column.</summary>
internal readonly record struct DuckColumn(string Name, DuckType Type)
{
    /// <summary>SQL does not say whether a result's column can be null, so it may.</summary>
    public ColumnField Field => new(Name, Type.Column, Nullable: true);
}
