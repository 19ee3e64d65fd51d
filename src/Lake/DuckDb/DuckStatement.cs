using System.Text;
using Etl.Codecs.Columns;

namespace Etl.Lake.DuckDb;

/// <summary>One prepared statement: bound, run once or more, destroyed.</summary>
internal sealed unsafe class DuckStatement : IDisposable
{
    private const int SelectType = 1; // DUCKDB_STATEMENT_TYPE_SELECT

    private nint _prepared;

    private DuckStatement(nint prepared) => _prepared = prepared;

    public bool IsSelect => Native.duckdb_prepared_statement_type(_prepared) == SelectType;

    public int ParameterCount => (int)Native.duckdb_nparams(_prepared);

    /// <summary>Splits <paramref name="sql"/> and hands its statements over one by one: each is prepared when those before it have run.</summary>
    /// <exception cref="DuckException">The SQL does not parse, or a statement does not bind.</exception>
    public static void Each(ConnectionHandle connection, string sql, Action<DuckStatement> use)
    {
        ulong count = Native.duckdb_extract_statements(connection, sql, out nint statements);
        try
        {
            if (count == 0 && Native.Text(Native.duckdb_extract_statements_error(statements)) is { Length: > 0 } error) throw DuckException.FromText(error);
            for (ulong index = 0; index < count; index++)
            {
                int state = Native.duckdb_prepare_extracted_statement(connection, statements, index, out nint prepared);
                using var statement = new DuckStatement(prepared);
                if (state != 0) throw DuckException.FromText(Native.Text(Native.duckdb_prepare_error(prepared)));
                use(statement);
            }
        }
        finally { Native.duckdb_destroy_extracted(ref statements); }
    }

    /// <summary>Names and types of the columns that it will have.</summary>
    public IReadOnlyList<ColumnField> Fields()
    {
        var fields = new ColumnField[Native.duckdb_prepared_statement_column_count(_prepared)];
        for (int i = 0; i < fields.Length; i++)
        {
            string name = Native.TakeText(Native.duckdb_prepared_statement_column_name(_prepared, (ulong)i))!;
            fields[i] = new(name, DuckType.Take(Native.duckdb_prepared_statement_column_logical_type(_prepared, (ulong)i), name).Column, true);
        }
        return fields;
    }

    /// <param name="index">From 1.</param>
    public void Bind(int index, object? value)
    {
        ulong at = (ulong)index;
        int state = value switch
        {
            null => Native.duckdb_bind_null(_prepared, at),
            bool flag => Native.duckdb_bind_boolean(_prepared, at, flag),
            int number => Native.duckdb_bind_int32(_prepared, at, number),
            long number => Native.duckdb_bind_int64(_prepared, at, number),
            double number => Native.duckdb_bind_double(_prepared, at, number),
            string text => BindBytes(at, Encoding.UTF8.GetBytes(text), isText: true),
            byte[] bytes => BindBytes(at, bytes, isText: false),
            DateOnly date => Native.duckdb_bind_date(_prepared, at, date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber),
            DateTimeOffset instant => Native.duckdb_bind_timestamp_tz(_prepared, at, (instant.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond),
            DateTime wall => Native.duckdb_bind_timestamp(_prepared, at, (wall.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond),
            _ => throw new ArgumentException($"parameter ${index} is a {value.GetType().Name}; expected null, bool, int, long, double, string, byte[], DateOnly, DateTimeOffset (TIMESTAMPTZ) or DateTime (TIMESTAMP)", nameof(value)),
        };
        if (state != 0) throw new DuckException(DuckErrorType.InvalidInput, $"parameter ${index} was refused; the statement has {ParameterCount}");
    }

    /// <summary>Runs it to its end. The caller disposes the result.</summary>
    public DuckResult Run(ConnectionHandle connection, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        int state = Native.duckdb_pending_prepared(_prepared, out nint pending);
        try
        {
            if (state != 0) throw DuckException.FromText(Native.Text(Native.duckdb_pending_error(pending)));
            // Only from here on: an interrupt before the statement is pending would be forgotten by its start.
            using var registration = cancel.UnsafeRegister(static handle => Native.duckdb_interrupt((ConnectionHandle)handle!), connection);
            state = Native.duckdb_execute_pending(pending, out var result);
            return state == 0 ? new DuckResult(result) : throw DuckResult.Error(ref result);
        }
        catch (DuckException error) when (error.Type == DuckErrorType.Interrupted && cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(error.Message, error, cancel);
        }
        finally { Native.duckdb_destroy_pending(ref pending); }
    }

    public void Dispose() => Native.duckdb_destroy_prepare(ref _prepared);

    private int BindBytes(ulong at, byte[] bytes, bool isText)
    {
        fixed (byte* start = bytes)
            return isText ? Native.duckdb_bind_varchar_length(_prepared, at, start, (ulong)bytes.Length) : Native.duckdb_bind_blob(_prepared, at, start, (ulong)bytes.Length);
    }
}
