using System.Runtime.InteropServices;

namespace Etl.Lake.DuckDb;

internal static unsafe partial class Native
{
    // Table functions
    [LibraryImport(Library)] internal static partial nint duckdb_create_table_function();
    [LibraryImport(Library)] internal static partial void duckdb_destroy_table_function(ref nint function);
    [LibraryImport(Library, StringMarshalling = Utf8)] internal static partial void duckdb_table_function_set_name(nint function, string name);
    [LibraryImport(Library)] internal static partial void duckdb_table_function_add_parameter(nint function, nint type);
    [LibraryImport(Library)] internal static partial void duckdb_table_function_set_extra_info(nint function, nint info, delegate* unmanaged<nint, void> destroy);
    [LibraryImport(Library)] internal static partial nint duckdb_bind_get_extra_info(nint info);
    [LibraryImport(Library)] internal static partial void duckdb_table_function_set_bind(nint function, delegate* unmanaged<nint, void> callback);
    [LibraryImport(Library)] internal static partial void duckdb_table_function_set_init(nint function, delegate* unmanaged<nint, void> callback);
    [LibraryImport(Library)] internal static partial void duckdb_table_function_set_function(nint function, delegate* unmanaged<nint, nint, void> callback);
    [LibraryImport(Library)] internal static partial void duckdb_table_function_supports_projection_pushdown(nint function, [MarshalAs(UnmanagedType.U1)] bool value);
    [LibraryImport(Library)] internal static partial int duckdb_register_table_function(ConnectionHandle connection, nint function);
    [LibraryImport(Library)] internal static partial nint duckdb_bind_get_parameter(nint info, ulong index);
    [LibraryImport(Library)] internal static partial long duckdb_get_int64(nint value);
    [LibraryImport(Library)] internal static partial void duckdb_destroy_value(ref nint value);
    [LibraryImport(Library, StringMarshalling = Utf8)] internal static partial void duckdb_bind_add_result_column(nint info, string name, nint type);
    [LibraryImport(Library)] internal static partial void duckdb_bind_set_cardinality(nint info, ulong rows, [MarshalAs(UnmanagedType.U1)] bool isExact);
    [LibraryImport(Library)] internal static partial void duckdb_bind_set_bind_data(nint info, nint data, delegate* unmanaged<nint, void> destroy);
    [LibraryImport(Library, StringMarshalling = Utf8)] internal static partial void duckdb_bind_set_error(nint info, string error);
    [LibraryImport(Library)] internal static partial nint duckdb_init_get_bind_data(nint info);
    [LibraryImport(Library)] internal static partial ulong duckdb_init_get_column_count(nint info);
    [LibraryImport(Library)] internal static partial ulong duckdb_init_get_column_index(nint info, ulong column);
    [LibraryImport(Library)] internal static partial void duckdb_init_set_init_data(nint info, nint data, delegate* unmanaged<nint, void> destroy);
    [LibraryImport(Library)] internal static partial void duckdb_init_set_max_threads(nint info, ulong threads);
    [LibraryImport(Library, StringMarshalling = Utf8)] internal static partial void duckdb_init_set_error(nint info, string error);
    [LibraryImport(Library)] internal static partial nint duckdb_function_get_init_data(nint info);
    [LibraryImport(Library, StringMarshalling = Utf8)] internal static partial void duckdb_function_set_error(nint info, string error);

    // Aggregate functions
    [LibraryImport(Library)] internal static partial nint duckdb_create_aggregate_function();
    [LibraryImport(Library)] internal static partial void duckdb_destroy_aggregate_function(ref nint function);
    [LibraryImport(Library, StringMarshalling = Utf8)] internal static partial void duckdb_aggregate_function_set_name(nint function, string name);
    [LibraryImport(Library)] internal static partial void duckdb_aggregate_function_add_parameter(nint function, nint type);
    [LibraryImport(Library)] internal static partial void duckdb_aggregate_function_set_return_type(nint function, nint type);
    [LibraryImport(Library)] internal static partial void duckdb_aggregate_function_set_extra_info(nint function, nint info, delegate* unmanaged<nint, void> destroy);
    [LibraryImport(Library)] internal static partial nint duckdb_aggregate_function_get_extra_info(nint info);
    [LibraryImport(Library, StringMarshalling = Utf8)] internal static partial void duckdb_aggregate_function_set_error(nint info, string error);
    [LibraryImport(Library)] internal static partial void duckdb_aggregate_function_set_functions(
        nint function, delegate* unmanaged<nint, ulong> size, delegate* unmanaged<nint, void*, void> init, delegate* unmanaged<nint, nint, void**, void> update,
        delegate* unmanaged<nint, void**, void**, ulong, void> combine, delegate* unmanaged<nint, void**, nint, ulong, ulong, void> finish);
    [LibraryImport(Library)] internal static partial void duckdb_aggregate_function_set_destructor(nint function, delegate* unmanaged<void**, ulong, void> destroy);
    [LibraryImport(Library, StringMarshalling = Utf8)] internal static partial nint duckdb_create_aggregate_function_set(string name);
    [LibraryImport(Library)] internal static partial int duckdb_add_aggregate_function_to_set(nint set, nint function);
    [LibraryImport(Library)] internal static partial int duckdb_register_aggregate_function_set(ConnectionHandle connection, nint set);
    [LibraryImport(Library)] internal static partial void duckdb_destroy_aggregate_function_set(ref nint set);
}
