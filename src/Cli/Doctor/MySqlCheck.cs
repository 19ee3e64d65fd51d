using System.Globalization;
using System.Net.Sockets;
using Etl.Cli.Settings;
using MySqlConnector;

namespace Etl.Cli.Doctor;

/// <summary>Whether MySQL or MariaDB answers, takes the login, and is fit for what is kept there.</summary>
/// <param name="databases">Those that are written to.</param>
/// <param name="clockMax">How far its clock may be off before work stops; null: it does not.</param>
internal sealed class MySqlCheck(MySqlSettings settings, IReadOnlyList<string> databases, TimeSpan? clockMax, TimeProvider clock) : ICheck
{
    private const string Setting = "Etl__MySql__ConnectionString";

    public string Name => "mysql";

    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancel)
    {
        int seconds = (int)Bounded.AnswerMax.TotalSeconds;
        var options = new MySqlConnectionStringBuilder(settings.Complete) { Database = "", Pooling = false, ConnectionTimeout = (uint)seconds, DefaultCommandTimeout = (uint)seconds };
        string place = $"{options.UserID}@{options.Server}:{options.Port}";
        try
        {
            await using var connection = new MySqlConnection(options.ConnectionString);
            await connection.OpenAsync(cancel);
            return await LookAsync(connection, place, cancel);
        }
        catch (MySqlException error) when (error.ErrorCode == MySqlErrorCode.AccessDenied)
        {
            return [Finding.Fail(Name, $"{place}: the server refused the user or the password", "a login that it takes", $"correct User ID and Password of {Setting} (or Etl__MySql__Password, …PasswordFile); the server may know the user for other hosts only")];
        }
        catch (Exception error) when (error is MySqlException { ErrorCode: MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.CommandTimeoutExpired } or IOException or SocketException or TimeoutException)
        {
            bool isOpen = options.Server is { Length: > 0 } server && !server.Contains(',') && !server.StartsWith('/') && await PortProbe.IsOpenAsync(server, (int)options.Port, clock, cancel);
            return [isOpen
                ? Finding.Away(Name, $"something listens at {place}, but does not answer as MySQL", "MySQL or MariaDB", $"correct Server, Port and SslMode of {Setting}; if it is the server, it hangs, or does not speak TLS as asked")
                : Finding.Away(Name, $"nobody answers at {place}", "a running MySQL or MariaDB", $"start it, or correct Server and Port of {Setting}")];
        }
        catch (MySqlException error)
        {
            return [Finding.Fail(Name, $"{place}: {error.Message.TrimEnd('.')}", "a session", $"mend the server, or {Setting}")];
        }
    }

    private async Task<IReadOnlyList<Finding>> LookAsync(MySqlConnection connection, string place, CancellationToken cancel)
    {
        var facts = await ReadAsync(connection, "select @@global.sql_mode, cast(@@global.read_only as char), date_format(utc_timestamp(6), '%Y-%m-%dT%H:%i:%s.%fZ')", 3, cancel);
        string[] first = facts[0];
        var here = clock.GetUtcNow();
        var grants = await ReadAsync(connection, "show grants", 1, cancel);
        List<Finding> all = [Version(connection.ServerVersion, place), SqlMode(first[0])];
        if (ReadOnly(first[1], place) is { } refused) all.Add(refused);
        all.AddRange(databases.Select(database => Privileges(database, MySqlGrants.Missing([.. grants.Select(grant => grant[0])], database))));
        all.Add(ClockSkew.Judge("mysql clock", DateTimeOffset.Parse(first[2], CultureInfo.InvariantCulture), here, clockMax));
        return all;
    }

    internal static Finding Version(string version, string place)
    {
        bool isMariaDb = version.Contains("MariaDB", StringComparison.OrdinalIgnoreCase);
        var least = isMariaDb ? new Version(10, 6) : new Version(8, 0, 17);
        if (version.StartsWith("5.5.5-", StringComparison.Ordinal)) version = version[6..]; // MariaDB says so to old clients
        string number = string.Concat(version.TakeWhile(letter => char.IsAsciiDigit(letter) || letter == '.')).Trim('.');
        return System.Version.TryParse(number, out var found) && found < least
            ? Finding.Fail("mysql", $"{place}, version {version}", "MariaDB 10.6 or MySQL 8.0.17, or later", "upgrade the server")
            : Finding.Ok("mysql", $"{place}, version {version}");
    }

    /// <param name="value">0, 1 and 2 of MySQL, ON and OFF of MariaDB, NO_LOCK and the like of later ones.</param>
    /// <returns>null where it may be written to.</returns>
    internal static Finding? ReadOnly(string value, string place) => value is "0" or "OFF" ? null
        : Finding.Fail("mysql", $"{place} is read-only", "the server that may be written to", $"name that one in {Setting}, or set global read_only = off");

    internal static Finding SqlMode(string mode) => mode.Contains("STRICT_", StringComparison.OrdinalIgnoreCase)
        ? Finding.Ok("mysql sql_mode", mode)
        : Finding.Warn("mysql sql_mode", $"\"{mode}\": other programs' values are cut to fit without an error (etl's sessions set their own mode)", "STRICT_TRANS_TABLES or STRICT_ALL_TABLES in it", "set global sql_mode = concat(@@global.sql_mode, ',STRICT_TRANS_TABLES'), and in the server's file");

    private static Finding Privileges(string database, IReadOnlyList<string> missing) => missing.Count == 0
        ? Finding.Ok("mysql privileges", $"on {database} all that are needed")
        : Finding.Fail("mysql privileges", $"on {database} the user lacks {string.Join(", ", missing)}", string.Join(", ", MySqlGrants.Needed), $"grant {string.Join(", ", MySqlGrants.Needed)} on `{database}`.* to the user");

    private static async Task<IReadOnlyList<string[]>> ReadAsync(MySqlConnection connection, string sql, int columns, CancellationToken cancel)
    {
        await using var command = new MySqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<string[]>();
        while (await reader.ReadAsync(cancel)) rows.Add([.. Enumerable.Range(0, columns).Select(column => reader.IsDBNull(column) ? "" : reader.GetString(column))]);
        return rows;
    }
}
