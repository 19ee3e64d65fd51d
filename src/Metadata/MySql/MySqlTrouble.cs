using System.Net.Sockets;
using Etl.Metadata.Relational;
using MySqlConnector;

namespace Etl.Metadata.MySql;

/// <summary>What the server's errors mean, and how to mend them. No message holds the password.</summary>
internal static class MySqlTrouble
{
    private const int DatabaseDenied = 1044, AccessDenied = 1045, UnknownDatabase = 1049, TableDenied = 1142, NotAllowed = 1227, NoSuchTable = 1146;
    private const int DiskFull = 1021, TableFull = 1114, RecordChanged = 1020, LockWait = 1205, Deadlock = 1213;
    private const int TooManyConnections = 1040, UserConnections = 1203, UnableToConnect = 1042, ServerShutdown = 1053, QueryKilled = 1317, ConnectionKilled = 1927, ServerGone = 2006, ServerLost = 2013, Idle = 4031;
    private const int NoAnswer = (int)MySqlErrorCode.CommandTimeoutExpired;
    private const int ReadOnlyOption = 1290, ReadOnlyTransaction = 1792, ReadOnlyMode = 1836;

    /// <summary>The client throws some troubles of the connection as they are, not as its own.</summary>
    public static Trouble? Judge(Exception exception, string where, string database) => exception switch
    {
        MySqlException error => Judge(error, where, database),
        TimeoutException => Hangs(where),
        IOException or SocketException => new(TroubleKind.ConnectionLost, true, $"{where}: the connection was lost ({exception.Message}); is the server up?"),
        _ => null,
    };

    public static Trouble Judge(MySqlException exception, string where, string database) => exception.Number switch
    {
        Deadlock or RecordChanged => new(TroubleKind.Conflict, true, $"{where}: met a deadlock again and again; try later, or with fewer writers"),
        LockWait => new(TroubleKind.Conflict, true, $"{where}: another session holds a lock too long; end it, or try later"),
        AccessDenied => Final(false, $"{where}: the server refused the user or the password; correct them"),
        DatabaseDenied or TableDenied or NotAllowed => Final(false, $"{where}: the user may not use database {database}; expected the rights to create, alter, select, insert, update and delete: grant all on {database}.*"),
        UnknownDatabase or NoSuchTable => Final(false, $"{where}: database {database} or one of its tables is gone ({exception.Message}); restore it, or start again to make it anew"),
        DiskFull or TableFull => Final(false, $"{where}: the server's disk is full; free some space, nothing of the last change was kept"),
        ReadOnlyOption or ReadOnlyTransaction or ReadOnlyMode => Final(false, $"{where}: found the server read-only, expected the one that may be written to"),
        TooManyConnections or UserConnections => Final(true, $"{where}: the server has no connection left; raise max_connections, or allow fewer here"),
        NoAnswer => Hangs(where),
        UnableToConnect when exception.InnerException is MySqlException { Number: NoAnswer } => Hangs(where),
        UnableToConnect when exception.InnerException is null or SocketException or MySqlException => new(TroubleKind.ConnectionLost, true, $"{where}: cannot reach the server ({Inner(exception)}); start it, or correct host and port"),
        _ when IsLost(exception) => new(TroubleKind.ConnectionLost, true, $"{where}: the connection was lost ({Inner(exception)}); is the server up?"),
        _ => Final(exception.IsTransient, $"{where}: the server refused ({exception.Number}): {exception.Message}"),
    };

    private static Trouble Hangs(string where) => new(TroubleKind.ConnectionLost, true, $"{where}: the server did not answer in time; it hangs, or the network does: work goes on when it answers");

    private static bool IsLost(MySqlException exception) =>
        exception.Number is 0 or UnableToConnect or ServerShutdown or QueryKilled or ConnectionKilled or ServerGone or ServerLost or Idle || exception.InnerException is IOException or SocketException;

    private static string Inner(MySqlException exception) => (exception.InnerException ?? exception).Message;

    private static Trouble Final(bool isTransient, string message) => new(TroubleKind.Final, isTransient, message);
}
