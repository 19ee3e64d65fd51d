using System.Runtime.InteropServices;

namespace Etl.Lake.DuckDb;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial ulong duckdb_data_chunk_get_size(nint chunk);
    [LibraryImport(Library)] internal static partial void duckdb_data_chunk_set_size(nint chunk, ulong size);
    [LibraryImport(Library)] internal static partial nint duckdb_data_chunk_get_vector(nint chunk, ulong column);
    [LibraryImport(Library)] internal static partial void duckdb_destroy_data_chunk(ref nint chunk);

    [LibraryImport(Library)] internal static partial void* duckdb_vector_get_data(nint vector);
    [LibraryImport(Library)] internal static partial ulong* duckdb_vector_get_validity(nint vector);
    [LibraryImport(Library)] internal static partial void duckdb_vector_ensure_validity_writable(nint vector);
    [LibraryImport(Library)] internal static partial void duckdb_vector_assign_string_element_len(nint vector, ulong row, byte* bytes, ulong length);
    [LibraryImport(Library)] internal static partial nint duckdb_list_vector_get_child(nint vector);
    [LibraryImport(Library)] internal static partial ulong duckdb_list_vector_get_size(nint vector);
    [LibraryImport(Library)] internal static partial int duckdb_list_vector_reserve(nint vector, ulong rows);
    [LibraryImport(Library)] internal static partial int duckdb_list_vector_set_size(nint vector, ulong rows);
    [LibraryImport(Library)] internal static partial nint duckdb_struct_vector_get_child(nint vector, ulong child);

    [LibraryImport(Library)] internal static partial nint duckdb_create_logical_type(int type);
    [LibraryImport(Library)] internal static partial nint duckdb_create_decimal_type(byte width, byte scale);
    [LibraryImport(Library)] internal static partial nint duckdb_create_list_type(nint item);
    [LibraryImport(Library)] internal static partial nint duckdb_create_map_type(nint key, nint value);
    [LibraryImport(Library)] internal static partial nint duckdb_create_struct_type(nint* members, byte** names, ulong count);
    [LibraryImport(Library)] internal static partial void duckdb_destroy_logical_type(ref nint type);
    [LibraryImport(Library)] internal static partial int duckdb_get_type_id(nint type);
    [LibraryImport(Library)] internal static partial byte duckdb_decimal_width(nint type);
    [LibraryImport(Library)] internal static partial byte duckdb_decimal_scale(nint type);
    [LibraryImport(Library)] internal static partial int duckdb_enum_internal_type(nint type);
    [LibraryImport(Library)] internal static partial uint duckdb_enum_dictionary_size(nint type);
    [LibraryImport(Library)] internal static partial nint duckdb_enum_dictionary_value(nint type, ulong index);
    [LibraryImport(Library)] internal static partial nint duckdb_list_type_child_type(nint type);
    [LibraryImport(Library)] internal static partial nint duckdb_map_type_key_type(nint type);
    [LibraryImport(Library)] internal static partial nint duckdb_map_type_value_type(nint type);
    [LibraryImport(Library)] internal static partial ulong duckdb_struct_type_child_count(nint type);
    [LibraryImport(Library)] internal static partial nint duckdb_struct_type_child_name(nint type, ulong child);
    [LibraryImport(Library)] internal static partial nint duckdb_struct_type_child_type(nint type, ulong child);

    /// <summary>Whether a row has a value; no mask at all means that all have.</summary>
    internal static bool IsSet(ulong* validity, long row) => validity == null || (validity[row >> 6] >> (int)(row & 63) & 1) != 0;
}
