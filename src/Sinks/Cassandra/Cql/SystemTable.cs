using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>Reads the servers' own small tables over one connection.</summary>
internal static class SystemTable
{
    private const int RowsMax = 100_000;

    /// <exception cref="DriverException">It was refused, or there was no answer.</exception>
    public static async Task<IReadOnlyList<Row>> ReadAsync(Connection connection, string cql, TimeSpan timeout)
    {
        var answer = await connection.AskAsync((writer, version) => CqlRequest.Query(writer, version, cql, new(ConsistencyLevel.One, PageSize: RowsMax)), timeout);
        if (answer.Header.Opcode == CqlOpcode.Error) throw ServerTrouble.Of(answer.Error(), connection.Host, cql);
        return RowsOf(answer, connection, cql);
    }

    private static IReadOnlyList<Row> RowsOf(Answer answer, Connection connection, string cql)
    {
        var reader = answer.Reader();
        if (answer.Header.Opcode != CqlOpcode.Result || (ResultKind)reader.Int() != ResultKind.Rows) throw new ProtocolErrorException($"found an answer {answer.Header.Opcode}, expected rows", connection.Host, cql);
        var metadata = RowsMetadata.Read(ref reader);
        int count = reader.Int();
        var page = new RowPage(reader.Take(reader.Left).ToArray(), count, metadata.Columns ?? []);
        return [.. Enumerable.Range(0, count).Select(row => new Row(page, row))];
    }
}
