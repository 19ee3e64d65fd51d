using System.Data;
using System.Net.Sockets;
using Etl.Contracts;
using MySqlConnector;

namespace Etl.Sinks.MySql;

/// <summary>Says what a server's error means for whoever has to mend it, and which of them to answer by running the transaction again.</summary>
internal static class MySqlTrouble
{
    private const int ConnectionKilled = 1927, AllConnectionsInUse = 1203, ReadOnlyMode = 1290, ReadOnlyServer = 1836, DiskFull = 1021, WriteFailed = 3, TableFull = 1114;

    /// <summary>Whether it is trouble with the server or the way to it, and no bug of ours. The client throws some of the connection's as they are: a reset while it says hello is a SocketException.</summary>
    public static bool IsServers(Exception error) => error is MySqlException or IOException or SocketException or TimeoutException or InvalidOperationException { Source: "MySqlConnector" };

    /// <summary>Whether the transaction is undone by no fault of its own, so that it may run again at once.</summary>
    public static bool IsLost(Exception error, MySqlConnection? connection) =>
        error is MySqlException { ErrorCode: MySqlErrorCode.LockDeadlock or MySqlErrorCode.LockWaitTimeout } || IsBroken(error, connection);

    public static StoreException Of(Exception error, MySqlConnection? connection, string place, string doing)
    {
        string at = $"{place}: {doing}: ";
        if (error is not MySqlException { Number: var number, ErrorCode: var code } mysql)
            return new(at + $"the connection failed ({error.Message}); is the server up and reachable?", true, error);
        return (number, code) switch
        {
            (_, MySqlErrorCode.AccessDenied) => new(at + "the server refused the user or the password; check User ID and Password of the connection string", false, error),
            (_, MySqlErrorCode.DatabaseAccessDenied or MySqlErrorCode.TableAccessDenied or MySqlErrorCode.ColumnAccessDenied) =>
                new(at + $"the user lacks a privilege ({mysql.Message}); grant SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER on the database", false, error),
            (_, MySqlErrorCode.UnableToConnectToHost) when mysql.Message.Contains("pooled", StringComparison.OrdinalIgnoreCase) =>
                new(at + "all connections of the pool are in use; raise sinks.mysql.connectionsMax if this lasts", true, error),
            (_, MySqlErrorCode.UnableToConnectToHost) => new(at + "no answer there; is the server up, are server and port right?", true, error),
            (_, MySqlErrorCode.TooManyUserConnections or MySqlErrorCode.ConnectionCountError) or (AllConnectionsInUse, _) => new(at + $"the server takes no more connections ({mysql.Message})", true, error),
            (_, MySqlErrorCode.LockDeadlock or MySqlErrorCode.LockWaitTimeout) => new(at + $"another transaction holds the rows ({mysql.Message}); it is tried again", true, error),
            (_, MySqlErrorCode.CommandTimeoutExpired) => new(at + "a statement took longer than sinks.mysql.commandTimeout; raise it if the server is healthy", true, error),
            (ReadOnlyMode or ReadOnlyServer, _) => new(at + $"the server is read-only ({mysql.Message}); name the writable one", false, error),
            (DiskFull or WriteFailed or TableFull, _) => new(at + $"the server's disk is full ({mysql.Message}); make room there, then run again", false, error),
            (_, MySqlErrorCode.NoSuchTable) => new(at + $"{mysql.Message}; it was dropped after it was prepared; publish again", true, error),
            _ when IsBroken(error, connection) => new(at + "the connection was lost; nothing half was written; it is tried again", true, error),
            _ => new(at + mysql.Message, mysql.IsTransient, error),
        };
    }

    // A connection that was killed says so in several ways; what they share is that it is no longer open.
    private static bool IsBroken(Exception error, MySqlConnection? connection) =>
        error is MySqlException { Number: ConnectionKilled } || connection is { State: not ConnectionState.Open } && error is not MySqlException { ErrorCode: MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.AccessDenied };
}
