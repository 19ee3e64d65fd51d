using System.Net;
using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>The server did not take the statement; it never will as it is.</summary>
public class QueryValidationException(string message, IPEndPoint? host, string? statement) : DriverException(message, false, host, statement);

public sealed class SyntaxErrorException(ErrorMessage error, IPEndPoint? host, string? statement) : QueryValidationException($"syntax error: {error.Text}", host, statement);

public sealed class UnauthorizedException(ErrorMessage error, IPEndPoint? host, string? statement) : QueryValidationException($"not allowed: {error.Text}", host, statement);

public sealed class InvalidQueryException(ErrorMessage error, IPEndPoint? host, string? statement) : QueryValidationException(error.Text, host, statement);

public sealed class InvalidConfigurationInQueryException(ErrorMessage error, IPEndPoint? host, string? statement) : QueryValidationException(error.Text, host, statement);

public sealed class AlreadyExistsException(ErrorMessage error, IPEndPoint? host, string? statement)
    : QueryValidationException($"{(error.Name.Length == 0 ? $"the keyspace {error.Keyspace}" : $"the table {error.Keyspace}.{error.Name}")} exists already", host, statement)
{
    public string Keyspace => error.Keyspace;

    public string Table => error.Name;
}

/// <summary>Turns the server's words into exceptions.</summary>
internal static class ServerTrouble
{
    public static DriverException Of(ErrorMessage error, IPEndPoint? host, string? statement) => error.Code switch
    {
        CqlErrorCode.Unavailable => new UnavailableException(error, host, statement),
        CqlErrorCode.Overloaded => new OverloadedException(error, host, statement),
        CqlErrorCode.Bootstrapping => new IsBootstrappingException(error, host, statement),
        CqlErrorCode.Truncate => new TruncateException(error, host, statement),
        CqlErrorCode.WriteTimeout => new WriteTimeoutException(error, host, statement),
        CqlErrorCode.ReadTimeout => new ReadTimeoutException(error, host, statement),
        CqlErrorCode.ReadFailure => new ReadFailureException(error, host, statement),
        CqlErrorCode.WriteFailure => new WriteFailureException(error, host, statement),
        CqlErrorCode.FunctionFailure => new FunctionFailedException(error, host, statement),
        CqlErrorCode.CasWriteUnknown => new CasWriteUnknownException(error, host, statement),
        CqlErrorCode.CdcWriteFailure => new QueryExecutionException($"change capture failed: {error.Text}", true, host, statement),
        CqlErrorCode.Server => new ServerErrorException(error, host, statement),
        CqlErrorCode.Syntax => new SyntaxErrorException(error, host, statement),
        CqlErrorCode.Unauthorized => new UnauthorizedException(error, host, statement),
        CqlErrorCode.Invalid => new InvalidQueryException(error, host, statement),
        CqlErrorCode.Configuration => new InvalidConfigurationInQueryException(error, host, statement),
        CqlErrorCode.AlreadyExists => new AlreadyExistsException(error, host, statement),
        CqlErrorCode.Unprepared => new PreparedQueryNotFoundException(error.Text, host, statement),
        CqlErrorCode.BadCredentials => new AuthenticationException($"{error.Text}; check user and password", host),
        CqlErrorCode.Protocol => new ProtocolErrorException(error.Text, host, statement),
        _ => new QueryExecutionException($"{error.Text} (code 0x{(int)error.Code:X4})", false, host, statement),
    };
}
