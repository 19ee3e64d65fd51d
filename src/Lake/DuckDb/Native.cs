using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using Microsoft.Win32.SafeHandles;

namespace Etl.Lake.DuckDb;

/// <summary>The part of DuckDB's C API (duckdb.h, 1.5) in use here. Each <c>duckdb_state</c> is 0 when all went well.</summary>
/// <remarks>This file: database, connection, statements, results. <c>Native.Vectors.cs</c>: chunks and types. <c>Native.Functions.cs</c>: functions in C#.</remarks>
internal static unsafe partial class Native
{
    /// <summary>Resolved by <see cref="BundledDuckDb"/> to the file of the package.</summary>
    private const string Library = "duckdb";
    private const StringMarshalling Utf8 = StringMarshalling.Utf8;

    static Native() => BundledDuckDb.Use();

    [LibraryImport(Library)] internal static partial int duckdb_create_config(out nint config);
    [LibraryImport(Library, StringMarshalling = Utf8)] internal static partial int duckdb_set_config(nint config, string name, string value);
    [LibraryImport(Library)] internal static partial void duckdb_destroy_config(ref nint config);
    [LibraryImport(Library, StringMarshalling = Utf8)] internal static partial int duckdb_open_ext(string? path, out nint database, nint config, out nint error);
    [LibraryImport(Library)] internal static partial void duckdb_close(ref nint database);
    [LibraryImport(Library)] internal static partial void duckdb_free(nint memory);
    [LibraryImport(Library)] internal static partial nint duckdb_library_version();
    [LibraryImport(Library)] internal static partial int duckdb_connect(DatabaseHandle database, out nint connection);
    [LibraryImport(Library)] internal static partial void duckdb_disconnect(ref nint connection);
    [LibraryImport(Library)] internal static partial void duckdb_interrupt(ConnectionHandle connection);

    [LibraryImport(Library, StringMarshalling = Utf8)] internal static partial ulong duckdb_extract_statements(ConnectionHandle connection, string sql, out nint statements);
    [LibraryImport(Library)] internal static partial nint duckdb_extract_statements_error(nint statements);
    [LibraryImport(Library)] internal static partial void duckdb_destroy_extracted(ref nint statements);
    [LibraryImport(Library)] internal static partial int duckdb_prepare_extracted_statement(ConnectionHandle connection, nint statements, ulong index, out nint prepared);
    [LibraryImport(Library)] internal static partial nint duckdb_prepare_error(nint prepared);
    [LibraryImport(Library)] internal static partial int duckdb_prepared_statement_type(nint prepared);
    [LibraryImport(Library)] internal static partial ulong duckdb_prepared_statement_column_count(nint prepared);
    [LibraryImport(Library)] internal static partial nint duckdb_prepared_statement_column_name(nint prepared, ulong column);
    [LibraryImport(Library)] internal static partial nint duckdb_prepared_statement_column_logical_type(nint prepared, ulong column);
    [LibraryImport(Library)] internal static partial ulong duckdb_nparams(nint prepared);
    [LibraryImport(Library)] internal static partial void duckdb_destroy_prepare(ref nint prepared);

    [LibraryImport(Library)] internal static partial int duckdb_bind_null(nint prepared, ulong index);
    [LibraryImport(Library)] internal static partial int duckdb_bind_boolean(nint prepared, ulong index, [MarshalAs(UnmanagedType.U1)] bool value);
    [LibraryImport(Library)] internal static partial int duckdb_bind_int32(nint prepared, ulong index, int value);
    [LibraryImport(Library)] internal static partial int duckdb_bind_int64(nint prepared, ulong index, long value);
    [LibraryImport(Library)] internal static partial int duckdb_bind_double(nint prepared, ulong index, double value);
    [LibraryImport(Library)] internal static partial int duckdb_bind_date(nint prepared, ulong index, int days);
    [LibraryImport(Library)] internal static partial int duckdb_bind_timestamp(nint prepared, ulong index, long micros);
    [LibraryImport(Library)] internal static partial int duckdb_bind_timestamp_tz(nint prepared, ulong index, long micros);
    [LibraryImport(Library)] internal static partial int duckdb_bind_varchar_length(nint prepared, ulong index, byte* text, ulong length);
    [LibraryImport(Library)] internal static partial int duckdb_bind_blob(nint prepared, ulong index, byte* bytes, ulong length);

    [LibraryImport(Library)] internal static partial int duckdb_pending_prepared(nint prepared, out nint pending);
    [LibraryImport(Library)] internal static partial nint duckdb_pending_error(nint pending);
    [LibraryImport(Library)] internal static partial int duckdb_execute_pending(nint pending, out ResultStruct result);
    [LibraryImport(Library)] internal static partial void duckdb_destroy_pending(ref nint pending);

    [LibraryImport(Library)] internal static partial nint duckdb_result_error(ref ResultStruct result);
    [LibraryImport(Library)] internal static partial int duckdb_result_error_type(ref ResultStruct result);
    [LibraryImport(Library)] internal static partial ulong duckdb_rows_changed(ref ResultStruct result);
    [LibraryImport(Library)] internal static partial ulong duckdb_column_count(ref ResultStruct result);
    [LibraryImport(Library)] internal static partial nint duckdb_column_name(ref ResultStruct result, ulong column);
    [LibraryImport(Library)] internal static partial nint duckdb_column_logical_type(ref ResultStruct result, ulong column);
    [LibraryImport(Library)] internal static partial nint duckdb_fetch_chunk(ResultStruct result);
    [LibraryImport(Library)] internal static partial void duckdb_destroy_result(ref ResultStruct result);

    /// <summary>A text that stays DuckDB's.</summary>
    internal static string? Text(nint utf8) => Utf8StringMarshaller.ConvertToManaged((byte*)utf8);

    /// <summary>A text that DuckDB made for us: read and given back.</summary>
    internal static string? TakeText(nint utf8)
    {
        string? text = Text(utf8);
        duckdb_free(utf8);
        return text;
    }

    /// <summary><c>duckdb_result</c>: five fields that DuckDB has deprecated, then the one in use. It is passed by value.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct ResultStruct
    {
        private readonly ulong _columnCount, _rowCount, _rowsChanged;
        private readonly nint _columns, _errorMessage, _internalData;
    }
}

/// <summary>Counts its uses: a database that is disposed during a call is closed after it.</summary>
internal sealed class DatabaseHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public DatabaseHandle(nint database) : base(ownsHandle: true) => SetHandle(database);

    protected override bool ReleaseHandle()
    {
        nint database = handle;
        Native.duckdb_close(ref database);
        return true;
    }
}

/// <summary>Counts its uses: an interrupt from another thread never meets a connection that is gone.</summary>
internal sealed class ConnectionHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public ConnectionHandle(nint connection) : base(ownsHandle: true) => SetHandle(connection);

    protected override bool ReleaseHandle()
    {
        nint connection = handle;
        Native.duckdb_disconnect(ref connection);
        return true;
    }
}
