using Etl.Metadata.Relational;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Etl.Metadata.Sqlite;

/// <summary>Runs SQLite's own prepared statements, values bound by their place. The provider looks the place of each value up by its name, which costs more than the statement.</summary>
internal sealed class SqliteSession(SqliteConnection connection, int valuesMax) : Session(connection, manyInOneRoundTrip: false, valuesMax)
{
    private readonly Dictionary<Statement, sqlite3_stmt> _statements = new(Statement.SameText.Comparer);
    private bool? _isSynced;

    public override Task<int> ExecuteAsync(Statement statement, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(Execute(statement, connection.Handle!));
    }

    public override Task<List<T>> QueryAsync<T>(Statement statement, Func<Row, T> row, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(Query(statement, row, connection.Handle!));
    }

    public override Task ExecuteTextAsync(string sql, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        Check(raw.sqlite3_exec(connection.Handle, sql), connection.Handle!);
        return Task.CompletedTask;
    }

    /// <summary>In WAL mode NORMAL syncs at checkpoints alone; a later FULL commit syncs what came before it, too.</summary>
    public override async Task SyncAsync(bool always, CancellationToken cancel)
    {
        if (_isSynced == always) return;
        await ExecuteTextAsync(always ? "pragma synchronous = full" : "pragma synchronous = normal", cancel);
        _isSynced = always;
    }

    private List<T> Query<T>(Statement statement, Func<Row, T> row, sqlite3 database)
    {
        var prepared = Bound(statement, database);
        try
        {
            var (rows, current) = (new List<T>(), new SqliteRow(prepared));
            int code;
            while ((code = raw.sqlite3_step(prepared)) == raw.SQLITE_ROW) rows.Add(row(current));
            if (code != raw.SQLITE_DONE) Check(code, database);
            return rows;
        }
        finally { raw.sqlite3_reset(prepared); }
    }

    private int Execute(Statement statement, sqlite3 database)
    {
        var prepared = Bound(statement, database);
        try
        {
            int code;
            do code = raw.sqlite3_step(prepared);
            while (code == raw.SQLITE_ROW);
            if (code != raw.SQLITE_DONE) Check(code, database);
            return raw.sqlite3_changes(database);
        }
        finally { raw.sqlite3_reset(prepared); }
    }

    private sqlite3_stmt Bound(Statement statement, sqlite3 database)
    {
        var prepared = Prepared(statement, database);
        for (var index = 0; index < statement.Values.Count; index++) Check(Bind(prepared, index + 1, statement.Values[index]), database);
        return prepared;
    }

    private sqlite3_stmt Prepared(Statement statement, sqlite3 database)
    {
        if (_statements.TryGetValue(statement, out var prepared)) return prepared;
        if (_statements.Count >= PreparedMax) Forget();
        Check(raw.sqlite3_prepare_v2(database, statement.Render(), out prepared), database);
        _statements.Add(statement, prepared);
        return prepared;
    }

    private static int Bind(sqlite3_stmt statement, int place, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(statement, place),
        long number => raw.sqlite3_bind_int64(statement, place, number),
        string text => raw.sqlite3_bind_text(statement, place, text),
        byte[] bytes => raw.sqlite3_bind_blob(statement, place, bytes),
        _ => throw new ArgumentException($"a value of a statement: found {value.GetType().Name}, expected long, string, bytes or null"),
    };

    private static void Check(int code, sqlite3 database) => SqliteException.ThrowExceptionForRC(code, database);

    protected override void Forget()
    {
        base.Forget();
        foreach (var prepared in _statements.Values) prepared.Dispose();
        _statements.Clear();
    }
}

/// <summary>Over a statement that stands on a row.</summary>
internal sealed class SqliteRow(sqlite3_stmt statement) : Row
{
    public override bool IsDBNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public override long GetInt64(int column) => raw.sqlite3_column_int64(statement, column);

    public override int GetInt32(int column) => checked((int)raw.sqlite3_column_int64(statement, column));

    public override string GetString(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

    public override byte[] Bytes(int column) => raw.sqlite3_column_blob(statement, column).ToArray();
}
