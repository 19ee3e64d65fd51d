using System.Text;
using Etl.Codecs.Columns;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Etl.Sinks.Sqlite;

/// <summary>A prepared statement bound from columns where they lie: no object a value. Below ADO.NET, whose commands cost more a row than SQLite itself.</summary>
internal sealed unsafe class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <exception cref="SqliteException">The SQL is wrong, or the file cannot be read.</exception>
    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(sqlite3_prepare_v2(_database, sql, out _statement));
    }

    /// <summary>Runs SQL of one statement that gives no rows.</summary>
    public static void Run(SqliteConnection connection, string sql)
    {
        using var statement = new SqliteStatement(connection, sql);
        while (statement.Step()) { }
    }

    /// <returns>Whether there is a row to read.</returns>
    public bool Step()
    {
        int code = sqlite3_step(_statement);
        if (code is not (SQLITE_ROW or SQLITE_DONE)) Check(code);
        return code == SQLITE_ROW;
    }

    /// <summary>Makes ready to bind and step again; what was bound stays.</summary>
    public void Reset() => sqlite3_reset(_statement);

    public void Bind(int parameter, long value) => Check(sqlite3_bind_int64(_statement, parameter, value));

    public void Bind(int parameter, string value) => Check(sqlite3_bind_text(_statement, parameter, value));


    /// <param name="parameter">From 1.</param>
    /// <exception cref="Etl.Contracts.StoreException">SQLite cannot hold the value.</exception>
    public void Bind(int parameter, ColumnField field, ColumnVector column, int row)
    {
        if (column.IsNull(row)) Check(sqlite3_bind_null(_statement, parameter));
        else BindValue(parameter, field, column, row);
    }

    public bool IsNull(int column) => sqlite3_column_type(_statement, column) == SQLITE_NULL;

    public long GetInt64(int column) => sqlite3_column_int64(_statement, column);

    public double GetDouble(int column) => sqlite3_column_double(_statement, column);

    /// <summary>The text with its zero bytes, which <c>sqlite3_column_text</c> would end at.</summary>
    public string GetString(int column) => Encoding.UTF8.GetString(sqlite3_column_blob(_statement, column));

    public void Dispose() => _statement.Dispose();

    private void BindValue(int parameter, ColumnField field, ColumnVector column, int row)
    {
        byte* at = column.Data + (long)row * column.Type.Width;
        switch (column.Type.Kind)
        {
            case ColumnKind.Double: BindNumber(parameter, *(double*)at); break;
            case ColumnKind.Float: BindNumber(parameter, *(float*)at); break;
            case ColumnKind.Int64: Bind(parameter, *(long*)at); break;
            case ColumnKind.Int32: Bind(parameter, *(int*)at); break;
            case ColumnKind.Boolean: Bind(parameter, *at); break;
            case ColumnKind.Text: BindText(parameter, ColumnText.Read((ColumnText*)at)); break;
            case ColumnKind.Timestamp or ColumnKind.LocalTimestamp: BindInstant(parameter, *(long*)at, field.Name); break;
            case ColumnKind.Date: Bind(parameter, SqlText.DateText(SqlText.Date(*(int*)at, field.Name))); break;
            case ColumnKind.Time: BindTime(parameter, *(long*)at); break;
            case ColumnKind.Int128: Bind(parameter, SqliteTable.Int64Of(*(Int128*)at, field.Name)); break;
            case ColumnKind.List or ColumnKind.Struct or ColumnKind.Map: BindText(parameter, ColumnJson.Write(column, row)); break;
            default: Bind(parameter, FormattableString.Invariant($"{ColumnValue.Read(column, row)}")); break;
        }
    }

    private void BindNumber(int parameter, double value) =>
        Check(double.IsFinite(value) ? sqlite3_bind_double(_statement, parameter, value + 0.0) : sqlite3_bind_null(_statement, parameter));

    private void BindInstant(int parameter, long micros, string column)
    {
        Span<byte> text = stackalloc byte[SqlText.InstantBytesMax];
        BindText(parameter, text[..SqlText.WriteInstant(micros, column, text)]);
    }

    private void BindTime(int parameter, long micros)
    {
        Span<byte> text = stackalloc byte[SqlText.InstantBytesMax];
        BindText(parameter, text[..SqlText.WriteTime(micros, text)]);
    }

    // An empty span has no address, and SQLite takes text without an address for NULL.
    private void BindText(int parameter, ReadOnlySpan<byte> text) =>
        Check(text.IsEmpty ? sqlite3_bind_text(_statement, parameter, "") : sqlite3_bind_text(_statement, parameter, text));

    private void Check(int code)
    {
        if (code != SQLITE_OK) SqliteException.ThrowExceptionForRC(code, _database);
    }
}
