using System.Globalization;
using System.Text.RegularExpressions;
using Etl.Contracts;
using Etl.Metadata.Relational;
using MySqlConnector;

namespace Etl.Metadata.MySql;

/// <summary>Which server it is, and how a session on it is set up; the sessions' settings do not depend on the server's own.</summary>
internal sealed partial class MySqlServer
{
    private const string MySqlCollation = "utf8mb4_0900_bin", MariaCollation = "utf8mb4_nopad_bin";

    private readonly string _connectionString;

    private MySqlServer(MySqlConnectionStringBuilder builder, string database, MetadataOptions options, string version)
    {
        (Database, Options, Address) = (database, options, AddressOf(builder));
        IsMariaDb = version.Contains("MariaDB", StringComparison.OrdinalIgnoreCase);
        Version = VersionOf(version);
        builder.Database = database;
        _connectionString = builder.ToString();
    }

    public string Database { get; }

    public MetadataOptions Options { get; }

    /// <summary>Host, port and user: what may be said in messages.</summary>
    public string Address { get; }

    public bool IsMariaDb { get; }

    public Version Version { get; }

    /// <summary>Binary, and "a" is not "a ".</summary>
    public string Collation => IsMariaDb ? MariaCollation : MySqlCollation;

    /// <summary>Finds out about the server and creates the database where it is absent.</summary>
    public static async Task<MySqlServer> OpenAsync(string connectionString, string database, MetadataOptions options, CancellationToken cancel)
    {
        var builder = Parse(connectionString);
        builder.Database = "";
        builder.Pooling = false; // sessions are kept here, with their settings and prepared statements
        builder.UseAffectedRows = false; // an update counts the rows it found
        builder.AllowUserVariables = false;
        builder.ConnectionTimeout = (uint)Math.Clamp(options.Patience.TotalSeconds, 1, 15);
        builder.DefaultCommandTimeout = (uint)Math.Max(5, options.Patience.TotalSeconds * 2);
        try
        {
            await using var connection = new MySqlConnection(builder.ToString());
            await connection.OpenAsync(cancel);
            var server = new MySqlServer(builder, database, options, connection.ServerVersion);
            server.RefuseOld(connection.ServerVersion);
            await using var exists = new MySqlCommand("select count(*) from information_schema.schemata where schema_name = @p0", connection);
            exists.Parameters.AddWithValue("@p0", database);
            if (Convert.ToInt64(await exists.ExecuteScalarAsync(cancel), CultureInfo.InvariantCulture) > 0) return server;
            await using var create = new MySqlCommand($"create database if not exists `{database}` character set utf8mb4 collate {server.Collation}", connection);
            await create.ExecuteNonQueryAsync(cancel);
            return server;
        }
        catch (MySqlException exception)
        {
            var trouble = MySqlTrouble.Judge(exception, $"metadata {AddressOf(builder)}", database);
            throw new StoreException(trouble.Message, trouble.IsTransient, exception);
        }
    }

    public async Task<Session> ConnectAsync(CancellationToken cancel)
    {
        var session = new Session(new MySqlConnection(_connectionString), manyInOneRoundTrip: true, valuesMax: 2_000);
        try
        {
            await session.Connection.OpenAsync(cancel);
            var lockWait = (int)Math.Clamp(Options.Patience.TotalSeconds / 6, 1, 60);
            // Whoever is frozen, or cut off, in the middle of a transaction must not keep its locks: MariaDB ends such a session; MySQL has no such setting.
            string idle = IsMariaDb ? string.Create(CultureInfo.InvariantCulture, $", idle_transaction_timeout = {(int)Math.Max(2, Options.Patience.TotalSeconds)}") : "";
            await session.ExecuteTextAsync(
                $"set names utf8mb4 collate {Collation}; set session time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = {lockWait}{idle}; set session transaction isolation level read committed",
                cancel);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tables do not inherit the database's collation, which somebody else may have chosen.</summary>
    public string WithCollation(string statement) =>
        statement.StartsWith("create table", StringComparison.Ordinal) ? $"{statement} engine = InnoDB character set utf8mb4 collate {Collation}" : statement;

    public override string ToString() => $"metadata {Address}/{Database}";

    private void RefuseOld(string version)
    {
        var least = IsMariaDb ? new Version(10, 6) : new Version(8, 0, 17); // SKIP LOCKED and the binary collations
        if (Version < least) throw new StoreException($"{this}: found {version}, expected {(IsMariaDb ? "MariaDB" : "MySQL")} {least} or newer", isTransient: false);
    }

    private static MySqlConnectionStringBuilder Parse(string connectionString)
    {
        try { return new(connectionString); }
        catch (ArgumentException exception)
        {
            // The text itself stays out of the message: it may hold the password.
            throw new ArgumentException("metadata connection string: expected \"Server=HOST;Port=3306;User ID=USER;Password=…\"; some part of it is not understood", nameof(connectionString), exception.InnerException);
        }
    }

    private static string AddressOf(MySqlConnectionStringBuilder builder) => string.Create(CultureInfo.InvariantCulture, $"{builder.UserID}@{builder.Server}:{builder.Port}");

    private static Version VersionOf(string text) => Numbers().Match(text.Replace("5.5.5-", "", StringComparison.Ordinal)) is { Success: true } found ? new(found.Value) : new(0, 0);

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?")]
    private static partial Regex Numbers();
}
