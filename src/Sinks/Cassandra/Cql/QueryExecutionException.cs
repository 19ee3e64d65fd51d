using System.Net;
using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>The statement was good, and the cluster could not carry it out.</summary>
public class QueryExecutionException(string message, bool isTransient, IPEndPoint? host, string? statement) : DriverException(message, isTransient, host, statement);

/// <summary>Fewer replicas are alive than the consistency asks for; nothing was done.</summary>
public sealed class UnavailableException(ErrorMessage error, IPEndPoint? host, string? statement)
    : QueryExecutionException($"{error.Text}: {error.Consistency} needs {error.Required} replicas, {error.Received} are alive", true, host, statement)
{
    public ConsistencyLevel ConsistencyLevel => error.Consistency;

    public int RequiredReplicas => error.Required;

    public int AliveReplicas => error.Received;
}

/// <summary>Replicas did not answer in the server's time.</summary>
public abstract class QueryTimeoutException(string message, ErrorMessage error, IPEndPoint? host, string? statement) : QueryExecutionException(message, true, host, statement)
{
    public ConsistencyLevel ConsistencyLevel => error.Consistency;

    public int ReceivedAcknowledgements => error.Received;

    public int RequiredAcknowledgements => error.Required;

    private protected ErrorMessage Error => error;
}

public sealed class ReadTimeoutException(ErrorMessage error, IPEndPoint? host, string? statement)
    : QueryTimeoutException($"{error.Text}: {error.Received} of {error.Required} replicas answered the read at {error.Consistency}", error, host, statement)
{
    public bool WasDataRetrieved => Error.DataPresent;
}

/// <summary>The write may be there, or come later by a hint.</summary>
public sealed class WriteTimeoutException(ErrorMessage error, IPEndPoint? host, string? statement)
    : QueryTimeoutException($"{error.Text}: {error.Received} of {error.Required} replicas acknowledged the write ({error.WriteType}) at {error.Consistency}; it may be there or not", error, host, statement)
{
    /// <summary>SIMPLE, BATCH, UNLOGGED_BATCH, COUNTER, BATCH_LOG, CAS, VIEW, CDC.</summary>
    public string WriteType => Error.WriteType;
}

/// <summary>A replica failed to read: too many tombstones, a broken file.</summary>
public sealed class ReadFailureException(ErrorMessage error, IPEndPoint? host, string? statement)
    : QueryExecutionException($"{error.Text}: {error.Failures} replicas failed to read at {error.Consistency}{FailureReasons.Of(error)}; their logs say why", true, host, statement)
{
    public int Failures => error.Failures;
}

/// <summary>A replica failed to write. Others may have written.</summary>
public sealed class WriteFailureException(ErrorMessage error, IPEndPoint? host, string? statement)
    : QueryExecutionException($"{error.Text}: {error.Failures} replicas failed to write ({error.WriteType}) at {error.Consistency}{FailureReasons.Of(error)}; their logs say why", true, host, statement)
{
    public int Failures => error.Failures;

    public string WriteType => error.WriteType;
}

/// <summary>Whether a conditional write was carried out is unknown: read at SERIAL to find out.</summary>
public sealed class CasWriteUnknownException(ErrorMessage error, IPEndPoint? host, string? statement)
    : QueryExecutionException($"{error.Text}: whether the conditional write was applied is unknown; read the row at SERIAL", true, host, statement);

public sealed class OverloadedException(ErrorMessage error, IPEndPoint? host, string? statement) : QueryExecutionException($"the node is overloaded: {error.Text}", true, host, statement);

public sealed class IsBootstrappingException(ErrorMessage error, IPEndPoint? host, string? statement) : QueryExecutionException($"the node is starting: {error.Text}", true, host, statement);

public sealed class TruncateException(ErrorMessage error, IPEndPoint? host, string? statement) : QueryExecutionException(error.Text, true, host, statement);

public sealed class ServerErrorException(ErrorMessage error, IPEndPoint? host, string? statement) : QueryExecutionException($"the server failed: {error.Text}; its log says why", true, host, statement);

public sealed class FunctionFailedException(ErrorMessage error, IPEndPoint? host, string? statement)
    : QueryExecutionException($"the function {error.Keyspace}.{error.Name} failed: {error.Text}", false, host, statement);

internal static class FailureReasons
{
    public static string Of(ErrorMessage error) => error.Reasons.Count == 0 ? "" : $" ({string.Join(", ", error.Reasons.Select(pair => $"{pair.Key}: {Name(pair.Value)}"))})";

    private static string Name(int code) => code switch
    {
        0 => "unknown",
        1 => "read too many tombstones",
        2 => "timeout",
        3 => "incompatible schema",
        4 => "read size",
        5 => "node down",
        6 => "index not available",
        7 => "read too many indexes",
        _ => $"reason {code}",
    };
}
