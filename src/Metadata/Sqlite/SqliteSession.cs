using Etl.Metadata.Relational;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Etl.Metadata.Sqlite;

/// <summary>Runs what changes rows on SQLite's own prepared statements, values bound by their place. The provider looks the place of each value up by its name, which costs more than the statement.</summary>
internal sealed class SqliteSession(SqliteConnection connection, int valuesMax) : Session(connection, manyInOneRoundTrip: false, valuesMax)
{
    private readonly Dictionary<Statement, sqlite3_stmt> _writes = new(Statement.SameText.Comparer);
    private bool? _isSynced;

    public override Task<int> ExecuteAsync(Statement statement, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(Execute(statement, connection.Handle!));
    }

    /// <summary>In WAL mode NORMAL syncs at checkpoints alone; a later FULL commit syncs what came before it, too.</summary>
    public override async Task SyncAsync(bool always, CancellationToken cancel)
    {
        if (_isSynced == always) return;
        await ExecuteTextAsync(always ? "pragma synchronous = full" : "pragma synchronous = normal", cancel);
        _isSynced = always;
    }

    private int Execute(Statement statement, sqlite3 database)
    {
        var prepared = Prepared(statement, database);
        try
        {
            for (var index = 0; index < statement.Values.Count; index++) Check(Bind(prepared, index + 1, statement.Values[index]), database);
            int code;
            do code = raw.sqlite3_step(prepared);
            while (code == raw.SQLITE_ROW);
            if (code != raw.SQLITE_DONE) Check(code, database);
            return raw.sqlite3_changes(database);
        }
        finally { raw.sqlite3_reset(prepared); }
    }

    private sqlite3_stmt Prepared(Statement statement, sqlite3 database)
    {
        if (_writes.TryGetValue(statement, out var prepared)) return prepared;
        if (_writes.Count >= PreparedMax) Forget();
        Check(raw.sqlite3_prepare_v2(database, statement.Render(), out prepared), database);
        _writes.Add(statement, prepared);
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
        foreach (var prepared in _writes.Values) prepared.Dispose();
        _writes.Clear();
    }
}
