using System.Net;
using System.Numerics;
using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>A statement by its text. Its values' types are guessed from .NET's (<c>int</c> is int, <c>long</c> bigint, <c>string</c> text, …): prepare what is run often.</summary>
public sealed class SimpleStatement : Statement
{
    private readonly byte[] _values;

    /// <exception cref="ArgumentException">A value's type cannot be guessed, or the text is USE: that would hold for one connection of several.</exception>
    public SimpleStatement(string cql, params object?[] values)
    {
        if (cql.AsSpan().TrimStart().StartsWith("use ", StringComparison.OrdinalIgnoreCase)) throw new ArgumentException($"found \"{cql}\"; write keyspace.table in each statement instead", nameof(cql));
        (Cql, ValueCount) = (cql, values.Length);
        using var writer = new CqlWriter();
        foreach (object? value in values)
        {
            if (value is null) writer.Int(-1);
            else if (value is Unset) writer.Int(-2);
            else ValueEncoder.Write(writer, Guess(value), value);
        }
        _values = writer.Written.ToArray();
    }

    public string Cql { get; }

    internal int ValueCount { get; }

    internal ReadOnlySpan<byte> Values => _values;

    internal override string Text => Cql;

    internal override ResultMetadata? Encode(CqlWriter writer, byte version, in QueryParameters parameters)
    {
        CqlRequest.Query(writer, version, Cql, parameters, _values, ValueCount);
        return null;
    }

    private static CqlType Guess(object value) => value switch
    {
        string => CqlType.Of(CqlTypeCode.Text),
        bool => CqlType.Of(CqlTypeCode.Boolean),
        sbyte => CqlType.Of(CqlTypeCode.Tinyint),
        short => CqlType.Of(CqlTypeCode.Smallint),
        int => CqlType.Of(CqlTypeCode.Int),
        long => CqlType.Of(CqlTypeCode.Bigint),
        float => CqlType.Of(CqlTypeCode.Float),
        double => CqlType.Of(CqlTypeCode.Double),
        decimal or CqlDecimal => CqlType.Of(CqlTypeCode.Decimal),
        BigInteger => CqlType.Of(CqlTypeCode.Varint),
        DateTimeOffset or DateTime => CqlType.Of(CqlTypeCode.Timestamp),
        DateOnly or LocalDate => CqlType.Of(CqlTypeCode.Date),
        TimeOnly or LocalTime => CqlType.Of(CqlTypeCode.Time),
        Duration => CqlType.Of(CqlTypeCode.Duration),
        Guid => CqlType.Of(CqlTypeCode.Uuid),
        IPAddress => CqlType.Of(CqlTypeCode.Inet),
        byte[] => CqlType.Of(CqlTypeCode.Blob),
        Array { Length: > 0 } array when array.GetValue(0) is { } first => CqlType.List(Guess(first)),
        _ => throw new ArgumentException($"no CQL type is known for {value.GetType().Name}; prepare the statement"),
    };
}
