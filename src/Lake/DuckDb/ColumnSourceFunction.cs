using System.Runtime.InteropServices;
using Etl.Codecs.Columns;

namespace Etl.Lake.DuckDb;

/// <summary>The table function <c>column_source(id)</c>: SQL reads an <see cref="IColumnSource"/>, with no table and no conversion between.</summary>
/// <remarks>It scans on one thread, so the rows keep their order and a Parquet file its bytes. Only columns that the statement uses are copied (a memcpy for a run).</remarks>
internal static unsafe class ColumnSourceFunction
{
    public const string Name = "column_source"; // COLUMNS is a word of the SQL itself

    /// <summary>Once for each database. The function holds <paramref name="sources"/> until the database is closed.</summary>
    public static void Register(ConnectionHandle connection, ColumnSources sources)
    {
        nint function = Native.duckdb_create_table_function();
        nint id = LogicalType.Plain(DuckTypeId.BigInt);
        Native.duckdb_table_function_set_name(function, Name);
        Native.duckdb_table_function_add_parameter(function, id);
        Native.duckdb_table_function_set_extra_info(function, Hold(sources), &Release);
        Native.duckdb_table_function_set_bind(function, &Bind);
        Native.duckdb_table_function_set_init(function, &Init);
        Native.duckdb_table_function_set_function(function, &Fill);
        Native.duckdb_table_function_supports_projection_pushdown(function, true);
        int state = Native.duckdb_register_table_function(connection, function);
        Native.duckdb_destroy_logical_type(ref id);
        Native.duckdb_destroy_table_function(ref function);
        if (state != 0) throw new DuckException(DuckErrorType.Invalid, $"DuckDB {DuckDatabase.Version} refused the table function {Name}");
    }

    // An exception that leaves a callback ends the process, so each body that can throw hands it over as the statement's error.
    [UnmanagedCallersOnly]
    private static void Bind(nint info)
    {
        try
        {
            nint parameter = Native.duckdb_bind_get_parameter(info, 0);
            long id = Native.duckdb_get_int64(parameter);
            Native.duckdb_destroy_value(ref parameter);
            var source = Held<ColumnSources>(Native.duckdb_bind_get_extra_info(info)).Get(id);
            foreach (var field in source.Fields)
            {
                nint type = LogicalType.Create(field.Type);
                Native.duckdb_bind_add_result_column(info, field.Name, type);
                Native.duckdb_destroy_logical_type(ref type);
            }
            ulong rows = 0;
            for (int run = 0; run < source.RunCount; run++) rows += (ulong)source.Run(run).Count;
            Native.duckdb_bind_set_cardinality(info, rows, isExact: true);
            Native.duckdb_bind_set_bind_data(info, Hold(source), &Release);
        }
        catch (Exception error) { Native.duckdb_bind_set_error(info, error.Message); }
    }

    [UnmanagedCallersOnly]
    private static void Init(nint info)
    {
        try
        {
            var columns = new int[Native.duckdb_init_get_column_count(info)];
            for (int i = 0; i < columns.Length; i++)
            {
                ulong index = Native.duckdb_init_get_column_index(info, (ulong)i);
                columns[i] = index > int.MaxValue ? -1 : (int)index; // count(*) asks for a row number that nobody reads
            }
            Native.duckdb_init_set_init_data(info, Hold(new Scan(Held<IColumnSource>(Native.duckdb_init_get_bind_data(info)), columns)), &Release);
            Native.duckdb_init_set_max_threads(info, 1);
        }
        catch (Exception error) { Native.duckdb_init_set_error(info, error.Message); }
    }

    [UnmanagedCallersOnly]
    private static void Fill(nint info, nint chunk)
    {
        try { Native.duckdb_data_chunk_set_size(chunk, (ulong)Held<Scan>(Native.duckdb_function_get_init_data(info)).Fill(chunk)); }
        catch (Exception error) { Native.duckdb_function_set_error(info, error.Message); }
    }

    [UnmanagedCallersOnly]
    private static void Release(nint handle) => GCHandle.FromIntPtr(handle).Free();

    private static nint Hold(object value) => GCHandle.ToIntPtr(GCHandle.Alloc(value));

    private static T Held<T>(nint handle) where T : class => (T)GCHandle.FromIntPtr(handle).Target!;

    /// <summary>One reading of a source: its place belongs to the scan, since one statement may read a source twice.</summary>
    private sealed class Scan(IColumnSource source, int[] columns)
    {
        private readonly int _fieldCount = source.Fields.Count;
        private int _run;
        private int _done; // rows of the run

        /// <returns>Rows written, as many as fit; 0 at the end.</returns>
        public int Fill(nint chunk)
        {
            int filled = 0;
            while (filled < ColumnBlock.RowsMax && _run < source.RunCount)
            {
                var run = source.Run(_run);
                int rows = Math.Min(run.Count - _done, ColumnBlock.RowsMax - filled);
                var from = source.Block(run.Block).Columns;
                for (int i = 0; i < columns.Length; i++)
                    if ((uint)columns[i] < (uint)_fieldCount)
                        VectorWriter.Copy(from[columns[i]], run.First + _done, rows, Native.duckdb_data_chunk_get_vector(chunk, (ulong)i), filled);
                filled += rows;
                _done += rows;
                if (_done == run.Count) (_run, _done) = (_run + 1, 0);
            }
            return filled;
        }
    }
}
