namespace Etl.Sinks.Cassandra.Cql;

/// <summary>Executes statements on a cluster. One for the whole program is enough; any number of callers may use it at once.</summary>
public interface ISession : IAsyncDisposable
{
    Cluster Cluster { get; }

    /// <summary>Executes a statement. Its bytes are taken before this returns, so that a batch may be cleared and filled again at once.</summary>
    /// <exception cref="DriverException">What the server or the way there did not allow.</exception>
    Task<RowSet> ExecuteAsync(Statement statement, CancellationToken cancel = default);

    /// <summary>Prepares a statement; remembered by its text, so that callers with the same one share the request.</summary>
    Task<PreparedStatement> PrepareAsync(string cql, CancellationToken cancel = default);

    /// <summary>
    /// Executes many writes, at most <paramref name="inFlightMax"/> unanswered. The sequence may give the same batch again and again, filled anew. After the first failure no more is
    /// taken from it; what is in flight is waited for, then the failure is thrown.
    /// </summary>
    /// <returns>How many were carried out. Rows that come back are dropped.</returns>
    Task<long> ExecuteAllAsync(IEnumerable<Statement> statements, int inFlightMax = 512, CancellationToken cancel = default);
}
