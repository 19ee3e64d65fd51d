using System.Net;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>Whatever goes wrong between us and Cassandra.</summary>
public class DriverException(string message, bool isTransient, IPEndPoint? host = null, string? statement = null, Exception? inner = null)
    : Exception(TroubleText.Of(message, host, statement), inner)
{
    /// <summary>Whether the same call may succeed later without anybody's help.</summary>
    public bool IsTransient => isTransient;

    /// <summary>The node that it happened at, if it was one.</summary>
    public IPEndPoint? Host => host;

    /// <summary>The statement's text; of a batch the first one's.</summary>
    public string? StatementText => statement;
}

/// <summary>No node that may be asked took the request: each one's reason stands in <see cref="Errors"/>.</summary>
public sealed class NoHostAvailableException(string message, IReadOnlyDictionary<IPEndPoint, Exception> errors, string? statement = null)
    : DriverException(message, errors.Count == 0 || errors.Values.Any(error => error is not DriverException { IsTransient: false }), null, statement, errors.Values.FirstOrDefault())
{
    public IReadOnlyDictionary<IPEndPoint, Exception> Errors => errors;
}

/// <summary>No answer came in the client's time. What was asked for may be done still.</summary>
public sealed class OperationTimedOutException(string message, IPEndPoint? host, string? statement) : DriverException(message, true, host, statement);

/// <summary>Too many requests wait already; this one was not sent.</summary>
public sealed class BusyPoolException(string message, string? statement) : DriverException(message, true, null, statement);

/// <summary>A connection could not be made, or ended with requests on it: whether those were carried out is not known.</summary>
public sealed class ConnectionLostException(string message, IPEndPoint? host, string? statement = null, Exception? inner = null) : DriverException(message, true, host, statement, inner);

/// <summary>The server did not take user and password, or wants some.</summary>
public sealed class AuthenticationException(string message, IPEndPoint? host) : DriverException(message, false, host);

/// <summary>TLS was refused by one of the two: certificate, host name, client certificate.</summary>
public sealed class TlsException(string message, IPEndPoint? host, Exception? inner) : DriverException(message, false, host, null, inner);

/// <summary>The server does not speak the version that was tried.</summary>
public sealed class UnsupportedProtocolVersionException(string message, IPEndPoint? host) : DriverException(message, false, host);

/// <summary>One of the two broke the protocol.</summary>
public sealed class ProtocolErrorException(string message, IPEndPoint? host, string? statement = null) : DriverException(message, false, host, statement);

/// <summary>A node does not know a prepared statement, and preparing it again did not help.</summary>
public sealed class PreparedQueryNotFoundException(string message, IPEndPoint? host, string? statement) : DriverException(message, false, host, statement);

/// <summary>One sentence for people: who said what about which statement.</summary>
internal static class TroubleText
{
    private const int StatementMax = 200;

    public static string Of(string message, IPEndPoint? host, string? statement) =>
        (host is null ? "Cassandra: " : $"Cassandra at {host}: ") + message + (statement is null ? "" : $" [{Shortened(statement)}]");

    private static string Shortened(string statement) => statement.Length <= StatementMax ? statement : statement[..StatementMax] + "…";
}
