using MySqlConnector;

namespace Etl.Sinks.MySql;

/// <summary>Which server, which database, and how long to wait.</summary>
public sealed record MySqlSinkOptions
{
    /// <summary>As MySqlConnector reads it: <c>Server=…;Port=3306;User ID=…;Password=…</c>. Character set, time zone, SQL mode and pool are set by the sink.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Database of the tables, made if absent, e.g. <c>KAFKA_DB</c>. Default: the one in the connection string.</summary>
    public string? Database { get; init; }

    /// <summary>Connections at most, 1 to 100. Default 4.</summary>
    public int ConnectionsMax { get; init; } = 4;

    /// <summary>How long to wait for a connection, 1 s to 1 minute. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one statement may take, 1 s to 1 hour; widening a large table is one statement. Default 2 minutes.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a transaction may stand still before the server undoes it, 1 s to 20 s: a process that is frozen, or cut off, in the middle of a publish must not keep the window from others. Default 15 s, less than they wait for its lock.</summary>
    public TimeSpan TransactionIdleMax { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>All that is wrong with these options, without the password; empty when good.</summary>
    public IEnumerable<string> Faults()
    {
        // The reader's own message would quote parts of the text, perhaps of the password.
        if (Builder() is not { } builder) yield return "sinks.mysql.connectionString: cannot be read; expected Server=…;Port=3306;User ID=…;Password=… (quote a password with ; or =)";
        else if (string.IsNullOrWhiteSpace(builder.Server)) yield return "sinks.mysql.connectionString: found no Server=…";
        if (DatabaseName is not { Length: >= 1 and <= TableShape.NameMax } name || name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('_' or '-')))
            yield return $"sinks.mysql.database: found \"{DatabaseName}\", expected 1 to {TableShape.NameMax} letters, digits, _ and -";
        if (ConnectionsMax is < 1 or > 100) yield return $"sinks.mysql.connectionsMax: {ConnectionsMax} is outside 1 to 100";
        if (ConnectTimeout < TimeSpan.FromSeconds(1) || ConnectTimeout > TimeSpan.FromMinutes(1)) yield return $"sinks.mysql.connectTimeout: {ConnectTimeout} is outside 1 s to 1 minute";
        if (TransactionIdleMax < TimeSpan.FromSeconds(1) || TransactionIdleMax > TimeSpan.FromSeconds(MySqlServer.LockWaitSeconds)) yield return $"sinks.mysql.transactionIdleMax: {TransactionIdleMax} is outside 1 s to {MySqlServer.LockWaitSeconds} s";
        if (CommandTimeout < TimeSpan.FromSeconds(1) || CommandTimeout > TimeSpan.FromHours(1)) yield return $"sinks.mysql.commandTimeout: {CommandTimeout} is outside 1 s to 1 hour";
    }

    internal string? DatabaseName => Database ?? Builder()?.Database;

    /// <summary>Server, user and database for messages: everything but the password.</summary>
    internal string Place => Builder() is { } builder ? $"mysql {builder.UserID}@{builder.Server}:{builder.Port}/{DatabaseName}" : "mysql";

    internal MySqlConnectionStringBuilder Complete() => new(ConnectionString)
    {
        Database = DatabaseName,
        CharacterSet = "utf8mb4",
        DateTimeKind = MySqlDateTimeKind.Utc,
        GuidFormat = MySqlGuidFormat.Char36,
        TreatTinyAsBoolean = true,
        UseAffectedRows = true, // the guard tells "raised" from "unchanged" by it
        IgnorePrepare = false,
        AllowLoadLocalInfile = false,
        ApplicationName = "etl",
        MinimumPoolSize = 0,
        MaximumPoolSize = (uint)ConnectionsMax,
        ConnectionTimeout = (uint)ConnectTimeout.TotalSeconds,
        DefaultCommandTimeout = (uint)CommandTimeout.TotalSeconds,
    };

    private MySqlConnectionStringBuilder? Builder()
    {
        try { return new(ConnectionString); }
        catch (Exception error) when (error is ArgumentException or FormatException or OverflowException) { return null; }
    }
}
