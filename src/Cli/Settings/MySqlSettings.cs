using System.ComponentModel;
using MySqlConnector;

namespace Etl.Cli.Settings;

/// <summary>The MySQL or MariaDB that results are published to.</summary>
public sealed record MySqlSettings
{
    [Description("An ADO.NET connection string without a database; empty: none, and nothing is published to it.")]
    public SecretPairs ConnectionString { get; init; } = SecretPairs.None;

    [Description("The user's password, where ConnectionString has none.")]
    public Secret Password { get; init; } = Secret.None;

    [Description("Database of the published tables; made when missing.")]
    public string Database { get; init; } = "KAFKA_DB";

    public bool IsSet => ConnectionString.IsSet;

    /// <summary>With the password, for the client alone.</summary>
    internal string Complete => Password.IsSet ? new MySqlConnectionStringBuilder(ConnectionString.Reveal()) { Password = Password.Reveal() }.ConnectionString : ConnectionString.Reveal();

    public IEnumerable<string> Faults()
    {
        if (Parse(out string? fault) is { } parts && Password.IsSet && parts.Password.Length > 0) yield return "mySql.password: found beside a password in mySql.connectionString, expected one of the two";
        if (fault is not null) yield return $"mySql.connectionString: {fault}, expected Server=…;User ID=…;Password=…, a value with ; in quotes";
        if (Password.IsSet && !IsSet) yield return "mySql.password: found without mySql.connectionString, expected both";
        if (Database.Length is 0 or > 64) yield return $"mySql.database: found \"{Database}\", expected 1 to 64 letters";
    }

    public IEnumerable<string> Warnings()
    {
        if (Parse(out _) is { SslMode: MySqlSslMode.None or MySqlSslMode.Preferred, ConnectionProtocol: MySqlConnectionProtocol.Tcp } parts
            && parts.Server.Split(',').FirstOrDefault(server => !Endpoint.IsLoopbackHost(server.Trim())) is { Length: > 0 } far && !far.StartsWith('/'))
            yield return $"mySql: what goes to {far} can be read on the way{(parts.SslMode == MySqlSslMode.Preferred ? " where the server offers no TLS, or somebody between says so" : "")}; set SslMode=VerifyFull, or Required, in Etl__MySql__ConnectionString where the network is not closed to others";
    }

    /// <returns>null where it is not set or cannot be read.</returns>
    private MySqlConnectionStringBuilder? Parse(out string? fault)
    {
        fault = null;
        if (!IsSet) return null;
        try { return new(ConnectionString.Reveal()); }
        catch (Exception error) when (error is ArgumentException or FormatException or OverflowException or InvalidOperationException)
        {
            // A password that is cut by a ; looks like the name of an option: it is not repeated.
            fault = ConnectionString.Reveal().Contains("pass", StringComparison.OrdinalIgnoreCase) || ConnectionString.Reveal().Contains("pwd", StringComparison.OrdinalIgnoreCase) ? "found one that MySqlConnector does not take" : error.Message.TrimEnd('.');
            return null;
        }
    }
}
