using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>
/// Several writes in one request. Unlogged and with one partition it is one atomic, cheap write; the server warns at 5 KiB and refuses at 50 KiB only where there are
/// more. Its bytes are written as statements are added, and it may be cleared and filled again once <see cref="ISession.ExecuteAsync"/> has returned its task.
/// </summary>
public sealed class BatchStatement(BatchType type = BatchType.Unlogged) : Statement
{
    /// <summary>Statements in one batch, at most.</summary>
    public const int StatementsMax = 65_535;

    private readonly CqlWriter _statements = new(4096);
    private readonly List<PreparedStatement> _prepared = [];
    private ValueWriter? _writer;
    private string? _firstText;
    private bool _areIdempotent = true;
    private (string, long)? _routing;

    public BatchType BatchType => type;

    public int Count { get; private set; }

    /// <summary>Bytes of the statements with their values.</summary>
    public int Bytes => _statements.Length;

    internal override string Text => _firstText ?? "an empty batch";

    internal override (string Keyspace, long Token)? Routing => _routing;

    internal override bool? IsIdempotentByDefault => IsIdempotent ?? (Count > 0 && _areIdempotent ? true : null);

    internal override bool MayHaveRows => false;

    internal override PreparedStatement[] Prepared => _prepared.Count == 1 ? _prepared[0].Alone : [.. _prepared];

    public BatchStatement Add(BoundStatement statement)
    {
        var prepared = statement.PreparedStatement;
        BeforeAdd(prepared.Cql);
        CqlRequest.BeginPrepared(_statements, prepared.Id, prepared.Variables.Count);
        _statements.Raw(statement.Values);
        AfterAdd(prepared, statement.IsIdempotentByDefault, statement.Token);
        return this;
    }

    public BatchStatement Add(SimpleStatement statement)
    {
        BeforeAdd(statement.Cql);
        CqlRequest.BeginQuery(_statements, statement.Cql, statement.ValueCount);
        _statements.Raw(statement.Values);
        AfterAdd(null, statement.IsIdempotent, null);
        return this;
    }

    /// <summary>Adds a statement whose values <paramref name="write"/> writes straight into the batch.</summary>
    public BatchStatement Add<TState>(PreparedStatement prepared, TState state, BindValues<TState> write)
    {
        BeforeAdd(prepared.Cql);
        int start = _statements.Length;
        try
        {
            var values = _writer ??= new(_statements);
            CqlRequest.BeginPrepared(_statements, prepared.Id, prepared.Variables.Count);
            values.Begin();
            write(values, state);
            values.End(prepared.Variables.Count);
            AfterAdd(prepared, prepared.IsIdempotent, _routing is null ? prepared.TokenOf(values) : null);
        }
        catch
        {
            _statements.Cut(start);
            throw;
        }
        return this;
    }

    /// <summary>Takes all statements out; the settings stay.</summary>
    public void Clear()
    {
        _statements.Clear();
        _prepared.Clear();
        (Count, _firstText, _areIdempotent, _routing) = (0, null, true, null);
    }

    internal override ResultMetadata? Encode(CqlWriter writer, byte version, in QueryParameters parameters)
    {
        CqlRequest.Batch(writer, version, type, _statements.Written, Count, parameters);
        return null;
    }

    private void BeforeAdd(string cql)
    {
        if (Count == StatementsMax) throw new InvalidOperationException($"a batch takes {StatementsMax} statements; execute it and begin another");
        _firstText ??= cql;
    }

    private void AfterAdd(PreparedStatement? prepared, bool? isIdempotent, long? token)
    {
        if (prepared is not null && !_prepared.Contains(prepared)) _prepared.Add(prepared);
        if (token is { } known) _routing ??= (prepared!.Keyspace, known);
        _areIdempotent &= isIdempotent == true;
        Count++;
    }
}
