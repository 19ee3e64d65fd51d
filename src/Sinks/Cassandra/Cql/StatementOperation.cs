using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>An operation whose result somebody awaits.</summary>
internal sealed class StatementOperation(Session session, Statement statement) : Operation(session)
{
    private readonly TaskCompletionSource<RowSet> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _cancelling;

    public static Task<RowSet> ExecuteAsync(Session session, Statement statement, byte[]? pagingState, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested) return Task.FromCanceled<RowSet>(cancel);
        var operation = new StatementOperation(session, statement);
        operation.Take(statement, pagingState);
        // Who cancels waits no longer. The request goes on, and its stream stays taken until the answer comes.
        if (cancel.CanBeCanceled) operation._cancelling = cancel.UnsafeRegister(static (state, token) => ((StatementOperation)state!)._result.TrySetCanceled(token), operation);
        operation.Start();
        return operation._result.Task;
    }

    protected override void OnRows(Connection connection, RowsMetadata metadata, IReadOnlyList<ColumnSpec> columns, ref CqlReader reader, IReadOnlyList<string> warnings)
    {
        int count = reader.Int();
        var page = new RowPage(reader.Take(reader.Left).ToArray(), count, columns);
        Func<byte[], CancellationToken, Task<RowSet>>? more = metadata.PagingState is null ? null : (state, cancel) => ExecuteAsync(Session, statement, state, cancel);
        End();
        _result.TrySetResult(new(page, metadata.PagingState, new(connection.Host, warnings), more));
    }

    protected override void OnDone(Connection connection, IReadOnlyList<string> warnings, bool isSchemaInAgreement)
    {
        End();
        _result.TrySetResult(new(RowPage.Empty, null, new(connection.Host, warnings, isSchemaInAgreement)));
    }

    protected override void OnFailed(DriverException error)
    {
        End();
        _result.TrySetException(error);
    }

    private void End()
    {
        _cancelling.Dispose();
        Writer.Dispose();
    }
}

/// <summary>Prepares a statement on one node; others learn it when they first refuse it.</summary>
internal sealed class PrepareOperation : Operation
{
    private readonly TaskCompletionSource<PreparedStatement> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PrepareOperation(Session session, string cql) : base(session)
    {
        CqlRequest.Prepare(Writer, session.Cluster.VersionByte, cql);
        Take(cql);
    }

    public static Task<PreparedStatement> PrepareAsync(Session session, string cql)
    {
        var operation = new PrepareOperation(session, cql);
        operation.Start();
        return operation._result.Task;
    }

    protected override void OnPreparedResult(Connection connection, ref CqlReader reader)
    {
        var message = PreparedMessage.Read(ref reader, connection.Version);
        if (reader.Failed) throw new InvalidDataException("the answer to PREPARE ends too early");
        _result.TrySetResult(new(Text, message));
    }

    protected override void OnRows(Connection connection, RowsMetadata metadata, IReadOnlyList<ColumnSpec> columns, ref CqlReader reader, IReadOnlyList<string> warnings) =>
        throw new InvalidDataException("PREPARE was answered by rows");

    protected override void OnDone(Connection connection, IReadOnlyList<string> warnings, bool isSchemaInAgreement) => throw new InvalidDataException("PREPARE was answered by no statement");

    protected override void OnFailed(DriverException error) => _result.TrySetException(error);
}
