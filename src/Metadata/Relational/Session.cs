using System.Data.Common;

namespace Etl.Metadata.Relational;

/// <summary>One connection with its prepared statements; used by one caller at a time.</summary>
/// <param name="valuesMax">Values in one statement of many rows, and in one round trip of many statements. SQLite looks a value's place up by going through all of the statement's names: there, few are cheap.</param>
internal class Session(DbConnection connection, bool manyInOneRoundTrip, int valuesMax) : IAsyncDisposable
{
    /// <summary>Prepared statements kept; past it all are given up and prepared again as they come.</summary>
    protected const int PreparedMax = 256;

    private readonly Dictionary<Statement, DbCommand> _prepared = new(Statement.SameText.Comparer);

    public DbConnection Connection => connection;

    /// <summary>Set when the connection shall not be used again.</summary>
    public bool IsBroken { get; set; }

    public bool IsOpen => connection.State == System.Data.ConnectionState.Open;

    /// <returns>Rows that were inserted, deleted or found by an update.</returns>
    public virtual async Task<int> ExecuteAsync(Statement statement, CancellationToken cancel) => await (await PreparedAsync(statement, cancel)).ExecuteNonQueryAsync(cancel);

    /// <summary>Whether the next transactions wait for the disk, where the store lets each of them choose.</summary>
    public virtual Task SyncAsync(bool always, CancellationToken cancel) => Task.CompletedTask;

    public virtual async Task ExecuteTextAsync(string sql, CancellationToken cancel)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Runs each statement, in as few round trips as the store allows.</summary>
    public async Task ExecuteManyAsync(IReadOnlyList<Statement> statements, CancellationToken cancel)
    {
        if (!manyInOneRoundTrip || statements.Count == 1)
        {
            foreach (var statement in statements) await ExecuteAsync(statement, cancel);
            return;
        }
        for (var next = 0; next < statements.Count;)
        {
            var (first, values) = (next, 0);
            do values += statements[next++].Values.Count;
            while (next < statements.Count && values < valuesMax);
            await using var command = Command(Statement.Join(";\n", statements.Skip(first).Take(next - first)));
            await command.ExecuteNonQueryAsync(cancel);
        }
    }

    /// <summary>INSERTs of many rows: <paramref name="head"/>, then rows in brackets, then <paramref name="tail"/>.</summary>
    public async Task<int> InsertAsync(SqlText head, IReadOnlyList<Statement> rows, SqlText tail, CancellationToken cancel)
    {
        var inserted = 0;
        for (var next = 0; next < rows.Count;)
        {
            var most = Math.Max(1, Math.Min(100, valuesMax / Math.Max(1, rows[next].Values.Count)));
            var count = rows.Count - next >= most ? most : Math.Min(most, rows.Count - next >= 10 ? 10 : 1); // few sizes: the statement is found prepared
            var values = Statement.Join(",", rows.Skip(next).Take(count).Select(static row => new Statement().Add($"({row})")));
            inserted += await ExecuteAsync($"{head} values {values}{tail}", cancel);
            next += count;
        }
        return inserted;
    }

    public virtual async Task<List<T>> QueryAsync<T>(Statement statement, Func<Row, T> row, CancellationToken cancel)
    {
        await using var reader = await (await PreparedAsync(statement, cancel)).ExecuteReaderAsync(cancel);
        var (rows, current) = (new List<T>(), new ReaderRow(reader));
        while (await reader.ReadAsync(cancel)) rows.Add(row(current));
        return rows;
    }

    public async Task<T?> FirstAsync<T>(Statement statement, Func<Row, T> row, CancellationToken cancel) =>
        (await QueryAsync(statement, row, cancel)) is [var first, ..] ? first : default;

    public Task<long?> NumberAsync(Statement statement, CancellationToken cancel) =>
        FirstAsync(statement, static row => row.Int64OrNull(0), cancel);

    private async ValueTask<DbCommand> PreparedAsync(Statement statement, CancellationToken cancel)
    {
        if (!_prepared.TryGetValue(statement, out var command))
        {
            if (_prepared.Count >= PreparedMax) Forget();
            command = Command(statement);
            await command.PrepareAsync(cancel).WaitAsync(TimeSpan.FromSeconds(command.CommandTimeout), cancel); // the client bounds the running of a statement, not its preparation
            _prepared.Add(statement, command);
            return command;
        }
        for (var index = 0; index < statement.Values.Count; index++) command.Parameters[index].Value = statement.Values[index] ?? DBNull.Value;
        return command;
    }

    private DbCommand Command(Statement statement)
    {
        var command = connection.CreateCommand();
        command.CommandText = statement.Render();
        for (var index = 0; index < statement.Values.Count; index++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = Statement.NameOf(index);
            parameter.Value = statement.Values[index] ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }
        return command;
    }

    /// <summary>Gives the prepared statements up.</summary>
    protected virtual void Forget()
    {
        foreach (var command in _prepared.Values) command.Dispose();
        _prepared.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        if (!IsBroken) Forget();
        await connection.DisposeAsync();
    }
}
