using Etl.Codecs.Columns;

namespace Etl.Lake.DuckDb;

/// <summary>Takes the rows of a result, up to 2,048 at a time.</summary>
public delegate void OnChunk(DuckChunk chunk);

/// <summary>A connection to a <see cref="DuckDatabase"/>: one statement at a time, from any thread; only <see cref="Interrupt"/> may come beside it.</summary>
/// <remarks>
/// Every method throws <see cref="DuckException"/> when DuckDB refuses or fails, and <see cref="OperationCanceledException"/> when its token ended the statement
/// (1 to 60 ms later; a COPY leaves no file). The connection stays usable after both.
/// Parameters are <c>$1</c>, <c>$2</c>, …: null, bool, int, long, double, string, byte[], DateOnly, DateTimeOffset (TIMESTAMPTZ) or DateTime (TIMESTAMP); they
/// need SQL of one statement.
/// </remarks>
public sealed class DuckConnection : IDisposable
{
    private readonly ColumnSources _sources;
    private int _busy;

    internal DuckConnection(ConnectionHandle handle, ColumnSources sources) => (Handle, _sources) = (handle, sources);

    internal ConnectionHandle Handle { get; }

    /// <summary>Runs any number of statements.</summary>
    /// <returns>Rows inserted, updated, deleted or copied by the last one.</returns>
    public long Execute(string sql, IReadOnlyList<object?>? parameters = null, CancellationToken cancel = default)
    {
        long changed = 0;
        Run(sql, parameters, cancel, result => changed = result.RowsChanged);
        return changed;
    }

    /// <summary>Runs statements and hands over the rows of each. <paramref name="onChunk"/> must not use the connection.</summary>
    public void Query(string sql, OnChunk onChunk, IReadOnlyList<object?>? parameters = null, CancellationToken cancel = default) =>
        Run(sql, parameters, cancel, result => Read(result, result.Columns(), onChunk, cancel));

    /// <summary>Runs statements and copies the rows of the last one into a batch, which the caller disposes.</summary>
    public ColumnBatch Fetch(string sql, IReadOnlyList<object?>? parameters = null, CancellationToken cancel = default)
    {
        ColumnBatch? batch = null;
        try
        {
            Run(sql, parameters, cancel, result =>
            {
                var columns = result.Columns();
                batch?.Dispose();
                var rows = batch = new ColumnBatch([.. columns.Select(column => column.Field)]);
                Read(result, columns, chunk => chunk.AppendTo(rows), cancel);
            });
        }
        catch
        {
            batch?.Dispose();
            throw;
        }
        return batch ?? new ColumnBatch([]);
    }

    /// <summary>The first column of the first row, as <see cref="ColumnValue"/> reads it; null when there is no row.</summary>
    public object? Value(string sql, IReadOnlyList<object?>? parameters = null, CancellationToken cancel = default)
    {
        using var rows = Fetch(sql, parameters, cancel);
        return rows.RowCount == 0 ? null : rows.GetValue(0, 0);
    }

    /// <summary>Names and types of the columns that the last statement would return. Nothing is run.</summary>
    public IReadOnlyList<ColumnField> Describe(string sql)
    {
        IReadOnlyList<ColumnField> fields = [];
        Alone(() => DuckStatement.Each(Handle, sql, statement => fields = statement.Fields()));
        return fields;
    }

    /// <summary>Lets SQL read <paramref name="source"/> until the offer is disposed: <c>using var rows = connection.Offer(batch); connection.Execute($"copy (from {rows}) to …")</c>.</summary>
    /// <remarks>Texts must be UTF-8 and list entries lie inside their child: DuckDB trusts them.</remarks>
    public OfferedColumns Offer(IColumnSource source) => _sources.Offer(source);

    /// <summary><see cref="Execute"/> on a thread of the pool.</summary>
    public Task<long> ExecuteAsync(string sql, IReadOnlyList<object?>? parameters = null, CancellationToken cancel = default) =>
        Task.Run(() => Execute(sql, parameters, cancel), cancel);

    /// <summary><see cref="Fetch"/> on a thread of the pool.</summary>
    public Task<ColumnBatch> FetchAsync(string sql, IReadOnlyList<object?>? parameters = null, CancellationToken cancel = default) =>
        Task.Run(() => Fetch(sql, parameters, cancel), cancel);

    /// <summary>Ends the statement that runs now, from any thread: it fails with <see cref="DuckErrorType.Interrupted"/>. Without one, nothing happens.</summary>
    public void Interrupt()
    {
        if (!Handle.IsClosed) Native.duckdb_interrupt(Handle);
    }

    public void Dispose() => Handle.Dispose();

    private void Run(string sql, IReadOnlyList<object?>? parameters, CancellationToken cancel, Action<DuckResult> use) => Alone(() => DuckStatement.Each(Handle, sql, statement =>
    {
        int given = parameters?.Count ?? 0;
        if (statement.ParameterCount != given)
            throw new DuckException(DuckErrorType.InvalidInput, $"{given} parameters were given, the statement has {statement.ParameterCount}: {sql}");
        for (int i = 0; i < given; i++) statement.Bind(i + 1, parameters![i]);
        using var result = statement.Run(Handle, cancel);
        use(result);
    }));

    private static void Read(DuckResult result, DuckColumn[] columns, OnChunk onChunk, CancellationToken cancel)
    {
        for (nint chunk; (chunk = result.NextChunk()) != 0;)
        {
            try
            {
                cancel.ThrowIfCancellationRequested();
                onChunk(new DuckChunk(chunk, columns));
            }
            finally { Native.duckdb_destroy_data_chunk(ref chunk); }
        }
    }

    private void Alone(Action work)
    {
        ObjectDisposedException.ThrowIf(Handle.IsClosed, this);
        if (Interlocked.Exchange(ref _busy, 1) != 0)
            throw new InvalidOperationException("this DuckDB connection runs a statement already; open one connection for each thread, and none inside a callback");
        try { work(); }
        finally { Volatile.Write(ref _busy, 0); }
    }
}
