using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>Executes a sequence of writes with a bounded number unanswered. No task, no memory for each: operations are used again, and sends are flushed together.</summary>
internal sealed class StatementPump(Session session, int inFlightMax)
{
    /// <summary>Sends between two flushes at most, so that the servers have work while more is encoded.</summary>
    private const int FlushEvery = 32;

    private readonly Lock _gate = new();
    private readonly Stack<PumpOperation> _free = new();
    private TaskCompletionSource? _waiting;
    private int _inFlight, _wakeAt;
    private long _done;
    private DriverException? _error;

    public async Task<long> RunAsync(IEnumerable<Statement> statements, CancellationToken cancel)
    {
        int unflushed = 0;
        try
        {
            foreach (var statement in statements)
            {
                if (Volatile.Read(ref _error) is not null || cancel.IsCancellationRequested) break;
                if (RoomFor(inFlightMax / 2) is { } room)
                {
                    session.Flush();
                    unflushed = 0;
                    await room;
                }
                Send(statement);
                if (++unflushed < FlushEvery) continue;
                session.Flush();
                unflushed = 0;
            }
        }
        finally // also where the sequence throws: what is in flight must not outlive the call
        {
            session.Flush();
            if (RoomFor(0, limit: 1) is { } last) await last;
        }
        if (_error is { } error) throw error;
        cancel.ThrowIfCancellationRequested();
        return _done;
    }

    private void Send(Statement statement)
    {
        PumpOperation? operation;
        lock (_gate)
        {
            _inFlight++;
            _free.TryPop(out operation);
        }
        operation ??= new(session, this);
        try { operation.Take(statement); }
        catch
        {
            OnEnd(operation, null, isDone: false);
            throw;
        }
        operation.Start();
    }

    // Null where fewer than the limit are unanswered; else a task that ends when so few are left that many can follow at once.
    private Task? RoomFor(int wakeAt, int? limit = null)
    {
        lock (_gate)
        {
            if (_inFlight < (limit ?? inFlightMax)) return null;
            _wakeAt = wakeAt;
            _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _waiting.Task;
        }
    }

    private void OnEnd(PumpOperation operation, DriverException? error, bool isDone)
    {
        TaskCompletionSource? waiting = null;
        lock (_gate)
        {
            _inFlight--;
            if (isDone) _done++;
            _error ??= error;
            _free.Push(operation);
            if (_waiting is not null && _inFlight <= _wakeAt) (waiting, _waiting) = (_waiting, null);
        }
        waiting?.TrySetResult();
    }

    private sealed class PumpOperation : Operation
    {
        private readonly StatementPump _pump;

        public PumpOperation(Session session, StatementPump pump) : base(session) => (_pump, IsCorked) = (pump, true);

        protected override void OnRows(Connection connection, RowsMetadata metadata, IReadOnlyList<ColumnSpec> columns, ref CqlReader reader, IReadOnlyList<string> warnings) => _pump.OnEnd(this, null, isDone: true);

        protected override void OnDone(Connection connection, IReadOnlyList<string> warnings, bool isSchemaInAgreement) => _pump.OnEnd(this, null, isDone: true);

        protected override void OnFailed(DriverException error) => _pump.OnEnd(this, error, isDone: false);
    }
}
