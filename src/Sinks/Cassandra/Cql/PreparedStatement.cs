using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>Writes one statement's values, in the order of its variables.</summary>
public delegate void BindValues<in TState>(ValueWriter values, TState state);

/// <summary>Columns of a prepared statement's result, with the server's id for them (version 5).</summary>
internal sealed record ResultMetadata(byte[] Id, IReadOnlyList<ColumnSpec> Columns);

/// <summary>A statement that the servers know by an id. Made by <see cref="ISession.PrepareAsync"/>; it may be kept and shared.</summary>
public sealed class PreparedStatement
{
    private readonly int[] _routing;
    private volatile ResultMetadata _result;

    internal PreparedStatement(string cql, PreparedMessage message)
    {
        (Cql, Id, Variables) = (cql, message.Id, message.Variables);
        _routing = [.. message.RoutingIndexes];
        _result = new(message.ResultMetadataId, message.Columns);
        Alone = [this];
    }

    public string Cql { get; }

    /// <summary>What must be bound, in order.</summary>
    public IReadOnlyList<ColumnSpec> Variables { get; }

    /// <summary>Which variables make the partition key, in its order; empty where they do not make all of it.</summary>
    public IReadOnlyList<int> RoutingIndexes => _routing;

    /// <summary>The result's columns; empty where there is none. They change when the table does.</summary>
    public IReadOnlyList<ColumnSpec> Columns => _result.Columns;

    /// <summary>Whether it may be carried out twice with the outcome of once; holds for all that is bound.</summary>
    public bool? IsIdempotent { get; private set; }

    internal byte[] Id { get; }

    /// <summary>A list of itself.</summary>
    internal PreparedStatement[] Alone { get; }

    internal string Keyspace => Variables.Count > 0 ? Variables[0].Keyspace : "";

    internal ResultMetadata Result
    {
        get => _result;
        set => _result = value;
    }

    public PreparedStatement SetIdempotence(bool isIdempotent)
    {
        IsIdempotent = isIdempotent;
        return this;
    }

    /// <summary>Binds values in the order of <see cref="Variables"/>. null deletes the column's value, <see cref="Unset.Value"/> leaves it; missing ones at the end are unset.</summary>
    /// <exception cref="ArgumentException">A value does not go into its variable, or there are too many.</exception>
    public BoundStatement Bind(params object?[] values)
    {
        if (values.Length > Variables.Count) throw new ArgumentException($"found {values.Length} values for {Variables.Count} variables");
        return Bind((Statement: this, Values: values), static (writer, state) =>
        {
            for (int i = 0; i < state.Values.Length; i++)
            {
                var variable = state.Statement.Variables[i];
                try { writer.Object(variable.Type, state.Values[i]); }
                catch (ArgumentException fault) { throw new ArgumentException($"value {i + 1} ({variable.Name}): {fault.Message}", fault); }
            }
        });
    }

    /// <summary>Binds values that <paramref name="write"/> writes as bytes. Types are not compared: write by <see cref="Variables"/>.</summary>
    public BoundStatement Bind<TState>(TState state, BindValues<TState> write)
    {
        var scratch = ValueScratch.Take();
        try
        {
            scratch.Values.Begin();
            write(scratch.Values, state);
            scratch.Values.End(Variables.Count);
            return new(this, scratch.Bytes.Written.ToArray(), TokenOf(scratch.Values));
        }
        finally { scratch.GiveBack(); }
    }

    /// <summary>The token of the partition that written values name; null where they do not name one.</summary>
    internal long? TokenOf(ValueWriter values)
    {
        if (_routing.Length == 0) return null;
        foreach (int index in _routing)
            if (values.IsNullAt(index)) return null;
        if (_routing.Length == 1) return Murmur3Token.Of(values.At(_routing[0]));
        var scratch = ValueScratch.Take();
        try
        {
            RoutingKey.Write(scratch.Bytes, values, _routing);
            return Murmur3Token.Of(scratch.Bytes.Written);
        }
        finally { scratch.GiveBack(); }
    }
}

/// <summary>A statement with its values, which do not change.</summary>
public sealed class BoundStatement : Statement
{
    private readonly byte[] _values;
    private readonly long? _token;

    internal BoundStatement(PreparedStatement prepared, byte[] values, long? token) => (PreparedStatement, _values, _token) = (prepared, values, token);

    public PreparedStatement PreparedStatement { get; }

    internal ReadOnlySpan<byte> Values => _values;

    internal long? Token => _token;

    internal override string Text => PreparedStatement.Cql;

    internal override (string Keyspace, long Token)? Routing => _token is { } token ? (PreparedStatement.Keyspace, token) : null;

    internal override bool? IsIdempotentByDefault => IsIdempotent ?? PreparedStatement.IsIdempotent;

    internal override bool MayHaveRows => PreparedStatement.Result.Columns.Count > 0;

    internal override PreparedStatement[] Prepared => PreparedStatement.Alone;

    // Version 4 cannot say that the columns have changed, so there the server sends them each time.
    internal override ResultMetadata? Encode(CqlWriter writer, byte version, in QueryParameters parameters)
    {
        var result = PreparedStatement.Result;
        var known = version >= 5 && result.Columns.Count > 0 ? result : null;
        CqlRequest.Execute(writer, version, PreparedStatement.Id, result.Id, parameters with { SkipMetadata = known is not null }, _values, PreparedStatement.Variables.Count);
        return known;
    }
}

/// <summary>Memory to write values into, one a thread and more where calls are inside each other.</summary>
internal sealed class ValueScratch
{
    [ThreadStatic] private static ValueScratch? t_free;

    private ValueScratch? _next;

    private ValueScratch() => Values = new(Bytes);

    public CqlWriter Bytes { get; } = new(1024);

    public ValueWriter Values { get; }

    public static ValueScratch Take()
    {
        var scratch = t_free ?? new();
        (t_free, scratch._next) = (scratch._next, null);
        scratch.Bytes.Clear();
        return scratch;
    }

    public void GiveBack() => (_next, t_free) = (t_free, this);
}
