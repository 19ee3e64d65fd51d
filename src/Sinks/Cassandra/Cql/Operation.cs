using System.Net;
using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>
/// One statement on its way: encoded once, sent, and sent again where the rules allow. It runs on whatever thread brings the next answer and waits nowhere,
/// so that thousands cost no more than their bytes.
/// </summary>
internal abstract class Operation(Session session) : PendingRequest
{
    private QueryPlan _plan;
    private Host? _only;
    private PreparedStatement[] _prepared = [];
    private ResultMetadata? _known;
    private Dictionary<IPEndPoint, Exception>? _errors;
    private DriverException? _lastRefusal;
    private TimeSpan _timeout;
    private bool _isIdempotent;
    private int _retries, _preparations;

    public override ReadOnlySpan<byte> Message => Writer.Written;

    protected Session Session => session;

    protected CqlWriter Writer { get; } = new(512);

    protected string Text { get; private set; } = "";

    /// <summary>Leaves the first send unflushed: the caller flushes.</summary>
    protected bool IsCorked { get; set; }

    private (string Keyspace, long Token)? Routing { get; set; }

    /// <summary>Takes the statement's bytes; it may change afterwards.</summary>
    public void Take(Statement statement, byte[]? pagingState = null)
    {
        var options = session.Cluster.Query;
        Text = statement.Text;
        (Routing, _only) = (statement.Routing, statement.Host);
        _isIdempotent = statement.IsIdempotentByDefault ?? options.Idempotent;
        _timeout = statement.RequestTimeout ?? session.Cluster.Socket.RequestTimeout;
        (_retries, _preparations, _errors, _lastRefusal) = (0, 0, null, null);
        var serial = statement.SerialConsistencyLevel ?? (options.SerialConsistency == ConsistencyLevel.Serial ? null : options.SerialConsistency);
        long? timestamp = statement.Timestamp ?? (options.ClientTimestamps ? session.Cluster.NextTimestamp() : null);
        var parameters = new QueryParameters(statement.ConsistencyLevel ?? options.Consistency, serial, timestamp,
            statement.MayHaveRows ? statement.PageSize ?? options.PageSize : 0, pagingState ?? statement.PagingState);
        Writer.Clear();
        _known = statement.Encode(Writer, session.Cluster.VersionByte, parameters);
        _prepared = statement.Prepared;
    }

    /// <summary>Takes a request of the protocol that is not a statement.</summary>
    protected void Take(string text)
    {
        Text = text;
        _isIdempotent = true;
        _timeout = session.Cluster.Socket.RequestTimeout;
    }

    /// <summary>Sends what was taken.</summary>
    public void Start()
    {
        SetDeadline(_timeout);
        _plan = session.PlanFor(Routing, _only);
        SendNext(flush: !IsCorked);
    }

    /// <summary>Tries all nodes anew, for a request that waited for room.</summary>
    /// <returns>false where there is none still.</returns>
    public bool TryLater()
    {
        _plan = session.PlanFor(Routing, _only);
        while (_plan.Next() is { } pool)
        {
            var outcome = pool.TrySend(this, flush: true);
            if (outcome == SendOutcome.Sent) return true;
            if (outcome == SendOutcome.Down) AddError(pool.Address, pool.LastError);
        }
        return false;
    }

    /// <summary>Ends a request that waited for room in vain.</summary>
    public void GiveUp() => Finish(new OperationTimedOutException($"no connection had room for it within {_timeout.TotalSeconds:0.###} s", null, Text));

    public sealed override void OnAnswer(Connection connection, in Envelope header, ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new CqlReader(body);
            var prefix = ResponsePrefix.Read(ref reader, header.Flags);
            if (prefix.Warnings.Count > 0) session.Cluster.LogWarnings(connection.Host, prefix.Warnings, Text);
            switch (header.Opcode)
            {
                case CqlOpcode.Result: OnResult(connection, ref reader, prefix); break;
                case CqlOpcode.Error: OnRefused(connection, ErrorMessage.Read(ref reader, (byte)(header.Version & 0x7F))); break;
                default: Finish(new ProtocolErrorException($"found an answer {header.Opcode}, expected RESULT or ERROR", connection.Host, Text)); break;
            }
        }
        catch (Exception error) // nothing that one answer holds may end the connection of all
        {
            Finish(error as DriverException ?? new ProtocolErrorException($"the answer cannot be read: {error.Message}", connection.Host, Text));
        }
    }

    public sealed override void OnFailure(Connection connection, DriverException error)
    {
        if (error is OperationTimedOutException) Finish(new OperationTimedOutException($"no answer within {_timeout.TotalSeconds:0.###} s; what was asked may be done still", connection.Host, Text));
        else if (_isIdempotent) Elsewhere(connection.Host, error);
        else Finish(new ConnectionLostException("the connection was lost before the answer: whether it was done is not known (it is not marked idempotent, so it was not sent again)", connection.Host, Text, error));
    }

    /// <summary>A preparation ended without the statement having been carried out: safe to ask elsewhere.</summary>
    internal void OnPreparationLost(Connection connection, DriverException error) => Elsewhere(connection.Host, error);

    internal void OnPreparationRefused(DriverException error) => Finish(error);

    internal void OnPreparationChanged(Connection connection, PreparedStatement statement)
    {
        session.Forget(statement);
        Finish(new PreparedQueryNotFoundException("prepared again, the statement has another id or variables of other types: the table is another one; prepare and bind it anew", connection.Host, statement.Cql));
    }

    /// <summary>The node knows the statement again.</summary>
    internal void OnPrepared(Connection connection) => SendTo(connection);

    protected virtual void OnPreparedResult(Connection connection, ref CqlReader reader) => Finish(new ProtocolErrorException("found an answer to PREPARE", connection.Host, Text));

    /// <summary>Takes a page of rows.</summary>
    protected abstract void OnRows(Connection connection, RowsMetadata metadata, IReadOnlyList<ColumnSpec> columns, ref CqlReader reader, IReadOnlyList<string> warnings);

    /// <summary>It is done, and there are no rows.</summary>
    protected abstract void OnDone(Connection connection, IReadOnlyList<string> warnings, bool isSchemaInAgreement);

    /// <summary>It failed, for good. Called once.</summary>
    protected abstract void OnFailed(DriverException error);

    private void OnResult(Connection connection, ref CqlReader reader, in ResponsePrefix prefix)
    {
        switch ((ResultKind)reader.Int())
        {
            case ResultKind.Rows:
                var metadata = RowsMetadata.Read(ref reader);
                var columns = metadata.Columns ?? _known?.Columns ?? throw new InvalidDataException("rows came without columns, though they were not known");
                if (metadata.NewMetadataId is { } id && _prepared is [var statement]) statement.Result = new(id, columns);
                if (columns.Count != metadata.ColumnCount) throw new InvalidDataException($"found {metadata.ColumnCount} columns, expected {columns.Count}");
                OnRows(connection, metadata, columns, ref reader, prefix.Warnings);
                break;
            case ResultKind.Prepared: OnPreparedResult(connection, ref reader); break;
            case ResultKind.SchemaChange: _ = AgreeAsync(connection, prefix.Warnings); break;
            default: OnDone(connection, prefix.Warnings, true); break;
        }
    }

    // The table must not be used before all nodes know it.
    private async Task AgreeAsync(Connection connection, IReadOnlyList<string> warnings)
    {
        bool agreed;
        try { agreed = await SchemaAgreement.WaitAsync(session.Cluster, session.Pools, connection); }
        catch (DriverException) { agreed = false; } // the change itself was made
        OnDone(connection, warnings, agreed);
    }

    private void OnRefused(Connection connection, ErrorMessage error)
    {
        if (error.Code == CqlErrorCode.Unprepared)
        {
            PrepareAgain(connection, error);
            return;
        }
        var refusal = ServerTrouble.Of(error, connection.Host, Text);
        switch (RetryRules.Decide(error, _isIdempotent, _retries))
        {
            case RetryDecision.SameNode:
                _retries++;
                SetDeadline(_timeout);
                SendTo(connection);
                break;
            case RetryDecision.NextNode:
                _lastRefusal = refusal;
                Elsewhere(connection.Host, refusal);
                break;
            default: Finish(refusal); break;
        }
    }

    // Normal life: the node was restarted, or the table was altered. It names one statement at a time.
    private void PrepareAgain(Connection connection, ErrorMessage error)
    {
        var unknown = Array.Find(_prepared, statement => statement.Id.AsSpan().SequenceEqual(error.StatementId));
        if (unknown is null || ++_preparations > _prepared.Length + RetryRules.RetriesMax)
        {
            Finish(ServerTrouble.Of(error, connection.Host, Text));
            return;
        }
        var preparation = new Preparation(this, unknown, connection.Version) { Deadline = session.Cluster.Time.GetTimestamp() + session.Cluster.Settings.Ticks(_timeout) };
        if (!connection.TrySend(preparation)) SendNext();
    }

    private void Elsewhere(IPEndPoint host, DriverException error)
    {
        AddError(host, error);
        if (++_retries > RetryRules.RetriesMax)
        {
            Finish(error);
            return;
        }
        SetDeadline(_timeout);
        SendNext();
    }

    private void SendTo(Connection connection)
    {
        if (!connection.TrySend(this)) SendNext();
    }

    private void SendNext(bool flush = true)
    {
        bool isBusy = false;
        while (_plan.Next() is { } pool)
        {
            switch (pool.TrySend(this, flush))
            {
                case SendOutcome.Sent: return;
                case SendOutcome.Busy: isBusy = true; break;
                default: AddError(pool.Address, pool.LastError); break;
            }
        }
        if (isBusy) session.Enqueue(this);
        else Finish(_lastRefusal ?? NoHost());
    }

    /// <summary>No room and no place to wait.</summary>
    public void Refuse(int queued) => Finish(new BusyPoolException($"{queued} requests wait for a connection already; ask for less at once", Text));

    private NoHostAvailableException NoHost()
    {
        var errors = _errors ?? [];
        string reasons = errors.Count == 0 ? "no node of the local data centre is known" : string.Join("; ", errors.Values.Select(error => error.Message).Distinct());
        return new($"no node took the request: {reasons}", errors, Text);
    }

    private void AddError(IPEndPoint host, Exception? error) =>
        (_errors ??= [])[host] = error ?? new ConnectionLostException("there is no connection yet", host);

    private void SetDeadline(TimeSpan timeout) => Deadline = session.Cluster.Time.GetTimestamp() + session.Cluster.Settings.Ticks(timeout);

    private void Finish(DriverException error) => OnFailed(error);

    /// <summary>Asks one node to know a statement again, for the operation that it refused.</summary>
    private sealed class Preparation : PendingRequest
    {
        private readonly Operation _operation;
        private readonly PreparedStatement _statement;
        private readonly CqlWriter _writer = new();

        public Preparation(Operation operation, PreparedStatement statement, byte version)
        {
            (_operation, _statement) = (operation, statement);
            CqlRequest.Prepare(_writer, version, statement.Cql);
        }

        public override ReadOnlySpan<byte> Message => _writer.Written;

        public override void OnAnswer(Connection connection, in Envelope header, ReadOnlySpan<byte> body)
        {
            var reader = new CqlReader(body);
            ResponsePrefix.Read(ref reader, header.Flags);
            if (header.Opcode == CqlOpcode.Error)
            {
                _operation.OnPreparationRefused(ServerTrouble.Of(ErrorMessage.Read(ref reader, (byte)(header.Version & 0x7F)), connection.Host, _statement.Cql));
                return;
            }
            reader.Int();
            var message = PreparedMessage.Read(ref reader, connection.Version);
            // The values are bound already: bytes of other types would be stored as garbage.
            if (reader.Failed || !message.Id.AsSpan().SequenceEqual(_statement.Id) || !message.Variables.SequenceEqual(_statement.Variables))
                _operation.OnPreparationChanged(connection, _statement);
            else _operation.OnPrepared(connection);
        }

        public override void OnFailure(Connection connection, DriverException error) => _operation.OnPreparationLost(connection, error);
    }
}
